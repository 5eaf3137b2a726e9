"""Candlesticks: where a price opened and closed, and how far it went in between."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Color
from renderer.spec.source import ColumnKind


class Candlestick(Mark):
    """A period's first, highest, lowest and last price at x; shorter data become longer periods by aggregates, such as
    "week(day)" with "first(open)", "max(high)", "min(low)" and "last(close)"."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "open": ("number",),
        "high": ("number",),
        "low": ("number",),
        "close": ("number",),
    }
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("open", "high", "low", "close")
    on_axes: ClassVar[dict[str, str]] = {"x": "x", "y": "low"}

    each_row: ClassVar[tuple[str, str, str] | None] = (
        "candles",
        "x",
        'make them longer, such as "week(day)" with "first(open)", "max(high)", "min(low)" and "last(close)"',
    )

    kind: Literal["candlestick"]
    x: Channel
    open: Channel
    """The first price of a period."""
    high: Channel
    """The highest."""
    low: Channel
    """The lowest."""
    close: Channel
    """The last."""
    shape: Literal["candle", "hollow", "ohlc"] = "candle"
    """Filled bodies, bodies that are empty where the price rose, or bars with a tick at the left for the first price
    and one at the right for the last."""
    up: Color | None = None
    """The colour of a price that rose."""
    down: Color | None = None
    """The colour of a price that fell."""
    gaps: bool | None = None
    """Whether days without trade keep their width. By default they do not, where all rows are working days."""
