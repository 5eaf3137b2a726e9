"""Student's t distribution, as far as confidence intervals of means need it."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_MANY = 200  # degrees of freedom from which the expansion around the normal distribution has ten correct digits


def _within(t: float, freedom: int) -> float:
    """The probability to lie between -t and t: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    return (angle + math.sin(angle) * total) * 2 / math.pi if odd else math.sin(angle) * total


@lru_cache(maxsize=4096)
def quantile(level: float, freedom: int) -> float:
    """The t between whose both signs lies the share ``level`` (0 to 1) of the distribution; NaN without freedom."""
    if freedom < 1:
        return math.nan
    if freedom > _MANY:
        return _expanded(NormalDist().inv_cdf((1 + level) / 2), freedom)
    low, high = 0.0, 1.0
    while _within(high, freedom) < level:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return (low + high) / 2


def _expanded(z: float, freedom: int) -> float:
    """Abramowitz and Stegun, 26.7.5."""
    square = z * z
    return z * (
        1
        + (square + 1) / (4 * freedom)
        + ((5 * square + 16) * square + 3) / (96 * freedom**2)
        + (((3 * square + 19) * square + 17) * square - 15) / (384 * freedom**3)
        + ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / (92160 * freedom**4)
    )
