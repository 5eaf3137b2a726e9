"""Axes that do not jump: when an axis stays as it was in the drawing before.

It stays as long as the data lie within its limits, grows at once where they leave it, and is made anew when they reach
over less than half of what it was made for. An axis that stays is fitted to what it was fitted to before, so that its
ticks are the same as well.
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


def lasting(extent: Extent, wishes: Wishes, before: Limits) -> Extent:
    """What an axis of numbers is to be fitted to: what the data cover, or what it was fitted to before."""
    old = replace(extent, low=before.first, high=before.last, positive=before.positive)
    both = replace(
        extent,
        low=min(extent.low, old.low),
        high=max(extent.high, old.high),
        positive=_least(extent.positive, old.positive),
    )
    bend = _BENDS.get(wishes.scale, float)
    low, high = _needed(extent, wishes)
    least, most = _needed(both, wishes)
    filled, whole = bend(high) - bend(low), bend(most) - bend(least)
    # Not <: with a span that is infinite or no number, no comparison holds.
    if not filled >= whole * _LEAST_FILLED * (1 - _SLACK) > 0:
        return extent
    slack = abs(before.high - before.low) * _SLACK
    inside = before.low - slack <= low and high <= before.high + slack
    return old if inside else both


def _needed(extent: Extent, wishes: Wishes) -> tuple[float, float]:
    """What the axis has to show, within the limits of its author."""
    if wishes.scale == "log":
        low, high = extent.positive, extent.high
    else:
        low, high = domain(replace(extent, air=0.0) if wishes.scale in ("symlog", "sqrt") else extent, wishes)
    return low if wishes.low is None else wishes.low, high if wishes.high is None else wishes.high


def _least(one: float, other: float) -> float:
    return min((value for value in (one, other) if not math.isnan(value)), default=math.nan)


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan


def _sqrt(value: float) -> float:
    return math.copysign(math.sqrt(abs(value)), value)


_BENDS: Final[dict[str, Callable[[float], float]]] = {"log": _log, "symlog": math.asinh, "sqrt": _sqrt}
"""Half of an axis is half of its length, whatever its scale."""
