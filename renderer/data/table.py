"""A table: named, typed columns of equal length. What sources produce and what drawings read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

ColumnType = Literal["number", "time", "category"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column.

    ``values`` is a one-dimensional array, and a missing value is never dropped, so rows stay aligned:

    - ``number``: float64, missing is NaN (infinities do not occur)
    - ``time``: datetime64[us] in UTC, missing is NaT
    - ``category``: object array of str, missing is None
    """

    name: str
    type: ColumnType
    values: npt.NDArray[Any]
    clock: bool = False
    """Of a supplied time column: it names no zone, and is read on the clock of the chart's. Never of a drawn one."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """A mask of the rows that have no value."""
        mask: npt.NDArray[np.bool_]
        if self.type == "number":
            mask = np.isnan(self.values)
        elif self.type == "time":
            mask = np.isnat(self.values)
        else:
            mask = self.values == None  # noqa: E711 -- of each element, not of the array
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns by name, in the order of the source."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns
