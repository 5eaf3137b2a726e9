"""Tiles in a rectangle, in proportion to amounts and as square as can be.

M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps" (2000): rows are laid along the shorter side of what is
left, and a row takes tiles as long as that makes the longest of them less long.
"""

from __future__ import annotations

import numpy as np

from renderer.drawing.scene import Box, Floats


def squarify(amounts: Floats, box: Box) -> Floats:
    """(n, 4) boxes for amounts of zero or more, in their order; best if they descend. Those of nothing have no area."""
    boxes = np.zeros((len(amounts), 4))
    boxes[:] = (box.x0, box.y0, box.x0, box.y0)
    largest = float(amounts.max(initial=0.0))
    if not largest > 0 or box.width <= 0 or box.height <= 0:
        return boxes
    scaled = amounts / largest  # the sum of huge amounts overflows
    places = np.flatnonzero(scaled > 0)
    areas = (scaled[places] / scaled[places].sum() * box.width * box.height).tolist()
    x0, y0, x1, y1 = box
    start = 0
    while start < len(areas):
        side = min(x1 - x0, y1 - y0)
        stop, total, ratio = start, 0.0, float("inf")
        low, high = float("inf"), 0.0
        while stop < len(areas):
            area = areas[stop]
            worst = _worst(total + area, min(low, area), max(high, area), side)
            if worst > ratio:
                break
            stop, total, ratio, low, high = stop + 1, total + area, worst, min(low, area), max(high, area)
        stop = max(stop, start + 1)
        total = total or areas[start]
        upright = x1 - x0 >= y1 - y0  # the row is a column at the left, then
        last = stop == len(areas)
        depth = (x1 - x0 if upright else y1 - y0) if last else total / side if side > 0 else 0.0
        at = y0 if upright else x0
        for index in range(start, stop):
            length = areas[index] / total * side
            if upright:
                boxes[places[index]] = (x0, at, x0 + depth, at + length)
            else:
                boxes[places[index]] = (at, y0, at + length, y0 + depth)
            at += length
        if upright:
            x0 = min(x0 + depth, x1)
        else:
            y0 = min(y0 + depth, y1)
        start = stop
    # The dust of floats: what is left for the last, tiny tiles is not exact.
    return np.clip(boxes, (box.x0, box.y0, box.x0, box.y0), (box.x1, box.y1, box.x1, box.y1))


def _worst(total: float, low: float, high: float, side: float) -> float:
    """How many times as long as wide the longest tile of a row is."""
    if total <= 0 or side <= 0:
        return float("inf")
    depth = total / side
    return max(high / depth / depth, depth * depth / low)
