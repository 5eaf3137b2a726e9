"""Bars: one amount for each category, stacked, side by side, as shares, or as lollipops."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.mark import XYMark
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption


class Bar(XYMark):
    """Amounts (y) by category, time or bin (x), split by colour."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"y": ("number",), "color": ("category",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    kind: Literal["bar"]
    stack: Literal["stacked", "grouped", "normalized", "overlay", "diverging"] = "stacked"
    """How bars of several colours share one place: on each other, side by side, as shares of 100 %, in front of each
    other, or from a middle line to both sides."""
    horizontal: bool | None = None
    """Bars lie, and x runs upwards. By default they lie where the names of categories are long."""
    shape: Literal["bar", "lollipop"] = "bar"
    labels: LabelsOption = None
    """Values written on the bars."""
