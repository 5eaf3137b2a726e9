"""Words beside points: each at the first of eight places around its point that is free.

The order of the places is that of E. Imhof, "Positioning Names on Maps" (1975): right above the point reads best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from renderer.drawing import text
from renderer.drawing.crowd import Crowd
from renderer.drawing.scene import Box, Color, Floats, Rows, Text
from renderer.drawing.text import Align, Valign

_AROUND: tuple[tuple[float, float, Align, Valign], ...] = (
    (0.7, -0.7, "left", "baseline"),
    (1.0, 0.0, "left", "middle"),
    (0.7, 0.7, "left", "top"),
    (-0.7, -0.7, "right", "baseline"),
    (-1.0, 0.0, "right", "middle"),
    (-0.7, 0.7, "right", "top"),
    (0.0, -1.0, "center", "baseline"),
    (0.0, 1.0, "center", "top"),
)
_GAP = 3.5  # pixels between the rim of a point and its words
_STEP = 5.0  # between two boxes along a path
_THICK = 1.5  # half of such a box


def beside(
    points: Floats, words: Sequence[str], diameters: Floats, rows: Sequence[int], within: Box, crowd: Crowd,
    path: Floats | None = None, *, size: float, colors: Sequence[Color], halo: Color,
) -> Iterator[tuple[int, Text]]:  # fmt: skip
    """The rows that found a place, with their texts. ``rows`` says who chooses first; ``crowd`` learns what is taken.

    All ``points`` are in the way, and so is ``path`` (n, 2; NaN lifts the pen).
    """
    taken = Crowd()
    half = np.broadcast_to(np.asarray(diameters, dtype=float) / 2, (len(points),))
    for (x, y), reach in zip(points.tolist(), half.tolist(), strict=True):
        if np.isfinite(x) and np.isfinite(y):
            taken.add(Box(x - reach, y - reach, x + reach, y + reach))
    for x, y in _along(path) if path is not None else ():
        taken.add(Box(x - _THICK, y - _THICK, x + _THICK, y + _THICK))
    for row in rows:
        x, y = points[row].tolist()
        if not words[row] or not (np.isfinite(x) and np.isfinite(y)):
            continue
        away = float(half[row]) + _GAP
        for right, down, align, valign in _AROUND:
            label = text.place(
                "point-label",
                words[row],
                x + right * away,
                y + down * away,
                size=size,
                color=colors[row],
                align=align,
                valign=valign,
                halo=halo,
            )
            if label.box.inside(within) and taken.free(label.box, 0.5) and crowd.claim(label.box, 2.0):
                yield row, label
                break


def turns(path: Floats) -> Rows:
    """The points of a path (n, 2) from those that say most to those that say least: its ends, then where it turns."""
    sharp = np.full(len(path), np.inf)
    if len(path) > 2:
        steps = np.diff(path, axis=0)
        before, after = steps[:-1], steps[1:]
        lengths = np.hypot(*before.T) * np.hypot(*after.T)
        sharp[1:-1] = 1.0 - (before * after).sum(axis=1) / np.where(lengths > 0, lengths, 1.0)
    ordered: Rows = np.argsort(-sharp, kind="stable")
    return ordered


def _along(path: Floats) -> Iterator[tuple[float, float]]:
    """Points on a path, a few pixels apart."""
    for (x0, y0), (x1, y1) in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        if np.isfinite(length):
            for share in np.linspace(0.0, 1.0, max(2, int(min(length, 5000.0) / _STEP) + 1)).tolist():
                yield x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
