"""Points: how two amounts go together; with size, bubbles; with connect, a path; with trend, what they have in
common.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.base import Model
from renderer.spec.channel import Channel
from renderer.spec.errors import did_you_mean, show, suggest
from renderer.spec.mark import XYMark
from renderer.spec.scalars import Between, wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import PointStyle

TrendMethod = Literal["linear", "poly2", "poly3", "log", "loess"]
METHODS: tuple[TrendMethod, ...] = ("linear", "poly2", "poly3", "log", "loess")


class TrendLine(Model):
    """A curve through the points of each colour: "linear", "loess", ..., or an object."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(METHODS)},)

    method: TrendMethod = "linear"
    """A straight line, a polynomial of the second or third degree, a line along the logarithm of x, or a local
    regression."""
    band: bool = True
    """Whether an interval is drawn around it."""
    confidence: Annotated[float, Between(0.5, 0.999)] = 0.95
    """How sure it is that the mean of y lies in the interval."""
    span: Annotated[float, Between(0.1, 1.0)] = 0.75
    """The share of the points that a loess looks at in one place."""
    together: bool = False
    """One curve for the points of all colours."""

    @model_validator(mode="before")
    @classmethod
    def _sugar(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value not in METHODS:
                near = did_you_mean(suggest(value, METHODS)) or f"; there are {', '.join(METHODS)}"
                wrong(f"no trend {show(value)}{near}")
            return {"method": value}
        if not isinstance(value, dict):
            wrong('must be a method such as "linear", or an object such as {"method": "loess"}')
        return value


class Scatter(XYMark):
    """A point for each row, at x and y."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "color": ("number", "category"),
        "size": ("number",),
        "shape": ("category",),
        "connect": ("number", "time", "category"),
    }

    kind: Literal["scatter"]
    style: PointStyle | None = None
    size: Channel | None = None
    """An amount shown as the area of the point."""
    shape: Channel | None = None
    """A column whose categories are told apart by markers."""
    label: Channel | None = None
    """What is written beside the points, where there is room."""
    connect: Channel | None = None
    """The column along which the points of each colour are joined, mostly a time."""
    trend: TrendLine | None = None
    """What the points have in common: "linear", "poly2", "poly3", "log" or "loess"."""
