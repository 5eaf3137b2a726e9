"""Gantt charts: which tasks run when, and how far they are."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Position
from renderer.spec.source import ColumnKind


class Gantt(Mark):
    """A bar for each row, from its start to its end, in the line of its task; without an end, a milestone."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "task": ("category",),
        "start": ("time", "number"),
        "end": ("time", "number"),
        "progress": ("number",),
        "group": ("category",),
        "color": ("category",),
    }
    may_miss: ClassVar[tuple[str, ...]] = ("end", "progress", "label")
    on_axes: ClassVar[dict[str, str]] = {"x": "start", "y": "task"}

    kind: Literal["gantt"]
    task: Channel
    """What is done; tasks stand in the order of the data, or of the channel's `sort`, such as "start"."""
    start: Channel
    """The moment at which it starts."""
    end: Channel | None = None
    """The moment at which it ends; a date is the moment at which that day begins."""
    progress: Channel | None = None
    """The share that is done, from 0 to 1."""
    group: Channel | None = None
    """What the tasks are grouped under."""
    color: ColorChannel | None = None
    label: Channel | None = None
    """What is written on the bars, or beside them."""
    today: Position | None = None
    """A line through the chart at this moment."""
