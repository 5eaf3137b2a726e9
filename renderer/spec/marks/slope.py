"""Slopes: how amounts change from one place to the next, named at both ends."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.scalars import Name
from renderer.spec.source import ColumnKind
from renderer.spec.style import LineStyle


class Compared(XYMark):
    """A line for each label, with its name at both ends."""

    one_row_for: ClassVar[tuple[str, ...]] = ("x", "label", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    style: LineStyle | None = None
    label: Channel | None = None
    """What the lines are called; by default the categories of `color`."""
    highlight: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=50)] | None = None
    """The lines that matter, by name: only these are coloured."""


class Slope(Compared):
    """Amounts (y) before and after (x), joined for each label."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("category",),
        "y": ("number",),
        "color": ("category",),
        "label": ("category",),
    }
    explained: ClassVar[tuple[str, ...]] = ()  # named at the ends of its lines

    kind: Literal["slope"]
    values: bool = True
    """Whether the amounts are written at both ends."""
