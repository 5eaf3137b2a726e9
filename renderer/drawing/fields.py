"""Fields: amounts over a plane, from points or from a grid, and their contours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import contourpy
import numpy as np
from matplotlib.tri import LinearTriInterpolator, Triangulation

from renderer.drawing.scene import Floats

_LEAST_GRID, _MOST_GRID = 96, 384  # places along each axis of a density
_PER_WIDTH = 8.0  # places for each standard deviation of the kernel
_REACH = 3.5  # standard deviations of the kernel beyond the outermost points
_SURFACE = 128  # places along each axis of an interpolated surface
_COMPLETE = 0.6  # of the places of a grid must be known, or it is none
MOST_POINTS = 50_000  # that are triangulated


class FieldError(ValueError):
    """Points that make no field; str() is the sentence for their author."""


@dataclass(frozen=True, eq=False)
class Field:
    """Amounts ``z`` (rows, columns) at ``y`` (rows) and ``x`` (columns), both ascending; NaN is unknown."""

    x: Floats
    y: Floats
    z: Floats

    @cached_property
    def _contours(self) -> contourpy.ContourGenerator:
        # Of about 1, since contourpy's arithmetic overflows with huge numbers.
        return contourpy.contour_generator(
            x=np.linspace(0.0, 1.0, len(self.x)),
            y=np.linspace(0.0, 1.0, len(self.y)),
            z=np.ma.masked_invalid(self.z / self.unit),
            line_type=contourpy.LineType.Separate,
            fill_type=contourpy.FillType.ChunkCombinedCode,
        )

    @cached_property
    def unit(self) -> float:
        """The largest amount, which others are measured by here."""
        return float(np.nanmax(np.abs(self.z), initial=0.0)) or 1.0

    def lines(self, level: float) -> list[Floats]:
        """The lines at a level, each (n, 2)."""
        return [self._placed(np.asarray(line)) for line in self._contours.lines(level / self.unit)]

    def above(self, level: float) -> Floats:
        """The outline of where the field is at least at a level: (n, 2), rings apart by NaN; holes run the other way
        round.
        """
        low = level / self.unit
        found: Any = self._contours.filled(low, max(2.0, low + 1.0))  # the types know of all forms it may have
        points, codes = found
        if not points or points[0] is None:
            return np.empty((0, 2))
        outline = self._placed(np.asarray(points[0], dtype=float))
        starts = np.flatnonzero(np.asarray(codes[0]) == 1)
        return np.insert(outline, starts[1:], np.nan, axis=0)

    def _placed(self, points: Floats) -> Floats:
        """Contours are found on an even grid; its columns and rows may be anywhere."""
        x = np.interp(points[:, 0], np.linspace(0.0, 1.0, len(self.x)), self.x)
        y = np.interp(points[:, 1], np.linspace(0.0, 1.0, len(self.y)), self.y)
        return np.column_stack([x, y])

    @cached_property
    def _ordered(self) -> tuple[Floats, Floats]:
        """All amounts, the largest first, and their running sums."""
        ordered = np.sort(self.z.ravel())[::-1]
        return ordered, np.cumsum(ordered)

    def level_of(self, share: float) -> float:
        """The level above which lies this share of a density: the border of its smallest such region."""
        ordered, held = self._ordered
        place = int(np.searchsorted(held, share * held[-1]))
        return float(ordered[min(place, len(ordered) - 1)])


def density_of(x: Floats, y: Floats, bandwidth: float = 1.0) -> Field:
    """The density of points by a Gaussian kernel of their own covariance, in units of 1 over the area of the plane.

    Its width is by Scott's rule, n^(-1/6), times ``bandwidth``: what ``scipy.stats.gaussian_kde`` does. The points are
    first dealt out to the nearest places of a grid, in proportion (linear binning), and smoothed by FFT: Wand, "Fast
    computation of multivariate kernel estimators" (1994). Raises FieldError for points on one line.
    """
    count = len(x)
    unit = np.array([_spread(x), _spread(y)])
    if count < 3 or not unit.all():
        raise FieldError("points on one line have no density over a plane")
    points = np.column_stack([x / unit[0], y / unit[1]])
    covariance = np.cov(points.T) * (count ** (-1 / 6) * bandwidth) ** 2
    if np.linalg.det(covariance) <= 1e-9 * covariance[0, 0] * covariance[1, 1]:
        raise FieldError("points on one line have no density over a plane")
    widths = np.sqrt(np.diag(covariance))
    low, high = points.min(axis=0) - _REACH * widths, points.max(axis=0) + _REACH * widths
    sizes = [
        int(min(_MOST_GRID, max(_LEAST_GRID, math.ceil((high[i] - low[i]) / widths[i] * _PER_WIDTH)))) for i in (0, 1)
    ]
    steps = (high - low) / (np.array(sizes) - 1)
    counts = _dealt(points, low, steps, sizes)
    kernel = _kernel(covariance, steps, sizes)
    shape = [counts.shape[i] + kernel.shape[i] - 1 for i in (0, 1)]
    smooth = np.fft.irfft2(np.fft.rfft2(counts, shape) * np.fft.rfft2(kernel, shape), shape)
    middle = smooth[sizes[1] - 1 : 2 * sizes[1] - 1, sizes[0] - 1 : 2 * sizes[0] - 1]
    z = np.maximum(middle, 0.0) / count
    grids = [(low[i] + np.arange(sizes[i]) * steps[i]) * unit[i] for i in (0, 1)]
    # Of points that are far too near or far, the density is out of all floats: its shape is enough.
    fair = ((unit > 1e-70) & (unit < 1e70)).all()
    return Field(grids[0], grids[1], z / unit[0] / unit[1] if fair else z)


def _spread(values: Floats) -> float:
    """The standard deviation, for huge numbers as well."""
    largest = float(np.abs(values).max(initial=0.0))
    return float((values / largest).std(ddof=1)) * largest if largest > 0 and len(values) > 1 else 0.0


def _dealt(points: Floats, low: Floats, steps: Floats, sizes: list[int]) -> Floats:
    """Each point shared among the four places around it, (rows, columns)."""
    place = (points - low) / steps
    first = np.clip(np.floor(place).astype(np.intp), 0, np.array(sizes) - 2)
    part = place - first
    counts = np.zeros((sizes[1], sizes[0]))
    for right in (0, 1):
        for up in (0, 1):
            weight = np.abs(1 - right - part[:, 0]) * np.abs(1 - up - part[:, 1])
            np.add.at(counts, (first[:, 1] + up, first[:, 0] + right), weight)
    return counts


def _kernel(covariance: Floats, steps: Floats, sizes: list[int]) -> Floats:
    """The Gaussian on the grid, far enough to both sides for all of it."""
    x = np.arange(-(sizes[0] - 1), sizes[0]) * steps[0]
    y = np.arange(-(sizes[1] - 1), sizes[1]) * steps[1]
    inverse = np.linalg.inv(covariance)
    across, down = np.meshgrid(x, y)
    square = inverse[0, 0] * across**2 + 2 * inverse[0, 1] * across * down + inverse[1, 1] * down**2
    result: Floats = np.exp(-0.5 * np.minimum(square, 1400.0)) / (2 * math.pi * math.sqrt(np.linalg.det(covariance)))
    return result


def surface_of(x: Floats, y: Floats, z: Floats) -> Field:
    """The amounts at points as a field: on the grid that they are on, else interpolated in triangles between them.

    Raises FieldError where points make neither, or share a place.
    """
    columns, across = np.unique(x, return_inverse=True)
    rows, down = np.unique(y, return_inverse=True)
    if len(columns) < 2 or len(rows) < 2:
        raise FieldError("points on one line have no contours")
    places = down * len(columns) + across
    if len(np.unique(places)) < len(places):
        raise FieldError('two rows share x and y: say what to make of them, such as "mean(...)"')
    if len(x) >= _COMPLETE * len(columns) * len(rows):
        grid = np.full((len(rows), len(columns)), np.nan)
        grid[down, across] = z
        return Field(columns, rows, grid)
    if len(x) > MOST_POINTS:
        raise FieldError(f"{len(x):,} points beside a grid are more than the {MOST_POINTS:,} that are interpolated")
    unit = float(np.abs(z).max()) or 1.0
    (x0, x1), (y0, y1) = (x.min(), x.max()), (y.min(), y.max())
    try:
        triangles = Triangulation((x / 2 - x0 / 2) / (x1 / 2 - x0 / 2), (y / 2 - y0 / 2) / (y1 / 2 - y0 / 2))
        even = np.linspace(0.0, 1.0, _SURFACE)
        found = LinearTriInterpolator(triangles, z / unit)(*np.meshgrid(even, even))
    except (RuntimeError, ValueError) as problem:
        raise FieldError("points on one line have no contours") from problem
    grid = np.ma.filled(found, np.nan) * unit
    return Field(x0 * (1 - even) + x1 * even, y0 * (1 - even) + y1 * even, grid)
