"""Facets: the layers of a chart, resolved once, and split into panels by the values of a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from renderer.data.resolved import Resolved
from renderer.data.table import Column, Table
from renderer.spec.channel import Channel, SortOrder
from renderer.spec.errors import SpecError, show
from renderer.spec.facet import Facet
from renderer.spec.limits import Limits

T = TypeVar("T")
Way = Literal["field", "columns", "rows"]
_PREFIX = "facet:"


@dataclass(frozen=True, slots=True)
class By:
    """A channel that makes panels. It is a column of each layer's table until the layer is split."""

    way: Way
    channel: Channel
    sort: SortOrder | None
    at: str = ""
    """The pointer of what has the facet: "" for the chart, or a panel's."""

    @property
    def name(self) -> str:
        """Its name among the channels of a layer."""
        return _PREFIX + self.way

    @property
    def pointer(self) -> str:
        return f"{self.at}/facet/{self.way}"

    @property
    def sort_pointer(self) -> str:
        return f"{self.at}/facet/sort"


@dataclass(frozen=True, slots=True, eq=False)
class Facets:
    """What the panels of small multiples are: each name along `field`, or each pair of a row and a column."""

    share: Literal["all", "x", "y", "none"]
    wrap: int | None
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    title: str = ""
    """What the names are the values of."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The layers of one panel, its name, and its row and column; the row is -1 where panels wrap."""

    name: str
    row: int
    column: int
    layers: tuple[Resolved, ...]


def by(facet: Facet | None, at: str = "") -> tuple[By, ...]:
    """The channels of a facet; `at` is the pointer of the chart or panel that has it."""
    return tuple(By(way, channel, facet.sort, at) for way, channel in facet.channels()) if facet is not None else ()


def split(layers: Sequence[Resolved], facet: Facet, limits: Limits, at: str = "") -> tuple[Facets, tuple[Part, ...]]:
    """The panels of a chart whose layers have their facets' columns; raises SpecError where there are too many."""
    ways = by(facet, at)
    orders = {way.way: _order(way, layers) for way in ways}
    count = int(np.prod([max(1, len(names)) for names in orders.values()]))
    most = min(facet.max or limits.panels, limits.panels)
    if count > most:
        _refuse(ways, orders, count, most)
    titles = [layer.titles.get(way.name, "") for way in ways for layer in layers if way.name in layer.table]
    found = Facets(
        facet.share,
        facet.wrap,
        names=orders.get("field", ()),
        columns=orders.get("columns", ()),
        rows=orders.get("rows", ()),
        title=next(iter(titles), ""),
    )
    shared = frozenset({"all": "xy", "x": "x", "y": "y", "none": ""}[facet.share])
    parts = []
    for name, row, column, wanted in _cells(found):
        taken = tuple(_take(layer, wanted, shared) for layer in layers)
        if any(len(layer.table) for layer in taken):
            parts.append(Part(name, row, column, taken))
    return found, tuple(parts)


def _order(way: By, layers: Sequence[Resolved]) -> tuple[str, ...]:
    """The names of all layers, in the order of the first."""
    found = [layer.orders[way.name] for layer in layers if way.name in layer.orders]
    return tuple(dict.fromkeys(name for names in found for name in names))


def _refuse(ways: Sequence[By], orders: dict[Way, tuple[str, ...]], count: int, most: int) -> None:
    largest = max(ways, key=lambda way: len(orders[way.way]))
    field = show(largest.channel.field)
    kept = max(1, most // max(1, count // len(orders[largest.way])))
    example = f'{{"field": "{(largest.channel.field or "")[:40]}", "top": {kept}}}'
    made = " x ".join(str(len(orders[way.way])) for way in ways)
    made = f"{made} = {count}" if len(ways) > 1 else f"{count}"
    raise SpecError.at(
        largest.pointer,
        f"{field} makes {made} panels, and there may be {most}: keep the largest with {example}, or filter the data",
    )


def _cells(facets: Facets) -> Iterator[tuple[str, int, int, dict[str, str]]]:
    """Each panel's name, row and column, and what its rows have in the facets' columns."""
    if facets.names:
        for place, name in enumerate(facets.names):
            yield name, -1, place, {f"{_PREFIX}field": name}
        return
    for row, below in enumerate(facets.rows or ("",)):
        for column, beside in enumerate(facets.columns or ("",)):
            wanted = {f"{_PREFIX}rows": below} if facets.rows else {}
            wanted |= {f"{_PREFIX}columns": beside} if facets.columns else {}
            yield " · ".join(name for name in (beside, below) if name), row, column, wanted


def _take(layer: Resolved, wanted: dict[str, str], shared: frozenset[str]) -> Resolved:
    """The rows of a layer that belong to a panel: all of them, if it knows nothing of the facet."""
    rows: npt.NDArray[np.bool_] = np.ones(len(layer.table), dtype=bool)
    for name, value in wanted.items():
        if name in layer.table:
            rows &= layer.table[name].values == value
    own = {name: column for name, column in layer.table.columns.items() if not name.startswith(_PREFIX)}
    picked: dict[str, Column] = {name: replace(column, values=column.values[rows]) for name, column in own.items()}
    return replace(
        layer,
        table=Table(picked),
        whole=Table(own),
        shared=shared,
        titles=_without(layer.titles),
        orders=_without(layer.orders),
        units=_without(layer.units),
        steps=_without(layer.steps),
    )


def _without(found: Mapping[str, T]) -> dict[str, T]:
    """What is known of the layer's own channels."""
    return {name: value for name, value in found.items() if not name.startswith(_PREFIX)}
