"""Timelines: what happened when, in words."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.source import ColumnKind
from renderer.spec.style import PointStyle


class Timeline(Mark):
    """A point on a line for each event, with its label at a pole; from start to end, a period."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "start": ("time", "number"),
        "end": ("time", "number"),
        "label": ("category",),
        "color": ("category",),
    }
    may_miss: ClassVar[tuple[str, ...]] = ("end", "label")
    on_axes: ClassVar[dict[str, str]] = {"x": "start", "y": "label"}

    each_row: ClassVar[tuple[str, str, str] | None] = ("events", "start", "keep those that matter with a filter")

    kind: Literal["timeline"]
    start: Channel
    """When it happened, or began."""
    label: Channel
    """What happened."""
    end: Channel | None = None
    """When it ended, if it lasted."""
    color: ColorChannel | None = None
    style: PointStyle | None = None
    dates: bool = True
    """Whether the labels tell the dates, too."""
