"""Progress bars: how far each of some amounts has come."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Amount, Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import FormatText
from renderer.spec.source import ColumnKind


class Progress(Mark):
    """A bar for each name (label), filled up to its value."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "label": ("category",),
        "value": ("number",),
        "max": ("number",),
        "target": ("number",),
        "color": ("category",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value", "target")

    kind: Literal["progress"]
    label: Channel | None = None
    """The name of each bar; without it there is one bar."""
    value: Channel
    """How far it has come."""
    max: Amount | None = None
    """What is complete: a number for all, or a column; 1 by default."""
    target: Amount | None = None
    """A mark across each bar: where it should be."""
    color: ColorChannel | None = None
    """Categories of bars, such as their state."""
    shape: Literal["round", "square"] = "round"
    """How bars end."""
    show: Literal["percent", "value", "both", "none"] = "percent"
    """What is written at the end of each bar: the part of what is complete, the value, or both."""
    format: FormatText | None = None
    """How values are written."""
