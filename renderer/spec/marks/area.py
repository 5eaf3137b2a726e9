"""Areas: amounts along an ordered x as filled shapes, on each other or in front of each other."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.scalars import wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import EdgeStyle


class Area(XYMark):
    """Amounts (y) along x, filled down to zero, to the colour below, or to a lower edge (low)."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "low": ("number",),
        "color": ("category",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("y", "low")

    kind: Literal["area"]
    style: EdgeStyle | None = None
    low: Channel | None = None
    """The lower edge, where the area does not stand on zero: y is its upper edge."""
    stack: Literal["stacked", "normalized", "center", "overlay"] = "stacked"
    """How areas of several colours share the chart: on each other, as shares of 100 %, on each other around a middle
    line, or in front of each other."""
    interpolate: Literal["linear", "step", "smooth"] = "linear"
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
    line: bool | None = None
    """A line along the upper edge. By default only where areas do not stand on each other."""

    @model_validator(mode="after")
    def _low_or_stack(self) -> Self:
        if self.low is not None and self.stack in ("normalized", "center"):
            wrong(f"areas with a lower edge of their own ('low') cannot be {self.stack}", at="stack")
        return self
