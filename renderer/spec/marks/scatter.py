"""Points: how two amounts go together; with size, bubbles."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.source import ColumnKind
from renderer.spec.style import PointStyle


class Scatter(XYMark):
    """A point for each row, at x and y."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "color": ("number", "category"),
        "size": ("number",),
        "shape": ("category",),
    }

    kind: Literal["scatter"]
    style: PointStyle | None = None
    size: Channel | None = None
    """An amount shown as the area of the point."""
    shape: Channel | None = None
    """A column whose categories are told apart by markers."""
