"""Rows in the cells of a plane: what those of each cell come to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from renderer.data.groups import Groups, aggregate
from renderer.data.table import Column
from renderer.drawing.extent import numbers_of
from renderer.drawing.kind import Layer
from renderer.drawing.scene import Floats, Rows
from renderer.spec.channel import Aggregate
from renderer.spec.shade import ShadeChannel


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What each row adds to its cell: its number, or the column that is aggregated."""

    how: Aggregate
    column: Column | None
    title: str

    @property
    def counted(self) -> bool:
        """Whether empty cells have zero, and not nothing."""
        return self.how in ("count", "distinct")

    def of(self, cells: Rows, rows: Rows, least: int) -> tuple[Rows, Floats, Floats]:
        """The cells that hold at least so many of these rows, their amounts, and the numbers of their rows.

        ``cells`` is the cell of each of the ``rows``.
        """
        found, first, of = np.unique(cells, return_index=True, return_inverse=True)
        groups = Groups(of.astype(np.int64), first.astype(np.int64))
        column = self.column
        if column is not None:
            column = Column(column.name, column.type, column.values[rows])
        amounts = aggregate(self.how, column, groups)
        counts = np.bincount(of, minlength=len(found)).astype(float)
        shown = counts >= least
        return found[shown], amounts[shown], counts[shown]


def amounts_of(layer: Layer, channel: ShadeChannel | None) -> Amounts:
    """What a layer's colour means; raises SpecError where its column does not hold what that takes."""
    if channel is None:
        return Amounts("count", None, "Count")
    column = layer.column("color")
    how: Aggregate = channel.agg or "mean"
    if column is not None and column.type != "number" and how not in ("count", "distinct"):
        raise layer.error("color", f"the {how} of a cell needs numbers; to count rows, write 'count()'")
    title = layer.title("color")
    if channel.agg is None and channel.title is None:
        title = f"Mean {title[:1].lower()}{title[1:]}"
    return Amounts(how, column, title)


def fair_bins(count: int) -> int:
    """About how many cells along an axis show the shape of so many rows, without most being empty.

    Twice the cube root, as Rice's rule has it for one dimension, between 10 and 60.
    """
    return int(min(60.0, max(10.0, round(2.0 * count ** (1 / 3)))))


def finite_of(layer: Layer) -> tuple[Floats, Floats, Rows]:
    """x and y of the rows that have both, and which rows these are."""
    x, y = numbers_of(layer.resolved.table["x"]), numbers_of(layer.resolved.table["y"])
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    return x[rows], y[rows], rows
