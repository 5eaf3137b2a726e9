"""Key figures: one number, what it was before, and how it came there."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Amount, Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import FormatText, Label
from renderer.spec.source import ColumnKind


class Kpi(Mark):
    """A large number (value), its change (compare) and its course (trend)."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "value": ("number",),
        "compare": ("number",),
        "trend": ("number",),
    }
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("value", "compare", "trend")
    row_by_row: ClassVar[tuple[str, ...]] = ("x", "trend")

    kind: Literal["kpi"]
    title: Label | None = None
    """What the number is, above it. In the short form this is the title of the chart."""
    x: Channel | None = None
    """What the trend runs along, mostly dates. If the trend is aggregated, rows are grouped by it ("month(day)"), and
    the number is that of the last group."""
    value: Channel
    """The number: an aggregate such as "last(revenue)", or a column, whose last row counts."""
    compare: Amount | None = None
    """What the number is compared with: "first(revenue)", another column, or a number such as a target. Its title is
    written after the change, such as "vs last month"."""
    trend: Channel | None = None
    """A column drawn as a small line below or beside the number."""
    trend_shape: Literal["area", "line", "bar"] = "area"
    """How the trend is drawn."""
    change: Literal["percent", "value", "both"] = "percent"
    """How the difference to what is compared is written."""
    good: Literal["up", "down", "neither"] = "up"
    """Which way is good, and green; costs go down."""
    format: FormatText | None = None
    """How the number is written."""
