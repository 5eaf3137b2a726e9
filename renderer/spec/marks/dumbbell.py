"""Dumbbells: two or more amounts of each category, and how far they are apart."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption, LineStyle


class Dumbbell(XYMark):
    """Points at the amounts (y) of each category (x), joined by a line; told apart by `color`, or in the two columns
    y and y2."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "y2": ("number",),
        "color": ("category",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y", "y2")

    each_row: ClassVar[tuple[str, str, str] | None] = ("rows", "x", "keep the largest with 'top'")

    kind: Literal["dumbbell"]
    style: LineStyle | None = None
    y2: Channel | None = None
    """The other end, where it is in a column of its own."""
    horizontal: bool | None = None
    """Lines lie, and x runs down the side. By default they do where x holds categories."""
    labels: LabelsOption = None
    """Amounts written beyond the ends, or "inside" between them."""
