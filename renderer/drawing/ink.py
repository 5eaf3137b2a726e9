"""Where marks are on a sheet: what is written on a chart asks here how much it would cover."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from renderer.drawing.scene import Box, Floats, Markers, Path, Primitive, Rects, Segments

_APART = 5.0  # pixels between the points that stand for a line
_MOST = 20_000  # points; of more, some of them say enough


class Ink:
    """Points along the strokes and on the edges of marks. The inside of an area counts less than its edge, so it
    has none.
    """

    def __init__(self, items: Iterable[Primitive]) -> None:
        found = [points for item in items for points in _points(item)]
        points = np.concatenate(found) if found else np.empty((0, 2))
        points = points[np.isfinite(points).all(axis=1)]
        self._points = points[:: max(1, -(-len(points) // _MOST))]

    def under(self, box: Box) -> int:
        """How many points a box would cover."""
        x, y = self._points[:, 0], self._points[:, 1]
        return int(((x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1)).sum())


def _points(item: Primitive) -> list[Floats]:
    if isinstance(item, Markers):
        return [item.points]
    if isinstance(item, Path):
        # The control points of a curve lie near enough to it.
        return [_along(np.concatenate([item.points[:-1], item.points[1:]], axis=1))]
    if isinstance(item, Segments):
        return [_along(item.ends)]
    if isinstance(item, Rects):
        x0, y0, x1, y1 = item.boxes.T
        edges = [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
        return [_along(np.column_stack(edge)) for edge in edges]
    return []


def _along(ends: Floats) -> Floats:
    """Points on straight strokes (n, 4), at most ``_APART`` from one to the next."""
    ends = ends[np.isfinite(ends).all(axis=1)]
    if not len(ends):
        return np.empty((0, 2))
    lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    counts = np.minimum(np.ceil(lengths / _APART).astype(int) + 1, 2000)
    if int(counts.sum()) > 10 * _MOST:
        return np.concatenate([ends[:, :2], ends[:, 2:]])
    stroke = np.repeat(np.arange(len(ends)), counts)
    place = np.arange(len(stroke)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = place / np.maximum(counts[stroke] - 1, 1)
    chosen = ends[stroke]
    return np.column_stack([
        chosen[:, 0] + share * (chosen[:, 2] - chosen[:, 0]),
        chosen[:, 1] + share * (chosen[:, 3] - chosen[:, 1]),
    ])  # fmt: skip
