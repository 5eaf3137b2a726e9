"""Places that are taken: labels ask here before they are put somewhere."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from renderer.drawing.scene import Box


class Crowd:
    """Boxes on a sheet, asked many times whether a new one is in the way of any."""

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._boxes = np.empty((64, 4))
        self._count = 0
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        if self._count == len(self._boxes):
            self._boxes = np.concatenate([self._boxes, np.empty_like(self._boxes)])
        self._boxes[self._count] = box
        self._count += 1

    def free(self, box: Box, margin: float = 0.0) -> bool:
        """Whether nothing overlaps the box or comes nearer than ``margin``."""
        taken = self._boxes[: self._count]
        hits = (
            (taken[:, 0] < box.x1 + margin)
            & (taken[:, 2] > box.x0 - margin)
            & (taken[:, 1] < box.y1 + margin)
            & (taken[:, 3] > box.y0 - margin)
        )
        return not hits.any()

    def claim(self, box: Box, margin: float = 0.0) -> bool:
        """Take the place if it is free; whether it was."""
        if not self.free(box, margin):
            return False
        self.add(box)
        return True


def spread(wanted: list[float], height: float, low: float, high: float) -> list[float] | None:
    """Centres as near as can be to the ``wanted`` ones (sorted), ``height`` apart, between ``low`` and ``high``.

    None where they do not fit. Neighbours that would overlap become a block around the mean of what they want, as in
    isotonic regression by pooling adjacent violators.
    """
    if not wanted:
        return []
    if len(wanted) * height > high - low:
        return None
    # In coordinates where "height apart" is "not descending".
    blocks: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, size = place - index * height, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    least, most = low + height / 2, high - height / 2 - (len(wanted) - 1) * height
    result: list[float] = []
    for mean, size in blocks:
        start, done = min(max(mean, least), most), len(result)
        result.extend(start + (done + offset) * height for offset in range(size))
    return result
