"""Ribbons: shapes between an upper and a lower edge along x, in pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from renderer.drawing import curves
from renderer.drawing.decimate import thin_line
from renderer.drawing.kind import Area
from renderer.drawing.scene import Bools, Floats, Rows

Interpolate = Literal["linear", "step", "smooth"]
SMOOTH_UP_TO = 400  # points of a series: more are nearer to each other than a curve would show


def runs(known: Bools) -> Iterator[slice]:
    """The parts of a series that have no gap."""
    cuts = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return (slice(int(start), int(end)) for start, end in cuts.reshape(-1, 2))


def alone(known: Bools) -> Rows:
    """The places between two gaps, which have no length."""
    beside = np.concatenate([[False], known[:-1]]) | np.concatenate([known[1:], [False]])
    return np.flatnonzero(known & ~beside)


def edge(x: Floats, y: Floats, area: Area, interpolate: Interpolate) -> list[Floats]:
    """A line through the points, one array for each part without a gap; for "smooth", triples of Bezier points."""
    return [_joined(x[part], y[part], area, interpolate) for part in runs(np.isfinite(x) & np.isfinite(y))]


def between(upper: Floats, lower: Floats, *, curve: bool) -> Floats:
    """Along the upper edge, and back along the lower one."""
    if not curve:
        return np.concatenate([upper, lower[::-1]])
    down = upper[-1] + np.linspace(0.0, 1.0, 4)[1:, None] * (lower[-1] - upper[-1])
    return np.concatenate([upper, down, lower[-2::-1]])


def _joined(x: Floats, y: Floats, area: Area, interpolate: Interpolate) -> Floats:
    if len(x) == 1:
        # A value between two gaps: a sliver that can be seen.
        x, y = x[0] + np.array([-1.0, 1.0]), np.repeat(y, 2)
    kept = thin_line(x, y)
    x, y = x[kept], y[kept]
    match interpolate:
        case "step":
            points = curves.steps(x, y)
        case "smooth":
            points = curves.smooth(x, y)
        case _:
            points = np.column_stack([x, y])
    return area.points(points[:, 0], points[:, 1])
