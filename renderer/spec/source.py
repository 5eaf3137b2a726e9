"""Where rows come from: given with the chart, in one of four shapes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, WrapValidator, model_validator

from renderer.spec.base import Model
from renderer.spec.errors import show
from renderer.spec.scalars import ColumnName, wrong

ColumnKind = Literal["number", "category", "time"]


def _as_is(kind: type, example: str) -> WrapValidator:
    """Data is taken as it is: its cells are checked when columns are made of them, once and only where used."""

    def check(value: Any, handler: Any) -> Any:
        if not isinstance(value, kind):
            wrong(f"must be {example}, not {show(value)}")
        return value

    return WrapValidator(check)


class Source(Model):
    """The data of a chart: exactly one of values, columns, rows (with header) and csv."""

    values: (
        Annotated[list[dict[str, Any]], _as_is(list, 'a list of objects such as [{"day": "Mon", "sold": 3}]')] | None
    ) = None
    """One object for each row."""
    columns: Annotated[dict[str, list[Any]], _as_is(dict, 'an object of lists such as {"sold": [3, 5]}')] | None = None
    """One list for each column."""
    rows: Annotated[list[list[Any]], _as_is(list, 'a list of lists such as [["Mon", 3]]')] | None = None
    """One list for each row, in the order of header."""
    header: Annotated[tuple[ColumnName, ...], Field(strict=False, min_length=1)] | None = None
    """The names of the columns of rows."""
    csv: Annotated[str, _as_is(str, "a text of comma-separated values with a header line")] | None = None
    """Comma-separated text, the first line names the columns."""
    types: dict[str, ColumnKind] = Field(default_factory=dict)
    """What columns are to be read as, where their look misleads: {"zip": "category"}."""

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        given = [name for name in ("values", "columns", "rows", "csv") if getattr(self, name) is not None]
        if not given:
            wrong("there is no data: give one of 'values', 'columns', 'rows' with 'header', or 'csv'")
        if len(given) > 1:
            wrong(f"give only one of {' and '.join(map(repr, given))}", at=given[1])
        if self.rows is not None and self.header is None:
            wrong("'rows' need a 'header': the list of their columns' names", at="header")
        if self.header is not None and self.rows is None:
            wrong("'header' belongs to 'rows'", at="header")
        if self.header is not None and len(set(self.header)) < len(self.header):
            wrong("two columns have the same name", at="header")
        return self
