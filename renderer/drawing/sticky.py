"""Axes that do not jump: when the limits of the drawing before are kept.

An axis grows at once, at the end where data leave it. It shrinks only when data fill less than half of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from renderer.drawing.extent import Extent
from renderer.drawing.fit import Wishes, domain
from renderer.drawing.memory import Limits

_LEAST_FILLED: Final = 0.5
_SLACK: Final = 1e-9


def kept(extent: Extent, wishes: Wishes, before: Limits) -> Wishes:
    """What is asked of an axis, with the limits that it had where the data fill them well enough."""
    low, high = _needed(extent, wishes)
    first, last = before.low, before.high
    if wishes.low is not None:
        low = first = wishes.low
    if wishes.high is not None:
        high = last = wishes.high
    bend = _BENDS.get(wishes.scale, float)
    whole = bend(max(high, last)) - bend(min(low, first))
    # Not >=: with an axis that is infinite or nothing, no comparison holds.
    if not bend(high) - bend(low) >= whole * _LEAST_FILLED * (1 - _SLACK) > 0:
        return wishes
    slack = abs(last - first) * _SLACK
    return replace(
        wishes,
        low=first if low >= first - slack else wishes.low,
        high=last if high <= last + slack else wishes.high,
    )


def kept_with_ticks(extent: Extent, wishes: Wishes, before: Limits) -> Wishes | None:
    """The same for an axis whose ticks agree with another's: it keeps both its limits and its ticks, or nothing."""
    if wishes.low is not None or wishes.high is not None or wishes.ticks is not None or not before.ticks:
        return None
    found = kept(extent, wishes, before)
    if found.low is None or found.high is None:
        return None
    return replace(found, ticks=before.ticks)


def _needed(extent: Extent, wishes: Wishes) -> tuple[float, float]:
    """What the axis has to show."""
    if wishes.scale == "log":
        return extent.positive, extent.high
    if wishes.scale in ("symlog", "sqrt"):
        return domain(replace(extent, air=0.0), wishes)
    return domain(extent, wishes)


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan


def _sqrt(value: float) -> float:
    return math.copysign(math.sqrt(abs(value)), value)


_BENDS: Final[dict[str, Callable[[float], float]]] = {"log": _log, "symlog": math.asinh, "sqrt": _sqrt}
"""Half of an axis is half of its length, whatever its scale."""
