"""Channels: which column a mark's property is taken from, and how it is grouped, binned and sorted."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.scalars import (
    Between,
    Checked,
    Color,
    ColumnName,
    FormatText,
    Label,
    Name,
    Number,
    Palette,
    Scalar,
    check_scalar,
    wrong,
)

Aggregate = Literal[
    "count", "distinct", "sum", "mean", "median", "min", "max", "first", "last", "std", "var", "stderr",
    "p05", "p10", "p25", "p75", "p90", "p95", "p99",
]  # fmt: skip
Unit = Literal[
    "year", "quarter", "month", "week", "day", "hour", "minute", "second",
    "month_of_year", "weekday", "day_of_month", "hour_of_day",
]  # fmt: skip
AGGREGATES: Final[tuple[Aggregate, ...]] = get_args(Aggregate)
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
AGGREGATES_ELSEWHERE: Final = {
    "average": "mean", "avg": "mean", "dc": "distinct", "nunique": "distinct", "p50": "median",
    "stdev": "std", "total": "sum", "variance": "var",
}  # fmt: skip
"""What other chart libraries call aggregates."""
CYCLES: Final[tuple[Unit, ...]] = ("month_of_year", "weekday", "day_of_month", "hour_of_day")
"""The units that come round again; their values are categories in the order of the calendar."""

_CALL: Final = re.compile(r"(?P<verb>[a-z_0-9]{2,20})\((?P<field>.*)\)", re.DOTALL)


def read_shorthand(text: str) -> dict[str, Any]:
    """'sum(revenue)' as {"agg": "sum", "field": "revenue"}, 'month(day)' with its unit, anything else as a field."""
    if call := _CALL.fullmatch(text):
        verb, field = call["verb"], call["field"].strip()
        if verb in AGGREGATES:
            return {"agg": verb, "field": field} if field else {"agg": verb}
        if verb in UNITS:
            return {"unit": verb, "field": field}
    return {"field": text}


class Bin(Model):
    """Numbers grouped into intervals of one width."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (
        {"const": True},
        {"type": "integer", "minimum": 1, "maximum": LIMITS.bins},
    )

    count: Annotated[int, Between(1, LIMITS.bins)] | None = None
    """About how many bins; their limits are round numbers."""
    step: Annotated[float, Between(1e-12, 1e12)] | None = None
    """The width of a bin; wins over count."""

    @model_validator(mode="before")
    @classmethod
    def _sugar(cls, value: Any) -> Any:
        if value is True:
            return {}
        if isinstance(value, int) and not isinstance(value, bool):
            return {"count": value}
        if not isinstance(value, dict):
            wrong('must be true, a number of bins, or an object such as {"step": 5}')
        return value


class _SortOrder(Checked):
    most = 1000

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, str):
            return check_scalar(value, limits)
        if not isinstance(value, list | tuple):
            wrong(f'must be "asc", "desc", "data", a column such as "-price", or a list of values, not {show(value)}')
        if len(value) > self.most:
            wrong(f"at most {self.most} values can be put in order by hand, not {len(value)}")
        return tuple(check_scalar(item, limits, at=str(place)) for place, item in enumerate(value))

    def schema(self) -> JsonSchemaValue:
        items = {"type": ["number", "string", "boolean"]}
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": items, "maxItems": self.most}]}


SortOrder = Annotated[str | tuple[bool | int | float | str, ...], _SortOrder()]


class Channel(Model):
    """One property of a mark, taken from a column: "revenue", "sum(revenue)", "month(day)", or an object."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string", "minLength": 1},)

    field: ColumnName | None = None
    """The column's name."""
    value: Scalar | None = None
    """The same value for all rows, instead of a column."""
    agg: Aggregate | None = None
    """How the rows that share all other channels become one value."""
    unit: Unit | None = None
    """Dates cut to the start of this unit, or turned into a place in a cycle (month_of_year, weekday, ...)."""
    bin: Bin | None = None
    """Numbers grouped into bins: true, a number of bins, or {"step": 5}."""
    type: Literal["number", "category", "time"] | None = None
    """Read the column as this, whatever it looks like."""
    sort: SortOrder | None = None
    """The order of categories: "asc", "desc", "data" (as they come), a channel or column ("y", "-y", "-sum(price)"),
    or a list of values to put first."""
    top: Annotated[int, Between(1, 1000)] | None = None
    """Keep only so many categories: those with the largest total."""
    other: Label | None = None
    """The name of one more category that collects what `top` leaves out."""
    title: Label | None = None
    """The name in axis titles, legends and tables."""
    format: FormatText | None = None
    """How its values are written, such as "compact", ",.1f" or "%b %Y"."""

    _shorthand: str | None = PrivateAttr(default=None)

    @property
    def shorthand(self) -> str | None:
        """The text that this channel was written as, if it was; a column of that very name wins over its meaning."""
        return self._shorthand

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            channel = handler(read_shorthand(value))
            channel._shorthand = value
            return channel
        if not isinstance(value, dict):
            wrong(f'must be a column\'s name or an object such as {{"field": "price"}}, not {show(value)}')
        return handler(value)

    def of_rows(self) -> Self:
        """The channel of the rows themselves, whose aggregate this one is."""
        changed = self.model_copy(update={"agg": None})
        changed._shorthand = None
        return changed

    def sorted_by(self, order: str | tuple[bool | int | float | str, ...]) -> Self:
        """The channel with another order of its categories."""
        changed = self.model_copy(update={"sort": order})
        changed._shorthand = self._shorthand
        return changed

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.field is not None and self.value is not None:
            wrong("give 'field' or 'value', not both", at="value")
        if self.field is None and self.value is None and self.agg != "count":
            wrong("'field' is required: the name of a column")
        if self.agg and (self.unit or self.bin):
            wrong("'agg' gives a value to each group, 'unit' and 'bin' make groups: use one or the other", at="agg")
        if self.unit and self.bin:
            wrong("'unit' and 'bin' exclude each other", at="bin")
        if self.other is not None and self.top is None:
            wrong("'other' needs 'top'", at="other")
        return self

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self) if self._shorthand is None else self._shorthand


def _read_amount(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"value": value} if is_number else value


Amount = Annotated[Channel, BeforeValidator(_read_amount, json_schema_input_type=float | Channel)]
"""A channel of numbers that may be written as one number: a target, a maximum."""


class ColorChannel(Channel):
    """A channel that is shown as colour: categories by hue, numbers along a ramp."""

    palette: Palette | None = None
    """A palette's name, or a list of colours."""
    map: Annotated[dict[Name, Color], Field(min_length=1, max_length=200)] | None = None
    """The colour of each category, by its name."""
    midpoint: Number | None = None
    """The value in the middle of a diverging palette."""
    legend: Literal["auto", "direct", "right", "top", "bottom", "none"] = "auto"
    """Where the colours are explained; "direct" puts names beside the marks."""
