"""Choosing a scale: its domain, its ticks and their labels, from what the layers cover and what the author asks.

The arithmetic of ticks is matplotlib's; limits end on a tick, but for those that the author fixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator

from renderer.drawing.extent import Extent
from renderer.drawing.numerals import power_of_ten
from renderer.drawing.scales import (
    CategoryScale,
    LogScale,
    Scale,
    SessionScale,
    SqrtScale,
    SymlogScale,
    Tick,
    TimeScale,
)
from renderer.drawing.scene import Floats
from renderer.drawing.writing import Writer

ScaleName = Literal["auto", "linear", "log", "symlog", "sqrt", "time", "category"]
_LEAST = 1e-290  # numbers below it are zero: the arithmetic of ticks runs out of digits there
_STEPS = (1, 2, 2.5, 5, 10)
_WHOLE_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the author asks of an axis."""

    scale: ScaleName = "auto"
    low: float | None = None
    high: float | None = None
    zero: bool | None = None
    reverse: bool = False
    format: str | None = None
    ticks: int | tuple[float | str, ...] | None = None


class ScaleError(ValueError):
    """Data that a scale cannot show; str() is the sentence for its author."""


def fit(extent: Extent, wishes: Wishes, count: int, writer: Writer) -> Scale:
    """The scale for what the layers cover and the author asks, with about ``count`` ticks.

    Raises ScaleError where they do not go together, such as a log scale for values that are all negative.
    """
    if extent.type == "category":
        return _category(extent, wishes)
    if extent.type == "time":
        return _time(extent, wishes, count, writer)
    match wishes.scale:
        case "log":
            return _log(extent, wishes, count, writer)
        case "symlog" | "sqrt":
            return _curved(extent, wishes, count, writer)
        case _:
            pass
    low, high = _shown(extent, wishes)
    if not extent.nice or isinstance(wishes.ticks, tuple):
        low, high = _fixed(*_aired(low, high, extent.air), wishes)
        ticks = _numbers(low, high, count, wishes)
    else:
        # Limits end on a tick, but for those that the author fixed. Often that is all the air that is needed.
        first, last = _fixed(low, high, wishes)
        ticks = _numbers(first, last, count, wishes, nice=True)
        aired = _aired(low, high, extent.air)
        if len(ticks) > 1 and (ticks[0] > aired[0] or ticks[-1] < aired[1]):
            first, last = _fixed(*aired, wishes)
            ticks = _numbers(first, last, count, wishes, nice=True)
        low = ticks[0] if wishes.low is None and len(ticks) > 1 else first
        high = ticks[-1] if wishes.high is None and len(ticks) > 1 else last
    return Scale(low=low, high=high, ticks=_ticks(ticks, low, high, wishes, writer, extent), reverse=wishes.reverse)


def _shown(extent: Extent, wishes: Wishes) -> tuple[float, float]:
    """What a linear axis shows at least: the data, and zero where it has to be in sight."""
    low, high = extent.low, extent.high
    if extent.zero if wishes.zero is None else wishes.zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if max(abs(low), abs(high)) < _LEAST:
        low = high = 0.0
    return _opened(low, high, anchored=extent.anchored)


def domain(extent: Extent, wishes: Wishes) -> tuple[float, float]:
    """What a linear axis without limits of its author's shows at least, with the room beside the outermost points."""
    low, high = _aired(*_shown(extent, wishes), extent.air)
    return low, high


def _opened(low: float, high: float, *, anchored: bool) -> tuple[float, float]:
    """A domain that is never empty: for one single value its neighbourhood, or, for bars, what reaches to zero."""
    if low != high:
        return low, high
    if low == 0:
        return 0.0, 1.0
    if anchored:
        return min(low, 0.0), max(high, 0.0)
    half = abs(low) * 0.1
    return low - half, high + half


def _aired(low: float, high: float, air: float) -> tuple[float, float]:
    """Room beside the outermost points; it never carries an axis beyond zero, for there are no negative weights."""
    room = high * air - low * air
    return (
        max(low - room, 0.0) if low >= 0 else low - room,
        min(high + room, 0.0) if high <= 0 else high + room,
    )


def _fixed(low: float, high: float, wishes: Wishes) -> tuple[float, float]:
    """The author's limits; the other end keeps its place, or gives way where it lies on the wrong side."""
    if wishes.low is not None:
        low = wishes.low
        high = high if high > low else low + (abs(low) or 1.0)
    if wishes.high is not None:
        high = wishes.high
        low = low if low < high else high - (abs(high) or 1.0)
    return low, high


def _wanted(wishes: Wishes, count: int) -> int:
    return max(1, min(wishes.ticks, 100)) if isinstance(wishes.ticks, int) else count


def _numbers(low: float, high: float, count: int, wishes: Wishes, *, nice: bool = False) -> list[float]:
    if isinstance(wishes.ticks, tuple):
        return sorted(float(place) for place in wishes.ticks if isinstance(place, int | float))
    if wishes.ticks == 0:
        return []
    # In units of a power of ten near the span: matplotlib's arithmetic of ticks fails near the ends of float64.
    unit = 10.0 ** math.floor(math.log10(max(abs(low), abs(high), 1e-300)))
    unit = unit if unit > 1e100 or unit < 1e-100 else 1.0
    wanted = max(1, _wanted(wishes, count))
    found: list[float] = []
    # A tick or two more than wished, where that leaves less of the axis empty.
    for more in range(3 if nice and not isinstance(wishes.ticks, int) else 1):
        places = [float(place) for place in _locator(wanted + more).tick_values(low / unit, high / unit)]
        if len(places) > 1 and not (places[1] - places[0]).is_integer():
            # 25 by 25 is easy to read, 2.5 by 2.5 is not.
            plain = _locator(wanted + more, quarters=False).tick_values(low / unit, high / unit)
            places = [float(place) for place in plain]
        if not found or places[-1] - places[0] <= (found[-1] - found[0]) * 0.9:
            found = places
    return [place * unit for place in found]


@lru_cache(maxsize=128)
def _locator(count: int, *, quarters: bool = True) -> MaxNLocator:
    # Kept, since a locator checks its steps for as long as it takes to find ticks.
    return MaxNLocator(nbins=count, steps=_STEPS if quarters else _WHOLE_STEPS)


def _ticks(
    places: Sequence[float], low: float, high: float, wishes: Wishes, writer: Writer, extent: Extent
) -> tuple[Tick, ...]:
    slack = (high / 2 - low / 2) * 2e-9
    shown = [0.0 if abs(place) <= slack else place for place in places if low - slack <= place <= high + slack]
    style = wishes.format or ("percent" if extent.percent else None)
    written = writer.numbers([abs(place) for place in shown] if extent.absolute else shown, style, exact=True)
    return tuple(map(Tick, shown, written))


def _log(extent: Extent, wishes: Wishes, count: int, writer: Writer) -> Scale:
    low = wishes.low if wishes.low is not None and wishes.low > 0 else extent.positive
    high = wishes.high if wishes.high is not None else extent.high
    if math.isnan(low) or high <= 0:
        raise ScaleError("a log scale shows positive values only, and there are none")
    if high <= low:
        low, high = low / 2, low * 2
    decades = math.log10(high) - math.log10(low)
    if isinstance(wishes.ticks, tuple) or decades < 0.9:
        places = _numbers(low, high, count, wishes)
        places = [place for place in places if place > 0]
        if wishes.low is None and places and places[0] <= low and not isinstance(wishes.ticks, tuple):
            low = places[0]
        if wishes.high is None and places and places[-1] >= high and not isinstance(wishes.ticks, tuple):
            high = places[-1]
    else:
        subs = (1.0, 2.0, 5.0) if decades * 3 <= _wanted(wishes, count) + 1 else (1.0,)
        places = [
            sub * 10.0**exponent
            for exponent in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
            for sub in subs
            if -300 < exponent < 301
        ]
        low = max((place for place in places if place <= low * (1 + 1e-9)), default=low) if wishes.low is None else low
        high = (
            min((place for place in places if place >= high * (1 - 1e-9)), default=high)
            if wishes.high is None
            else high
        )
        if len(subs) == 1:
            locator = LogLocator(base=10, subs=(1.0,), numticks=max(2, _wanted(wishes, count)))
            places = [float(place) for place in locator.tick_values(low, high)]
    shown = [place for place in places if low * (1 - 1e-9) <= place <= high * (1 + 1e-9)]
    return LogScale(
        low=low, high=high, reverse=wishes.reverse, ticks=tuple(map(Tick, shown, _log_labels(shown, wishes, writer)))
    )


def _log_labels(places: Sequence[float], wishes: Wishes, writer: Writer) -> list[str]:
    """1,000 where that is short, 10⁶ where it is not; never markup."""
    if wishes.format or not places:
        return writer.numbers(places, wishes.format, exact=True)
    if min(places) > 1e-4 and max(places) < 1e6:
        # Each with its own decimals: 0.01, 0.1, 1, 10.
        return [writer.numbers([place], exact=True)[0] for place in places]
    if all(abs(math.log10(abs(place)) - round(math.log10(abs(place)))) < 1e-9 for place in places if place):
        return [
            "0" if not place else ("−" if place < 0 else "") + power_of_ten(round(math.log10(abs(place))))
            for place in places
        ]
    return [writer.numerals.scientific(place, 3) for place in places]


def _curved(extent: Extent, wishes: Wishes, count: int, writer: Writer) -> Scale:
    low, high = extent.low, extent.high
    if extent.zero if wishes.zero is None else wishes.zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if max(abs(low), abs(high)) < _LEAST:
        low = high = 0.0
    low, high = _fixed(*_opened(low, high, anchored=extent.anchored), wishes)
    if wishes.scale == "sqrt":
        ticks = _numbers(low, high, count + 2, wishes)
        if extent.nice and len(ticks) > 1 and not isinstance(wishes.ticks, tuple):
            low, high = (
                ticks[0] if wishes.low is None and ticks[0] <= low else low,
                ticks[-1] if wishes.high is None and ticks[-1] >= high else high,
            )
        return SqrtScale(
            low=low, high=high, reverse=wishes.reverse, ticks=_ticks(ticks, low, high, wishes, writer, extent)
        )
    largest = max(abs(low), abs(high))
    # Four decades of powers of ten are told apart; what is nearer to zero than that is the linear part.
    threshold = 10.0 ** max(-300, math.floor(math.log10(largest)) - 3)
    if not math.isnan(extent.positive) and low >= 0:
        threshold = max(threshold, 10.0 ** math.floor(math.log10(extent.positive)))
    threshold = min(threshold, largest)
    powers = [10.0**exponent for exponent in range(round(math.log10(threshold)), math.ceil(math.log10(largest)) + 1)]
    places = [-power for power in reversed(powers)] + [0.0] + powers
    if isinstance(wishes.ticks, tuple):
        shown = _numbers(low, high, count, wishes)
    else:
        low = (
            low if wishes.low is not None or low >= 0 else max((place for place in places if place <= low), default=low)
        )
        high = (
            high
            if wishes.high is not None or high <= 0
            else min((place for place in places if place >= high), default=high)
        )
        shown = [place for place in places if low <= place <= high]
        while len(shown) > max(3, _wanted(wishes, count)):
            middle = shown.index(0.0) if 0.0 in shown else 0
            shown = [place for index, place in enumerate(shown) if (index - middle) % 2 == 0]
    labels = _log_labels(shown, wishes, writer)
    return SymlogScale(
        low=low, high=high, threshold=threshold, reverse=wishes.reverse, ticks=tuple(map(Tick, shown, labels))
    )


def _time(extent: Extent, wishes: Wishes, count: int, writer: Writer) -> Scale:
    low, high = extent.low, extent.high
    if low == high:
        low, high = low - 0.5, high + 0.5
    else:
        room = (high - low) * extent.air
        low, high = low - room, high + room
    low, high = _fixed(low, high, wishes)
    if isinstance(wishes.ticks, tuple):
        places = np.array(sorted(float(place) for place in wishes.ticks if isinstance(place, int | float)))
        places = places[(places >= low) & (places <= high)]
    elif wishes.ticks == 0:
        places = np.empty(0)
    else:
        places = writer.calendar.ticks(low, high, _wanted(wishes, count))
    if extent.sessions:
        return _sessions(extent, low, high, places, wishes, writer)
    if wishes.format:
        labels = [(text, "") for text in writer.dates(places.tolist(), wishes.format)]
    else:
        labels = writer.calendar.labels(places.tolist())
    ticks = tuple(Tick(place, line, below) for place, (line, below) in zip(places.tolist(), labels, strict=True))
    return TimeScale(low=low, high=high, ticks=ticks, reverse=wishes.reverse)


def _sessions(extent: Extent, low: float, high: float, places: Floats, wishes: Wishes, writer: Writer) -> Scale:
    """An axis of trading days. A month that begins on a weekend begins with its first session."""
    sessions = np.array(extent.sessions)
    index = np.searchsorted(sessions, places, side="right") - 1
    here = (index >= 0) & (places < sessions[np.maximum(index, 0)] + 1.0)
    following = np.where(here, index, index + 1)
    known = following < len(sessions)
    # Two days of one weekend are one place; the names of months are those of the round dates.
    _, first = np.unique(following[known], return_index=True)
    places, following = places[known][first], following[known][first]
    opened = np.where(here[known][first], places, sessions[following])
    whole_months = all(writer.calendar.moment(place).day == 1 for place in places.tolist())
    named = (places if whole_months else opened).tolist()
    if wishes.format:
        labels = [(text, "") for text in writer.dates(named, wishes.format)]
    else:
        labels = writer.calendar.labels(named)
    ticks = tuple(Tick(place, line, below) for place, (line, below) in zip(opened.tolist(), labels, strict=True))
    return SessionScale(low=low, high=high, ticks=ticks, reverse=wishes.reverse, sessions=sessions)


def _category(extent: Extent, wishes: Wishes) -> Scale:
    names = extent.categories
    places = {name: index for index, name in enumerate(names)}
    shown = set(wishes.ticks) if isinstance(wishes.ticks, tuple) else None
    ticks = tuple(Tick(index, name) for index, name in enumerate(names) if shown is None or name in shown)
    half = 0.0 if extent.tight and len(names) > 1 else 0.5
    return CategoryScale(
        low=-half - extent.headroom, high=len(names) - 1 + half + extent.footroom, names=names,
        ticks=() if wishes.ticks == 0 else ticks, reverse=wishes.reverse, _places=places,
    )  # fmt: skip
