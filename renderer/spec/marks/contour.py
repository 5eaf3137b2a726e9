"""Contours: lines of equal density of points, or of equal amounts over a plane."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.channel import Channel
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, Checked, check_magnitude, wrong
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import Style


class _Levels(Checked):
    """About how many levels, or all of them in ascending order."""

    most = 30

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            if not 1 <= value <= self.most:
                wrong(f"there are from 1 to {self.most} levels, not {show(value)}")
            return value
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= self.most:
            wrong(f"must be a number of levels or a list of 1 to {self.most} levels, not {show(value)}")
        for place, level in enumerate(value):
            if isinstance(level, bool) or not isinstance(level, int | float):
                wrong(f"must be a number, not {show(level)}", at=str(place))
            check_magnitude(level, limits)
            if place and level <= value[place - 1]:
                wrong("levels ascend, each is above the one before it", at=str(place))
        return tuple(float(level) for level in value)

    def schema(self) -> JsonSchemaValue:
        number = {"type": "number", "minimum": -LIMITS.magnitude, "maximum": LIMITS.magnitude}
        count = {"type": "integer", "minimum": 1, "maximum": self.most}
        return {"anyOf": [count, {"type": "array", "items": number, "minItems": 1, "maxItems": self.most}]}


class ContourStyle(Style):
    """The look of contours."""

    width: Annotated[float, Between(0.25, 20.0)] | None = None
    """Of the lines, in CSS pixels."""


class Contour(Mark):
    """Where points are dense, as the regions that hold given shares of them; or, with an amount as colour, where it
    is equally large.
    """

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("number", "time"),
        "y": ("number", "time"),
        "color": ("number", "category"),
    }

    kind: Literal["contour"]
    x: Channel
    y: Channel
    color: ShadeChannel | None = None
    """An amount at each x and y (on a grid, or anywhere: it is interpolated between); or categories, whose densities
    are drawn each by itself; or nothing, for the density of all points."""
    shape: Literal["filled", "lines"] = "filled"
    levels: Annotated[int | tuple[float, ...], _Levels()] | None = None
    """About how many, or a list: of amounts, or for densities of shares, such as [0.5, 0.9] for the regions that hold
    a half and nine tenths of the points."""
    bandwidth: Annotated[float, Between(0.1, 10.0)] = 1.0
    """Of densities: how smooth they are, as a multiple of the usual (Scott's rule)."""
    style: ContourStyle | None = None
