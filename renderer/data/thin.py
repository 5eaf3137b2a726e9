"""Fewer rows for long lines, before they are drawn: no picture has more columns of pixels than there are stretches
here, and of each stretch the first, the last, the least and the greatest row stay, and one that is missing.

The drawing thins once more, to the pixels that there are (``renderer.drawing.decimate``): this saves it, and the memory
of its process, the rows that it would only look at to leave them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.groups import Codes

STRETCHES: Final = 16_384
_MOST_SERIES: Final = 64
"""Of more lines than this nobody can follow one, and few are long."""

Rows = npt.NDArray[np.int64]


def thin(x: npt.NDArray[Any], y: npt.NDArray[np.float64], series: Sequence[Codes]) -> Rows | None:
    """The rows to keep; None if all are to be kept. `series` tell one line from the next."""
    lines = _lines(series, len(x))
    if lines is None:
        return None
    kept = [_thinned(x, y, line) for line in lines]
    if sum(map(len, kept)) == len(x):
        return None
    return np.concatenate(
        [rows if isinstance(line, slice) else line[rows] for line, rows in zip(lines, kept, strict=True)]
    )


def _lines(series: Sequence[Codes], length: int) -> list[Any] | None:
    """The rows of each line."""
    if not series:
        return [slice(None)]
    code = np.zeros(length, dtype=np.int64)
    for codes in series:
        size = int(codes.max(initial=0)) + 2
        if size > _MOST_SERIES or (int(code.max(initial=0)) + 1) * size > _MOST_SERIES**2:
            return None
        code = code * size + codes + 1
    present = np.flatnonzero(np.bincount(code))
    return [np.flatnonzero(code == line) for line in present] if len(present) <= _MOST_SERIES else None


def _thinned(x: npt.NDArray[Any], y: npt.NDArray[np.float64], line: Any) -> Rows:
    """The rows of one line that stay, as places in it."""
    along, up = x[line], y[line]
    places = along.view(np.int64) if along.dtype.kind == "M" else along
    count = len(places)
    order: Rows | None = None
    if not bool((places[:-1] <= places[1:]).all()):
        order = np.argsort(places, kind="stable")
        places, up = places[order], up[order]
    if count <= 4 * STRETCHES:
        return np.arange(count) if order is None else order
    span = float(places[-1]) - float(places[0])
    # By their place, for axes that are even, and by their number, for those that are not.
    starts = np.arange(0, count, -(-count // STRETCHES))
    if span > 0:
        edges = float(places[0]) + np.arange(1, STRETCHES) * (span / STRETCHES)
        starts = np.union1d(starts, np.searchsorted(places, edges))
    starts = starts[starts < count]
    ends = np.append(starts[1:], count)
    missing = np.isnan(up)
    gaps = bool(missing.any())
    low, high = (np.where(missing, np.inf, up), np.where(missing, -np.inf, up)) if gaps else (up, up)
    chosen = [starts, ends - 1]
    chosen.append(np.array([s + low[s:e].argmin() for s, e in zip(starts, ends, strict=True)]))
    chosen.append(np.array([s + high[s:e].argmax() for s, e in zip(starts, ends, strict=True)]))
    if gaps:
        holes = np.array([s + missing[s:e].argmax() for s, e in zip(starts, ends, strict=True)])
        chosen.append(holes[missing[holes]])
    rows = np.unique(np.concatenate(chosen))
    return rows if order is None else order[rows]
