"""Trends: the curve that runs through a cloud of points, and how sure it is.

Lines and polynomials are least squares; their band is the confidence interval of the mean (N. R. Draper, H. Smith,
"Applied Regression Analysis", 1998, section 3.1). Loess is W. S. Cleveland's local regression by straight lines with
tricube weights ("Robust locally weighted regression and smoothing scatterplots", 1979) without the robust iterations;
its interval is that of W. S. Cleveland, S. J. Devlin, "Locally weighted regression" (1988): the fit is linear in y, so
that its variance is known, with the degrees of freedom of their approximation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from renderer.drawing.scene import Floats
from renderer.drawing.summary import student
from renderer.spec.marks.scatter import TrendMethod

_GRID = 96  # places of a curve
_DEGREES = {"linear": 1, "poly2": 2, "poly3": 3, "log": 1}
_EXACT = 1200  # points; the interval of a loess needs a square of them in memory
_BINS = 400  # groups into which more points are put, each a point of its own weight


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """A curve over ``x`` (ascending): the fitted ``y``, its interval (NaN where it is not known), how much of the
    variance it explains, and, for a straight line, how much y changes for 1 of x.
    """

    x: Floats
    y: Floats
    low: Floats
    high: Floats
    share: float
    slope: float = math.nan


def trend(x: Floats, y: Floats, method: TrendMethod, *, level: float, span: float) -> Trend | None:
    """The trend of some points; None where they are too few, or all at one place.

    ``level`` is the confidence of the interval, ``span`` the share of points that a loess looks at in one place.
    Points without a place take no part; neither do those at or below zero where the logarithm of x is taken.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if method == "log":
        known &= x > 0
    x, y = x[known], y[known]
    if len(x) < 2 or not x.max() > x.min():
        return None
    # In units of their own: powers of huge values overflow, and those of years lose all their digits.
    bent = np.log(x) if method == "log" else x
    unit_y = float(np.abs(y).max()) or 1.0
    middle, half = _frame(bent)
    t, v = (bent / half - middle / half), y / unit_y
    grid = np.linspace(-1.0, 1.0, _GRID)
    if method == "loess":
        fitted, spread, freedom, at = _loess(t, v, grid, span)
    else:
        degree = _DEGREES[method]
        if len(np.unique(t)) <= degree:
            return None
        fitted, spread, freedom, at = _polynomial(t, v, grid, degree)
    margin = spread * student((1.0 + level) / 2.0, freedom) if freedom >= 1 else np.full(_GRID, np.nan)
    rest, whole = float(((v - at) ** 2).sum()), float(((v - v.mean()) ** 2).sum())
    places = grid * half + middle
    slope = (fitted[-1] / 2 - fitted[0] / 2) / half * unit_y if method == "linear" else math.nan
    return Trend(
        np.exp(places) if method == "log" else places,
        fitted * unit_y,
        (fitted - margin) * unit_y,
        (fitted + margin) * unit_y,
        1.0 - rest / whole if whole > 0 else math.nan,
        float(slope),
    )


def _frame(values: Floats) -> tuple[float, float]:
    """The middle of some values, and half of their range."""
    low, high = float(values.min()), float(values.max())
    return low / 2 + high / 2, high / 2 - low / 2


def _polynomial(t: Floats, v: Floats, grid: Floats, degree: int) -> tuple[Floats, Floats, int, Floats]:
    """Fit and standard error on the grid, degrees of freedom, and the fit at the points."""
    columns = np.vander(t, degree + 1)
    orthogonal, upper = np.linalg.qr(columns)
    coefficients = np.linalg.solve(upper, orthogonal.T @ v)
    at = columns @ coefficients
    freedom = len(t) - degree - 1
    places = np.vander(grid, degree + 1)
    if freedom < 1:
        return places @ coefficients, np.full(len(grid), np.nan), freedom, at
    deviation = math.sqrt(float(((v - at) ** 2).sum()) / freedom)
    leverage = (np.linalg.solve(upper.T, places.T) ** 2).sum(axis=0)
    return places @ coefficients, deviation * np.sqrt(leverage), freedom, at


def _loess(t: Floats, v: Floats, grid: Floats, span: float) -> tuple[Floats, Floats, int, Floats]:
    """As ``_polynomial``; of many points the interval is not known."""
    if len(t) > _EXACT:
        t_of, v_of, weight = _grouped(t, v)
        fitted = _operator(t_of, grid, span, weight) @ v_of
        return fitted, np.full(len(grid), np.nan), 0, np.interp(t, grid, fitted)
    weight = np.ones(len(t))
    rows, hat = _operator(t, grid, span, weight), _operator(t, t, span, weight)
    at = hat @ v
    residual = np.eye(len(t)) - hat
    squares = residual.T @ residual
    first, second = float(np.trace(squares)), float((squares * squares).sum())
    if first < 1e-9:
        return rows @ v, np.full(len(grid), np.nan), 0, at
    deviation = math.sqrt(float(((v - at) ** 2).sum()) / first)
    spread = deviation * np.sqrt((rows**2).sum(axis=1))
    return rows @ v, spread, round(first * first / second), at


def _grouped(t: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
    """Neighbours put together: the mean of each group, and how many it holds."""
    order = np.argsort(t, kind="stable")
    parts = np.array_split(order, _BINS)
    weight = np.array([float(len(part)) for part in parts])
    return np.array([t[part].mean() for part in parts]), np.array([v[part].mean() for part in parts]), weight


def _operator(t: Floats, places: Floats, span: float, weight: Floats) -> Floats:
    """What each v counts for in the fit at each place: (places, points)."""
    near = max(2, min(len(t), int(span * len(t) + 1e-10)))
    distances = np.abs(places[:, None] - t[None, :])
    reach = np.partition(distances, near - 1, axis=1)[:, near - 1]
    # A place whose neighbours all stand in one point has no slope: the reach grows until it does.
    reach = np.maximum(reach, 1e-6)[:, None]
    near_by = np.clip(distances / reach, 0.0, 1.0)
    weights = (1.0 - near_by**3) ** 3 * weight[None, :]
    total = weights.sum(axis=1, keepdims=True)
    lone = total[:, 0] <= 0.0
    weights[lone] = distances[lone] <= reach[lone]
    total = weights.sum(axis=1, keepdims=True)
    shares = weights / total
    mean = (shares * t[None, :]).sum(axis=1, keepdims=True)
    away = t[None, :] - mean
    variance = (shares * away**2).sum(axis=1, keepdims=True)
    steady = np.where(variance > 1e-12, variance, np.inf)
    result: Floats = shares * (1.0 + away * (places[:, None] - mean) / steady)
    return result
