"""Parts of a whole: written as percentages, and dealt out in whole pieces."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from renderer.drawing.scene import Floats, Rows
from renderer.drawing.writing import Writer


def write_shares(shares: Sequence[float], writer: Writer, style: str | None = None) -> list[str]:
    """Parts of 1 as percentages with as few decimals as tell them from nothing; ``style`` is the author's."""
    if style:
        return writer.numbers(shares, style)
    smallest = min((share for share in shares if share > 0), default=1.0)
    pattern = ".0%" if smallest >= 0.01 else ".1%"
    least = 0.0005 if pattern == ".1%" else 0.0
    return [
        f"<{writer.number(0.001, pattern)}" if 0 < share < least else writer.number(share, pattern if share else ".0%")
        for share in shares
    ]


def apportion(amounts: Floats, pieces: int) -> Rows:
    """How many of ``pieces`` each amount gets, by largest remainder (Hare and Niemeyer): they add up to ``pieces``.

    Amounts are zero or more; those that add up to nothing get nothing.
    """
    largest = float(amounts.max(initial=0.0))
    if not largest > 0 or not pieces:
        return np.zeros(len(amounts), dtype=np.intp)
    scaled = amounts / largest  # the sum of huge amounts overflows
    exact = scaled / math.fsum(scaled.tolist()) * pieces
    given = np.floor(exact + 1e-9).astype(np.intp)
    rest = pieces - int(given.sum())
    order = np.argsort(-(exact - given), kind="stable")
    given[order[:rest]] += 1
    return given
