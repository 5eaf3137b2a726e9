"""Bins of one width with round limits."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
DEFAULT_BINS: Final = 20


def nice_step(span: float, count: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that covers `span` in at most `count` steps."""
    if not span > 0:
        return 1.0
    rough = span / count
    scale = 10.0 ** math.floor(math.log10(rough))
    return next(step * scale for step in _STEPS if step * scale >= rough * (1 - 1e-9))


def bin_edges(values: Floats, *, count: int = DEFAULT_BINS, step: float | None = None) -> Floats:
    """Edges of about `count` bins (of width `step`, if it is given) that hold all values; multiples of the width."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    width = step or nice_step(high - low, count)
    first = math.floor(low / width + 1e-9)
    last = max(math.ceil(high / width - 1e-9), first + 1)
    return np.arange(first, last + 1, dtype=np.float64) * width


def bin_number(values: Floats, edges: Floats) -> npt.NDArray[np.int64]:
    """The bin of each value; a value on an edge belongs to the bin above, the last edge to the last bin."""
    place = np.searchsorted(edges, values, side="right") - 1
    return np.clip(place, 0, len(edges) - 2).astype(np.int64)
