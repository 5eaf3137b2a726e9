"""Packing: boxes put as near to the middle of a room as there is place for them, without touching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from renderer.drawing.scene import Box

CELL = 3.0  # pixels of the grid in which places are taken


@dataclass(frozen=True, slots=True)
class Sized:
    """A box to be put somewhere: its width and height in pixels."""

    width: float
    height: float


def pack(items: Sequence[Sized], room: Box, gap: float = 0.0) -> list[Box] | None:
    """A place for each, in their order, the first in the middle; None where one does not fit.

    Each takes the free place that is nearest to the middle, measured so that the whole has the room's proportions.
    Free places are those where the sum of what is taken under a box is zero, which a summed-area table tells for all
    places at once.
    """
    columns, rows = int(room.width / CELL), int(room.height / CELL)
    if columns < 1 or rows < 1:
        return None
    sums = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    across = (np.arange(columns) + 0.5) / columns - 0.5
    down = (np.arange(rows) + 0.5) / rows - 0.5
    places: list[Box] = []
    for item in items:
        wide, high = _cells(item.width + gap), _cells(item.height + gap)
        if wide > columns or high > rows:
            return None
        under = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
        # Where the middle of the box would be.
        distance = (across[: columns - wide + 1, None].T + (wide - 1) / columns / 2) ** 2 + (
            down[: rows - high + 1, None] + (high - 1) / rows / 2
        ) ** 2
        distance = np.where(under == 0, distance, np.inf)
        best = int(np.argmin(distance))
        if not np.isfinite(distance.flat[best]):
            return None
        row, column = divmod(best, distance.shape[1])
        # The sums of a full box, added to all that it is part of.
        sums[row + 1 : row + high + 1, column + 1 : column + wide + 1] += np.outer(
            np.arange(1, high + 1, dtype=np.int32), np.arange(1, wide + 1, dtype=np.int32)
        )
        sums[row + high + 1 :, column + 1 : column + wide + 1] += high * np.arange(1, wide + 1, dtype=np.int32)
        sums[row + 1 : row + high + 1, column + wide + 1 :] += wide * np.arange(1, high + 1, dtype=np.int32)[:, None]
        sums[row + high + 1 :, column + wide + 1 :] += wide * high
        x = room.x0 + (column + wide / 2) * CELL
        y = room.y0 + (row + high / 2) * CELL
        places.append(Box(x - item.width / 2, y - item.height / 2, x + item.width / 2, y + item.height / 2))
    return places


def _cells(length: float) -> int:
    return max(1, int(np.ceil(length / CELL)))
