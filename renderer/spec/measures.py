"""Measures: how many rows become one value, as "sum(revenue)" or as an object."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args

from pydantic import ModelWrapValidatorHandler, model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.channel import AGGREGATES, AGGREGATES_ELSEWHERE, Aggregate
from renderer.spec.errors import did_you_mean, listed, show, suggest
from renderer.spec.scalars import Between, ColumnName, wrong

RowFunction = Literal["row_number", "rank", "dense_rank", "lag", "lead"]
WindowFunction = Literal[Aggregate, RowFunction]
ROW_FUNCTIONS: Final[tuple[RowFunction, ...]] = get_args(RowFunction)
_NEEDS_FIELD: Final = frozenset(AGGREGATES) - {"count"} | {"lag", "lead"}
_CALL: Final = re.compile(r"([A-Za-z_0-9]{2,20})\((.*)\)", re.DOTALL)
_ROWS: Final = re.compile(r"(.*), ?([0-9]{1,6})", re.DOTALL)
_ROW_FUNCTIONS_ELSEWHERE: Final = {
    "shift": "lag", "previous": "lag", "next": "lead", "rownumber": "row_number", "cumsum": "sum", "cummax": "max",
}  # fmt: skip


class Measure(Model):
    """One value of many rows: "sum(revenue)", "count()", or an object."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string", "minLength": 1},)
    known: ClassVar[tuple[str, ...]] = AGGREGATES

    agg: Aggregate
    """How the rows become one value."""
    field: ColumnName | None = None
    """The column whose values are taken; "count" without one counts rows."""

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, str):
            return handler(cls.read(value))
        if not isinstance(value, dict | cls):
            wrong(f"must be an aggregate such as 'sum(revenue)', not {show(value)}")
        return handler(value)

    @classmethod
    def read(cls, text: str) -> dict[str, Any]:
        """The object that a short form stands for."""
        call = _CALL.fullmatch(text[:300])
        if call is None:
            wrong(f"must be an aggregate such as {show(f'sum({text[:20]})')}, not {show(text)}")
        verb, field = call[1], call[2].strip()
        if verb not in cls.known:
            other = AGGREGATES_ELSEWHERE.get(verb.lower()) or _ROW_FUNCTIONS_ELSEWHERE.get(
                verb.lower().replace("_", "")
            )
            near = [other] if other in cls.known else suggest(verb, cls.known)
            hint = did_you_mean([f"{near[0]}({field})"] if near else [])
            wrong(f"no aggregate {show(verb)}{hint or f'; there are {listed(cls.known, most=30)}'}")
        return {"agg": verb, "field": field} if field else {"agg": verb}

    @model_validator(mode="after")
    def _has_field(self) -> Self:
        if self.field is None and self.agg in _NEEDS_FIELD:
            wrong(f"'{self.agg}' needs a column, such as '{self.agg}(price)'")
        return self


class WindowMeasure(Measure):
    """One value of the rows around a row: an aggregate, "lag(price)", "lead(price, 7)", "row_number()", "rank()"."""

    known: ClassVar[tuple[str, ...]] = (*AGGREGATES, *ROW_FUNCTIONS)

    agg: WindowFunction  # type: ignore[assignment]  # wider than that of a group, which nothing relies upon
    """How the rows become one value, or which row's value it is."""
    rows: Annotated[int, Between(1, 1_000_000)] | None = None
    """For lag and lead: how many rows before, or after; by default 1."""

    @classmethod
    def read(cls, text: str) -> dict[str, Any]:
        """The object that a short form stands for; a number behind the column is that of the rows."""
        found = super().read(text)
        if found["agg"] in ("lag", "lead") and (ahead := _ROWS.fullmatch(found.get("field", ""))):
            return found | {"field": ahead[1].strip(), "rows": int(ahead[2])}
        return found

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.rows is not None and self.agg not in ("lag", "lead"):
            wrong("'rows' belongs to 'lag' and 'lead'; a number of rows to look at is the window's 'frame'", at="rows")
        if self.field is not None and self.agg in ("row_number", "rank", "dense_rank"):
            wrong(f"'{self.agg}' takes no column; it follows the window's 'order'", at="field")
        return self
