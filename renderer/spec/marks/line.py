"""Lines: how amounts change along an ordered x, mostly time."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.source import ColumnKind
from renderer.spec.style import LineStyle


class Line(XYMark):
    """Amounts (y) joined along x, one line for each colour and dash."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "color": ("category",),
        "dash": ("category",),
    }
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("y",)
    thinned: ClassVar[tuple[str, str] | None] = ("x", "y")

    kind: Literal["line"]
    style: LineStyle | None = None
    dash: Channel | None = None
    """A column whose categories are told apart by dashes."""
    interpolate: Literal["linear", "step", "smooth"] = "linear"
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
    markers: bool | None = None
    """A marker at each point. By default only where points are few."""
    gaps: bool = True
    """Missing values interrupt the line; false joins their neighbours."""
