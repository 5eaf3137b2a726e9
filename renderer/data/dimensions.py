"""Dimensions: the columns that rows are placed and grouped by, cut to units, put into bins, turned into categories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.bins import DEFAULT_BINS, bin_edges, bin_number
from renderer.data.groups import Codes, factorize
from renderer.data.table import Column
from renderer.data.units import cycle, cycle_labels, truncate, unit_label
from renderer.data.zones import to_local
from renderer.spec.channel import CYCLES, Bin, Unit
from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.source import ColumnKind

NEEDED: Final[dict[ColumnKind, str]] = {"number": "numbers", "time": "dates", "category": "categories"}


class ChannelError(ValueError):
    """A channel that its column cannot serve; `option` is the field of the channel that asks for too much."""

    def __init__(self, message: str, option: str = "") -> None:
        self.message, self.option = message, option
        super().__init__(message)


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """A column that rows are placed or grouped by.

    Categories have a code for each row: -1 where it is missing, else an index into `names`, which stand in the order
    in which they are shown; `natural` says that this order is their own (the calendar's, ascending numbers), and not
    that of the rows.
    """

    column: Column
    codes: Codes | None = None
    names: tuple[str, ...] = ()
    natural: bool = False
    unit: Unit | None = None
    step: float | None = None

    def keys(self) -> Codes:
        """A code for each row, in ascending order of what is shown; -1 is missing."""
        return factorize(self.column)[0] if self.codes is None else self.codes

    def take(self, rows: npt.NDArray[Any]) -> Dimension:
        """The dimension of some of the rows, by index or by mask."""
        column = replace(self.column, values=self.column.values[rows])
        return replace(self, column=column, codes=None if self.codes is None else self.codes[rows])

    def recode(self, codes: Codes, names: Sequence[str]) -> Dimension:
        """The categories `names` for these codes."""
        looked_up = np.empty(len(names) + 1, dtype=object)
        looked_up[:-1] = names  # and None at -1
        column = Column(self.column.name, "category", looked_up[codes])
        return replace(self, column=column, codes=codes, names=tuple(names))


def make_dimension(
    column: Column,
    *,
    unit: Unit | None,
    bins: Bin | None,
    accepts: tuple[ColumnKind, ...],
    as_category: bool,
    zone: str,
    locale: str,
    limits: Limits,
) -> Dimension:
    """The dimension of a column; raises ChannelError where the column is not of a type that can be so used."""
    if unit is not None:
        if column.type != "time":
            raise ChannelError(f"{unit} needs dates, and {describe(column)}", "unit")
        if unit in CYCLES:
            return _cyclic(column, unit, zone, locale)
        column = replace(column, values=truncate(column.values, unit, zone))
    step = None
    if bins is not None:
        if column.type != "number":
            remedy = "; for dates give a unit, such as 'month'" if column.type == "time" else ""
            raise ChannelError(f"bins need numbers, and {describe(column)}{remedy}", "bin")
        column, step = _binned(column, bins, limits)
    if column.type == "category":
        if accepts and "category" not in accepts:
            raise ChannelError(f"{describe(column)} where {NEEDED[accepts[0]]} are needed{_hint(column)}")
        codes, found = factorize(column)
        return Dimension(column, codes, tuple(found), unit=unit)
    dimension = Dimension(column, unit=unit, step=step)
    if accepts and column.type not in accepts and "category" not in accepts:
        raise ChannelError(f"{describe(column)} where {NEEDED[accepts[0]]} are needed")
    if as_category or (accepts and column.type not in accepts):
        return _named(dimension, zone)
    return dimension


def describe(column: Column) -> str:
    """What a column holds, with an example: "column 'name' holds text ('abc' in row 3)"."""
    if column.type == "number":
        return f"column {show(column.name)} holds numbers"
    if column.type == "time":
        return f"column {show(column.name)} holds dates"
    known = np.flatnonzero(~column.missing)
    if not len(known):
        return f"column {show(column.name)} is empty"
    return f"column {show(column.name)} holds text ({show(column.values[known[0]])} in row {known[0] + 1})"


def _hint(column: Column) -> str:
    """A column of numbers that were sent as texts is a frequent mistake with a short remedy."""
    try:
        np.array([value for value in column.values if value is not None][:1000], dtype=np.float64)
    except ValueError:
        return ""
    return f'; if they are numbers, say so in data: "types": {{{column.name[:40]!r}: "number"}}'.replace("'", '"')


def _cyclic(column: Column, unit: Unit, zone: str, locale: str) -> Dimension:
    labels = cycle_labels(unit, locale)
    places = cycle(column.values, unit, zone)
    order = [place for place in labels if place in set(np.unique(places).tolist())]
    ranks = {place: rank for rank, place in enumerate(order)} | {-1: -1}
    found, inverse = np.unique(places, return_inverse=True)
    codes = np.array([ranks[place] for place in found.tolist()], dtype=np.int64)[inverse]
    return Dimension(column, natural=True, unit=unit).recode(codes, [labels[place] for place in order])


def _binned(column: Column, bins: Bin, limits: Limits) -> tuple[Column, float]:
    known = column.values[~column.missing]
    if not len(known):
        return column, 1.0
    span = float(known.max()) - float(known.min())
    if bins.step is not None and span / bins.step > limits.bins:
        raise ChannelError(f"a step of {bins.step:g} makes more than {limits.bins} bins", "bin")
    edges = bin_edges(known, count=bins.count or DEFAULT_BINS, step=bins.step)
    width = float(edges[1] - edges[0])
    middles = column.values.copy()
    middles[~column.missing] = edges[bin_number(known, edges)] + width / 2
    return replace(column, values=middles), width


def _named(dimension: Dimension, zone: str) -> Dimension:
    """Numbers and times as categories, in ascending order."""
    name: Callable[[Any], str]
    codes, values = factorize(dimension.column)
    if dimension.column.type == "time":
        values = to_local(values, zone)

        def name(value: Any) -> str:
            return unit_label(value, dimension.unit)

    elif (step := dimension.step) is not None:

        def name(value: Any) -> str:
            return f"{_short(value - step / 2)}–{_short(value + step / 2)}"

    else:
        name = _short
    return replace(dimension, natural=True, step=None).recode(codes, [name(value) for value in values])


def _short(value: float) -> str:
    value = float(f"{value:.12g}")  # 0.1 + 0.2 is no name for a category
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
