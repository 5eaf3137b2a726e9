"""Numbers that stand for many: quartiles and whiskers, means and how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from renderer.drawing.scene import Floats


@dataclass(frozen=True, slots=True, eq=False)
class FiveNumbers:
    """A box with whiskers, and the values beyond them."""

    low: float
    lower: float
    median: float
    upper: float
    high: float
    beyond: Floats
    """The outliers, ascending."""


def five_numbers(values: Floats, whiskers: float | str = 1.5) -> FiveNumbers:
    """Quartiles (linear interpolation, as numpy's) and whiskers of some ascending values, at least one.

    Whiskers reach to the outermost values within so many interquartile ranges of the box (Tukey, "Exploratory Data
    Analysis", 1977), to the ends ("minmax"), or from the 5th to the 95th ("p05"), the 10th to the 90th percentile.
    """
    lower, median, upper = (float(value) for value in np.percentile(values, [25, 50, 75]))
    match whiskers:
        case "minmax":
            low, high = float(values[0]), float(values[-1])
        case "p05" | "p10":
            share = int(whiskers[1:])
            low, high = (float(value) for value in np.percentile(values, [share, 100 - share]))
        case float():
            reach = whiskers * (upper - lower)
            inside = values[(values >= lower - reach) & (values <= upper + reach)]
            # Interpolated quartiles may lie beyond all values that are near: then there is no whisker.
            low = min(float(inside[0]), lower) if len(inside) else lower
            high = max(float(inside[-1]), upper) if len(inside) else upper
        case _:
            raise ValueError(f"no whiskers {whiskers!r}")
    return FiveNumbers(low, lower, median, upper, high, values[(values < low) | (values > high)])


def mean_and_deviation(values: Floats) -> tuple[float, float]:
    """The mean, and the standard deviation of a sample (n - 1), which is NaN for fewer than two values."""
    unit = float(np.abs(values).max(initial=0.0)) or 1.0  # the squares of huge ones overflow
    shares = values / unit
    deviation = float(shares.std(ddof=1)) * unit if len(values) > 1 else math.nan
    return float(shares.mean()) * unit, deviation


def margin(deviation: float, count: int, level: float) -> float:
    """Half the width of a confidence interval of the mean: Student's t times the standard error; NaN for one value."""
    if count < 2:
        return math.nan
    return student((1.0 + level) / 2.0, count - 1) * deviation / math.sqrt(count)


@lru_cache(maxsize=1024)
def student(share: float, freedom: int) -> float:
    """The quantile of Student's t, for shares from 0.5 up: where its distribution function reaches ``share``."""
    tail = 2.0 * (1.0 - share)
    low, high = 0.0, 1.0
    while _tails(high, freedom) > tail and high < 1e12:
        low, high = high, high * 2.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _tails(middle, freedom) > tail else (low, middle)
    return (low + high) / 2


def _tails(t: float, freedom: int) -> float:
    """How much of Student's t lies beyond -t and t (Abramowitz and Stegun, 26.7.1 with 26.5.27)."""
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function: the continued fraction of Abramowitz and Stegun, 26.5.8, by the method
    of Lentz.
    """
    if x <= 0.0 or x >= 1.0:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _incomplete_beta(b, a, 1.0 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    tiny = 1e-300
    c, d = 1.0, 1.0 / ((1.0 - (a + b) * x / (a + 1.0)) or tiny)
    result, step = d, 0.0
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / ((1.0 + term * d) or tiny)
            c = (1.0 + term / c) or tiny
            step = c * d
            result *= step
        if abs(step - 1.0) < 1e-15:
            break
    return front * result / a
