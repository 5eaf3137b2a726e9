"""How points are joined where they are not joined straight: held until the next, or by a curve through all of them."""

from __future__ import annotations

import numpy as np

from renderer.drawing.scene import Floats


def steps(x: Floats, y: Floats) -> Floats:
    """A value holds until the next point."""
    points = np.empty((2 * len(x) - 1, 2))
    points[0::2] = np.column_stack([x, y])
    points[1::2] = np.column_stack([x[1:], y[:-1]])
    return points


def smooth(x: Floats, y: Floats) -> Floats:
    """Cubic Bezier points of a monotone curve: it never swings beyond its points.

    Tangents: F. N. Fritsch, J. Butland, "A method for constructing local monotone piecewise cubic interpolants" (1984).
    """
    points: list[Floats] = []
    finite = np.isfinite(y)
    starts = np.flatnonzero(finite & ~np.concatenate([[False], finite[:-1]]))
    ends = np.flatnonzero(finite & ~np.concatenate([finite[1:], [False]])) + 1
    for start, end in zip(starts, ends, strict=True):
        px, py = x[start:end], y[start:end]
        if points:
            points.append(np.full((1, 2), np.nan))
        if len(px) < 3:
            thirds = np.linspace(0.0, 1.0, 3 * (len(px) - 1) + 1)[:, None]
            points.append(np.array([px[0], py[0]]) + thirds * np.array([px[-1] - px[0], py[-1] - py[0]]))
            continue
        width = np.diff(px)
        width = np.where(width == 0, 1e-9, width)
        slope = np.diff(py) / width
        tangent = np.zeros(len(px))
        same = slope[:-1] * slope[1:] > 0
        a, b = width[1:] + 2 * width[:-1], width[:-1] + 2 * width[1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            harmonic = (a + b) / (a / slope[:-1] + b / slope[1:])
        tangent[1:-1] = np.where(same, harmonic, 0.0)
        tangent[0], tangent[-1] = slope[0], slope[-1]
        curve = np.empty((3 * (len(px) - 1) + 1, 2))
        curve[0::3] = np.column_stack([px, py])
        curve[1::3] = np.column_stack([px[:-1] + width / 3, py[:-1] + tangent[:-1] * width / 3])
        curve[2::3] = np.column_stack([px[1:] - width / 3, py[1:] - tangent[1:] * width / 3])
        points.append(curve)
    return np.concatenate(points) if points else np.empty((0, 2))
