"""Sparklines: the course of amounts in the height of a line of text, one row for each of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import FormatText, Number
from renderer.spec.source import ColumnKind

Point = Literal["first", "last", "min", "max"]


class Sparkline(Mark):
    """Amounts (y) along x, without axes, in a row for each name (label), with the last value beside it."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"label": ("category",), "y": ("number",)}
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    kind: Literal["sparkline"]
    label: Channel | None = None
    """The name of each row; without it there is one row."""
    x: Channel | None = None
    """The order of the values: dates, numbers. By default they come as they are."""
    y: Channel
    """The amounts."""
    shape: Literal["line", "area", "bar", "winloss"] = "line"
    """How amounts are drawn; "winloss" only says on which side of zero they are."""
    points: Annotated[tuple[Point, ...], Field(strict=False, max_length=4)] = ("last",)
    """The points that get a dot."""
    band: Annotated[tuple[Number, Number], Field(strict=False)] | None = None
    """The normal range, shaded: [low, high]."""
    share_y: bool = False
    """All rows have one scale; by default each fills its height."""
    values: bool = True
    """The last value, at the end of each row."""
    change: bool = False
    """By how much the last value differs from the first, at the end of each row."""
    format: FormatText | None = None
    """How values are written."""
