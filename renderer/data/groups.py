"""Groups of rows, and one value for each: the aggregates of the language on numpy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.table import Column
from renderer.spec.channel import Aggregate

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_QUANTILES: Final[dict[Aggregate, float]] = {
    "median": 0.50, "p05": 0.05, "p10": 0.10, "p25": 0.25, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99,
}  # fmt: skip
ANY_TYPE: Final[tuple[Aggregate, ...]] = ("count", "distinct")
"""The aggregates that take columns of every type."""


@dataclass(frozen=True, slots=True)
class Groups:
    """`of` is the group (0 ... count-1) of each row; `first` is the first row of each group."""

    of: Codes
    first: Codes

    @property
    def count(self) -> int:
        return len(self.first)


def factorize(column: Column) -> tuple[Codes, npt.NDArray[Any]]:
    """A code for each row (-1 where it is missing) and the values that the codes stand for.

    Categories are numbered in the order in which they first appear, numbers and times in ascending order.
    """
    if column.type == "category":
        numbers: dict[str | None, int] = {None: -1}
        codes = np.fromiter(
            (numbers.setdefault(value, len(numbers) - 1) for value in column.values), np.int64, len(column)
        )
        del numbers[None]
        values = np.empty(len(numbers), dtype=object)
        values[:] = list(numbers)
        return codes, values
    missing = column.missing
    values, found = np.unique(column.values[~missing], return_inverse=True)
    codes = np.full(len(column), -1, dtype=np.int64)
    codes[~missing] = found
    return codes, values


def group(keys: Sequence[Codes], length: int) -> Groups:
    """Rows that agree in all keys, ordered by the first key, then the second, ...; without keys, one group of all."""
    if not keys:
        return Groups(np.zeros(length, np.int64), np.zeros(1 if length else 0, np.int64))
    together = np.zeros(length, np.int64)
    for codes in keys:
        # Numbered anew after each key, so that the product of their sizes never overflows.
        together = _renumbered(together * (int(codes.max(initial=0)) + 2) + codes + 1)
    # Of equal places the last one written stays: from the end to the beginning, that is the first row.
    first = np.zeros(int(together.max(initial=-1)) + 1, np.int64)
    first[together[::-1]] = np.arange(length - 1, -1, -1)
    return Groups(together, first)


def _renumbered(codes: Codes) -> Codes:
    """The codes as 0, 1, 2, ... in their order. Without sorting where they are close together, as they mostly are."""
    most = int(codes.max(initial=0)) + 1
    if most > 2 * len(codes) + 1000:
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    present = np.zeros(most, dtype=bool)
    present[codes] = True
    numbers: Codes = np.cumsum(present) - 1
    return numbers[codes]


def aggregate(how: Aggregate, column: Column | None, groups: Groups) -> Floats:
    """One number for each group; missing values take no part, and a group without values has NaN (a count: 0).

    `std`, `var` and `stderr` are those of a sample (n - 1); quantiles interpolate linearly, as numpy's do.
    """
    if column is None:
        return np.bincount(groups.of, minlength=groups.count).astype(np.float64)
    here = ~column.missing
    of = groups.of[here]
    size = np.bincount(of, minlength=groups.count).astype(np.float64)
    if how == "count":
        return size
    if how == "distinct":
        codes, _ = factorize(column)
        pairs = np.unique(np.stack([of, codes[here]]), axis=1)
        return np.bincount(pairs[0], minlength=groups.count).astype(np.float64)
    values: Floats = column.values[here]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if how in ("sum", "mean"):
            total = np.bincount(of, weights=values, minlength=groups.count)
            return np.where(size > 0, total if how == "sum" else total / size, np.nan)
        if how in ("std", "var", "stderr"):
            return _spread(how, values, of, size)
    return _ordered(how, values, of, size)


def _spread(how: Aggregate, values: Floats, of: Codes, size: Floats) -> Floats:
    # Two passes: the difference of large squares would lose all digits of a small spread.
    mean = np.bincount(of, weights=values, minlength=len(size)) / size
    squares = np.bincount(of, weights=(values - mean[of]) ** 2, minlength=len(size))
    variance: Floats = np.where(size > 1, squares / (size - 1), np.nan)
    if how == "var":
        return variance
    deviation: Floats = np.sqrt(variance)
    return deviation if how == "std" else deviation / np.sqrt(size)


def _ordered(how: Aggregate, values: Floats, of: Codes, size: Floats) -> Floats:
    """The aggregates that pick from the values of a group, in order of value or of row."""
    result = np.full(len(size), np.nan)
    known = size > 0
    if not known.any():
        return result
    order = np.argsort(of, kind="stable") if how in ("first", "last") else np.lexsort((values, of))
    values = values[order]
    end = np.cumsum(size).astype(np.int64)[known]
    start = end - size[known].astype(np.int64)
    if how in ("first", "min"):
        result[known] = values[start]
    elif how in ("last", "max"):
        result[known] = values[end - 1]
    else:
        place = start + _QUANTILES[how] * (size[known] - 1)
        low = np.floor(place).astype(np.int64)
        part = place - low
        # Not low + part * (high - low): that difference may overflow, and the ends must come out exactly.
        result[known] = values[low] * (1 - part) + values[np.minimum(low + 1, end - 1)] * part
    return result
