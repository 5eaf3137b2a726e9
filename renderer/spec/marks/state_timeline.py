"""State timelines: which state each of several things was in, and when."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Position
from renderer.spec.source import ColumnKind


class StateTimeline(Mark):
    """A line for each row, in the colour of its state from start to end."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "row": ("category",),
        "start": ("time", "number"),
        "end": ("time", "number"),
        "state": ("category",),
    }
    may_miss: ClassVar[tuple[str, ...]] = ("end",)
    on_axes: ClassVar[dict[str, str]] = {"x": "start", "y": "row"}
    explained: ClassVar[tuple[str, ...]] = ("state",)

    kind: Literal["state_timeline"]
    row: Channel
    """What has the states: machines, jobs, rooms."""
    start: Channel
    """When a state begins."""
    state: ColorChannel
    """What the state is."""
    end: Channel | None = None
    """Without it, a state lasts until the next one of its row."""
    until: Position | None = None
    """The end of the last states that have none; by default the last moment of the data."""
    labels: bool = True
    """Whether the names of the states are written in the lines, where they fit."""
