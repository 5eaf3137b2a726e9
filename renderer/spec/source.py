"""Where rows come from: given with the chart, in one of four shapes, or named, and supplied when it is drawn."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, WrapValidator, model_validator

from renderer.spec.base import Model
from renderer.spec.errors import show
from renderer.spec.scalars import ColumnName, SourceName, wrong

ColumnKind = Literal["number", "category", "time"]


def _as_is(kind: type, example: str) -> WrapValidator:
    """Data is taken as it is: its cells are checked when columns are made of them, once and only where used."""

    def check(value: Any, handler: Any) -> Any:
        if not isinstance(value, kind):
            wrong(f"must be {example}, not {show(value)}")
        return value

    return WrapValidator(check)


INLINE: Final = ("values", "columns", "rows", "csv")
"""The shapes of rows that stand in the document."""
NAMED: Final = ("dataset", "url", "database")
"""Names of rows that are supplied from outside of it."""


class Source(Model):
    """The data of a chart: exactly one of values, columns, rows (with header), csv, dataset, url and database."""

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
    dataset: SourceName | None = None
    """A dataset of the chart's owner by its name, or with a dot in it a dataset function of the operator's."""
    url: Annotated[str, Field(max_length=2000)] | None = None
    """The address of a CSV, JSON or Parquet file, read each time the chart is drawn."""
    database: SourceName | None = None
    """A database that the operator named; 'query' says what is read from it."""
    query: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    """SQL: of a dataset, which it sees as a table of its name, or of a database."""
    params: dict[str, Any] | None = None
    """Parameters of a dataset function, {"store_id": 1}, or of a database's query, where :store_id stands for one."""
    types: dict[str, ColumnKind] = Field(default_factory=dict)
    """What columns are to be read as, where their look misleads: {"zip": "category"}."""

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        given = [name for name in (*INLINE, *NAMED) if getattr(self, name) is not None]
        if not given:
            wrong("there is no data: give one of 'values', 'columns', 'rows' with 'header', 'csv', or 'dataset'")
        if len(given) > 1:
            wrong(f"give only one of {' and '.join(map(repr, given))}", at=given[1])
        if self.rows is not None and self.header is None:
            wrong("'rows' need a 'header': the list of their columns' names", at="header")
        if self.header is not None and self.rows is None:
            wrong("'header' belongs to 'rows'", at="header")
        if self.header is not None and len(set(self.header)) < len(self.header):
            wrong("two columns have the same name", at="header")
        if self.database is not None and self.query is None:
            wrong("'database' needs a 'query': the SELECT that reads from it", at="query")
        if self.query is not None and self.database is None and self.dataset is None:
            wrong("'query' belongs to 'dataset' or 'database'", at="query")
        takes_params = self.database is not None or (self.dataset is not None and "." in self.dataset)
        if self.params is not None and not takes_params:
            wrong("'params' belong to a dataset function, whose name has a dot, or to a database's query", at="params")
        if self.query is not None and self.dataset is not None and "." in self.dataset:
            wrong("a dataset function takes 'params' and no 'query'", at="query")
        return self

    @property
    def named(self) -> bool:
        """Whether its rows come from outside of the document."""
        return any(getattr(self, name) is not None for name in NAMED)
