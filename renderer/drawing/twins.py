"""Two axes of y: chosen together, so that their ticks are on the same lines and their zeros on one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from renderer.drawing.extent import Extent
from renderer.drawing.fit import Wishes, domain

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_EMPTY = 0.45  # of an axis: two axes that agree only at this price are better left alone


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Ticks at ``first``, ``first + 1``, ... times ``step``."""

    first: int
    step: float

    def places(self, count: int) -> tuple[float, ...]:
        # Rounded to the digits of a step: 3 x 0.1 is 0.3.
        digits = 2 - math.floor(math.log10(self.step))
        return tuple(round((self.first + number) * self.step, digits) for number in range(count + 1))


def agree(left: tuple[Extent, Wishes], right: tuple[Extent, Wishes], count: int) -> tuple[Wishes, Wishes]:
    """The wishes of both axes, with limits and ticks that agree where that is possible.

    Both get the same number of steps, about ``count``, of round sizes; if both show zero, it is at the same step. An
    axis whose author said where it ends or what its ticks are, or one of another scale, keeps its own.
    """
    if not (_free(*left) and _free(*right)):
        return left[1], right[1]
    found = (domain(*left), domain(*right))
    common = all(low <= 0.0 <= high for low, high in found)
    best: tuple[float, int, _Ladder, _Ladder] | None = None
    for steps in range(max(2, count - 2), count + 3):
        for below in range(steps + 1) if common else (None,):
            ladders = [_ladder(low, high, steps, below) for low, high in found]
            first, second = ladders
            if first is None or second is None:
                continue
            empty = [
                1 - (high - low) / (steps * ladder.step)
                for ladder, (low, high) in zip((first, second), found, strict=True)
            ]
            if max(empty) > _MOST_EMPTY:
                continue
            cost = sum(empty) + 0.05 * abs(steps - count) + sum(_roughness(ladder.step) for ladder in (first, second))
            if best is None or cost < best[0] - 1e-9:
                best = (cost, steps, first, second)
    if best is None:
        return left[1], right[1]
    _, steps, first, second = best
    return _with(left[1], first, steps), _with(right[1], second, steps)


def _roughness(step: float) -> float:
    """What a step costs that is not read as easily as 1, 2 and 5."""
    return 0.08 if round(step / 10.0 ** math.floor(math.log10(step) + 1e-9), 6) == 2.5 else 0.0


def _with(wishes: Wishes, ladder: _Ladder, steps: int) -> Wishes:
    places = ladder.places(steps)
    return replace(wishes, low=places[0], high=places[-1], ticks=places)


def _free(extent: Extent, wishes: Wishes) -> bool:
    return (
        extent.type == "number"
        and wishes.scale in ("auto", "linear")
        and wishes.low is None
        and wishes.high is None
        and wishes.ticks is None
    )


def _ladder(low: float, high: float, steps: int, below: int | None) -> _Ladder | None:
    """The finest round steps that reach from low to high; ``below`` of them below zero, if that is given."""
    least = (high - low) / steps
    if below is not None:
        least = max(-low / below if below else 0.0, high / (steps - below) if below < steps else 0.0)
        if (low < 0 and not below) or (high > 0 and below == steps):
            return None
    if not least > 0:
        return None
    power = math.floor(math.log10(least))
    if not -290 < power < 290:
        return None
    for size in (*_STEPS, 20.0, 25.0, 50.0):
        step = size * 10.0**power
        if step < least * (1 - 1e-9) or (size in (2.5, 25.0) and not step.is_integer()):
            continue
        if below is not None:
            return _Ladder(-below, step)
        first = math.floor(low / step + 1e-9)
        if (first + steps) * step >= high - step * 1e-9:
            return _Ladder(first, step)
    return None
