"""Distributions as numbers: bins with round limits, and smooth curves."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.ticker import MaxNLocator

from renderer.drawing.scene import Floats

_FEWEST, _MOST = 5, 60  # bins that are chosen here
_GRID, _FINEST = 256, 1024  # places of a curve
_COUNTED_FROM = 1000  # values; more are counted on a fine grid


def round_edges(values: Floats, wanted: int | None) -> Floats:
    """The limits of at most ``wanted`` bins of one round width; None chooses their number by the data.

    Freedman and Diaconis, "On the histogram as a density estimator" (1981): a width of 2 IQR n^(-1/3); bounded, since
    one outlier would make millions of bins.
    """
    low, high = float(values.min()), float(values.max())
    unit = max(abs(low), abs(high))
    if unit > 1e100 or 0 < unit < 1e-100:
        # The differences of huge numbers overflow, those of tiny ones vanish.
        return _around(round_edges(values / unit, wanted) * unit if unit > 1e-290 else np.array([-1.0, 1.0]), low, high)
    if low == high:
        half = abs(low) * 0.05 or 0.5
        return np.array([low - half, low + half])
    if wanted is None:
        upper, lower = np.percentile(values, [75, 25])
        width = 2.0 * float(upper / 2 - lower / 2) * 2.0 / len(values) ** (1 / 3)
        fair = 1 + math.ceil(math.log2(len(values)))  # Sturges, where the quartiles say nothing
        wanted = int(
            min(_MOST, max(_FEWEST, fair, math.ceil(min(high / width - low / width, 1e6)) if width > 0 else fair))
        )
        distinct = np.unique(values) if len(values) <= 100_000 else np.empty(0)
        whole = 0 < len(distinct) <= _MOST and bool((distinct == np.round(distinct)).all())
        if whole and high - low <= min(_MOST, wanted * 2):
            # Counts and ratings: each whole number has a bin of its own, with the number in its middle.
            return np.arange(low - 0.5, high + 1.0)
        # Round widths are at most 2.5 times apart: nearer to the wanted number from above than from below.
        wanted = math.ceil(wanted * 1.4)
    edges = np.asarray(MaxNLocator(nbins=max(1, wanted), steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    inside = np.flatnonzero((edges[1:] > low) & (edges[:-1] < high))
    if not len(inside):
        return np.array([low, high])
    # The locator may go one bin beyond on either side, and may stop a rounding error short of the outermost values.
    edges = edges[inside[0] : inside[-1] + 2]
    while len(edges) - 1 > wanted:  # one more than were asked for, where that are few: two become one
        edges = np.append(edges[:-1:2], edges[-1] if len(edges) % 2 else 2 * edges[-1] - edges[-2])
    return _around(edges, low, high)


def _around(edges: Floats, low: float, high: float) -> Floats:
    """The edges with the outer ones moved out to the outermost values, where they stop short of them."""
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges


def bandwidth(values: Floats) -> float:
    """The width of a Gaussian kernel by Silverman's rule of thumb ("Density Estimation", 1986, equation 3.31); 0 where
    all values are the same.
    """
    unit = float(np.abs(values).max(initial=0.0)) or 1.0  # the squares of huge ones overflow
    shares = values / unit
    spread = float(shares.std())
    upper, lower = np.percentile(shares, [75, 25])
    robust = min(spread, float(upper - lower) / 1.34) or spread
    # Rounding leaves a spread among values that are all the same.
    return 0.9 * robust * unit * float(len(values) ** -0.2) if robust > 1e-14 else 0.0


def scott(values: Floats) -> float:
    """The width by Scott's rule ("Multivariate Density Estimation", 1992), as scipy and seaborn choose it."""
    if len(values) < 2:
        return 0.0
    unit = float(np.abs(values).max(initial=0.0)) or 1.0
    spread = float((values / unit).std(ddof=1))
    return spread * unit * float(len(values) ** -0.2) if spread > 1e-14 else 0.0


def smooth_density(values: Floats, low: float, high: float, width: float | None = None) -> tuple[Floats, Floats]:
    """A Gaussian kernel density estimate on an even grid from ``low`` to ``high``; its integral over all of x is 1.

    ``width`` is that of the kernel; without one it follows the values. Values are counted on a fine grid first, so that
    a million of them take no longer than a thousand.
    """
    # In units of the largest value: the squares of huge ones overflow.
    unit = max(abs(low), abs(high))
    if unit > 1e100 or 1e-290 < unit < 1e-100:
        grid, density = smooth_density(values / unit, low / unit, high / unit, width and width / unit)
        return grid * unit, density / unit
    width = bandwidth(values) if width is None else width
    # A spike too thin to be seen has no curve, nor has a single value.
    if not width > 1e-9 * (high - low):
        return np.linspace(low, high, _GRID), np.zeros(_GRID)
    grid = np.linspace(low, high, int(min(_FINEST, max(_GRID, 4.0 * (high - low) / width))))
    if len(values) <= _COUNTED_FROM:
        middles, counts = np.unique(values, return_counts=True)
    else:
        counts, edges = np.histogram(values, bins=int(min(2048.0, max(256.0, 8.0 * (high - low) / width))))
        middles = (edges[:-1] + edges[1:]) / 2
    used = counts > 0
    # Beyond 40 widths a kernel is nothing; the squares of larger distances overflow.
    distances = np.clip((grid[:, None] - middles[used][None, :]) / width, -40.0, 40.0)
    kernel = np.exp(-0.5 * distances**2) / (width * math.sqrt(2 * math.pi))
    result: Floats = kernel @ counts[used] / len(values)
    return grid, result
