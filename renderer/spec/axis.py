"""Axes: their scale, limits, ticks and titles."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.scalars import PARAM, Checked, FormatText, Label, Position, check_scalar, wrong

ScaleName = Literal["auto", "linear", "log", "symlog", "sqrt", "time", "category"]


class _Ticks(Checked):
    """About how many ticks, or the places of all of them."""

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value <= limits.ticks:
                wrong(f"an axis has from 0 to {limits.ticks} ticks, not {show(value)}")
            return value
        if not isinstance(value, list | tuple):
            wrong(f"must be a number of ticks or a list of their places, not {show(value)}")
        if len(value) > limits.ticks:
            wrong(f"an axis has at most {limits.ticks} ticks, not {len(value)}")
        return tuple(check_scalar(place, limits, at=str(index)) for index, place in enumerate(value))

    def schema(self) -> JsonSchemaValue:
        count = {"type": "integer", "minimum": 0, "maximum": LIMITS.ticks}
        places = {"type": "array", "items": {"type": ["number", "string", "boolean"]}, "maxItems": LIMITS.ticks}
        return {"anyOf": [count, places]}


Ticks = Annotated[int | tuple[bool | int | float | str, ...], _Ticks()]


class Axis(Model):
    """One axis. It belongs to its channel: `axes.x` is the axis of x, also where bars lie and x runs upwards."""

    title: Label | None = None
    """Beside the axis; "" for none. By default the name of what is shown."""
    scale: ScaleName = "auto"
    min: Position | None = None
    """The first value shown: a number, a date on a time axis, or a parameter's, such as "$since"."""
    max: Position | None = None
    """The last value shown."""
    zero: bool | None = None
    """Whether zero must be in sight. By default it is for bars and is not for lines and points."""
    reverse: bool = False
    """Run from high to low."""
    format: FormatText | None = None
    """How tick labels are written."""
    ticks: Ticks | None = None
    """About how many, or a list of their places."""
    grid: bool | None = None
    """Lines across the chart at the ticks. By default only for values."""
    hide: bool = False
    """No ticks, labels and title."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        problem = order_problem(self)
        if problem is not None:
            wrong(problem[1], at=problem[0])
        return self


def order_problem(axis: Axis) -> tuple[str, str] | None:
    """What is wrong with the limits of an axis: the field and a sentence. What a parameter holds is known later."""
    low, high = axis.min, axis.max
    unknown = any(isinstance(end, str) and PARAM.fullmatch(end) for end in (low, high))
    if isinstance(low, str) != isinstance(high, str) and low is not None and high is not None and not unknown:
        return "max", "'min' and 'max' must both be numbers or both be dates"
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        return "max", "'max' must be above 'min'; to turn an axis round, use \"reverse\": true"
    if axis.scale == "log":
        for name, value in (("min", low), ("max", high)):
            if isinstance(value, float) and value <= 0:
                return name, "a log scale shows positive values only"
    return None


class Axes(Model):
    """The axes of a panel."""

    x: Axis = Field(default_factory=Axis)
    y: Axis = Field(default_factory=Axis)
    right: Axis | None = None
    """The second axis of y, for the layers that say `"y_axis": "right"`."""

    def of_side(self, side: Literal["left", "right"]) -> Axis:
        """The axis of y on one side."""
        return self.y if side == "left" else self.right or Axis()
