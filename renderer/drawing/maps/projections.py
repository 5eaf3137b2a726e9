"""Projections: from longitude and latitude (degrees) to a plane of unit radius, x to the east and y to the north.

Equal Earth: B. Šavrič, T. Patterson, B. Jenny (2018). Natural Earth: B. Šavrič et al. (2011), a polynomial for T.
Patterson's drawing. The others: J. P. Snyder, "Map Projections: A Working Manual" (1987). The composite of the United
States has the parameters of d3's geoAlbersUsa.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from renderer.drawing.scene import Floats

Flatten = Callable[[Floats], Floats]
"""Points (n, 2) of longitude and latitude to points of the plane; NaN where a point has no place."""

_MERCATOR_END = 85.06  # degrees; the poles are at infinity


def equirectangular(points: Floats) -> Floats:
    """Degrees as they are."""
    return np.radians(points)


def mercator(points: Floats) -> Floats:
    """True angles; beyond 85 degrees it ends."""
    x, y = np.radians(np.clip(points, (-np.inf, -_MERCATOR_END), (np.inf, _MERCATOR_END))).T
    return np.column_stack([x, np.arcsinh(np.tan(y))])


def equal_earth(points: Floats) -> Floats:
    """True areas, and the look of a globe."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    x, y = np.radians(points).T
    angle = np.arcsin(math.sqrt(3) / 2 * np.sin(y))
    square = angle * angle
    sixth = square**3
    slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    return np.column_stack(
        [2 * math.sqrt(3) * x * np.cos(angle) / (3 * slope), angle * (a1 + a2 * square + sixth * (a3 + a4 * square))]
    )


def natural_earth(points: Floats) -> Floats:
    """Neither true areas nor true angles, and a little of both."""
    x, y = np.radians(points).T
    square = y * y
    fourth = square * square
    width = 0.8707 - 0.131979 * square + fourth * (-0.013791 + fourth * (0.003971 * square - 0.001529 * fourth))
    height = 1.007226 + square * (0.015085 + fourth * (-0.044475 + 0.028874 * square - 0.005916 * fourth))
    return np.column_stack([x * width, y * height])


def azimuthal(latitude: float) -> Flatten:
    """True areas around a middle at longitude 0; its other side has no place."""
    sine, cosine = math.sin(math.radians(latitude)), math.cos(math.radians(latitude))

    def flatten(points: Floats) -> Floats:
        x, y = np.radians(points).T
        near = sine * np.sin(y) + cosine * np.cos(y) * np.cos(x)
        scale = np.sqrt(2 / (1 + np.maximum(near, -0.95)))
        flat = np.column_stack(
            [scale * np.cos(y) * np.sin(x), scale * (cosine * np.sin(y) - sine * np.cos(y) * np.cos(x))]
        )
        flat[near < -0.9] = np.nan
        return flat

    return flatten


def _conic(parallels: tuple[float, float], meridian: float, middle: tuple[float, float]) -> Flatten:
    """Albers' conic with true areas, upright at a meridian; (0, 0) is the ``middle``, degrees east of the meridian."""
    first, second = (math.sin(math.radians(parallel)) for parallel in parallels)
    n = (first + second) / 2
    c = 1 + first * (2 * n - first)

    def bent(x: Floats, y: Floats) -> Floats:
        radius = np.sqrt(c - 2 * n * np.sin(np.radians(y))) / n
        angle = np.radians(x) * n
        return np.column_stack([radius * np.sin(angle), -radius * np.cos(angle)])

    origin = bent(np.array([middle[0]]), np.array([middle[1]]))

    def flatten(points: Floats) -> Floats:
        # Around the meridian, so that the end of the Aleutians comes to lie beside the others.
        flat: Floats = bent((points[:, 0] - meridian + 180) % 360 - 180, points[:, 1]) - origin
        return flat

    return flatten


_MAINLAND = _conic((29.5, 45.5), -96.0, (-0.6, 38.7))
_ALASKA = _conic((55.0, 65.0), -154.0, (-2.0, 58.5))
_HAWAII = _conic((8.0, 18.0), -157.0, (-3.0, 19.9))
_ALASKA_AT, _ALASKA_SCALE = (-0.307, -0.201), 0.35
_HAWAII_AT = (-0.205, -0.212)


def albers_usa(points: Floats) -> Floats:
    """The United States with Alaska (smaller) and Hawaii below the south-west; what is elsewhere has no place."""
    x, y = points.T
    flat = np.full(points.shape, np.nan)
    alaska = (y > 50.5) & ((x < -129.5) | (x > 170))
    hawaii = (y < 24) & (y > 18) & (x < -154) & (x > -161)
    mainland = (y > 24) & (y < 50) & (x > -125.5) & (x < -66)
    flat[mainland] = _MAINLAND(points[mainland])
    flat[alaska] = _ALASKA(points[alaska]) * _ALASKA_SCALE + _ALASKA_AT
    flat[hawaii] = _HAWAII(points[hawaii]) + _HAWAII_AT
    return flat
