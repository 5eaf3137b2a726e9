"""Categories in the order in which they are shown, and only the largest of them if that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from renderer.data.dimensions import ChannelError, Dimension, describe
from renderer.data.groups import ANY_TYPE, Codes, Floats, Groups, aggregate
from renderer.data.load import SourceTable, no_column
from renderer.data.table import Column
from renderer.spec.channel import Aggregate, Channel, Unit, read_shorthand
from renderer.spec.errors import show, suggest

_ASCENDING: Final = ("asc", "ascending")
_DESCENDING: Final = ("desc", "descending")
_AMOUNTS: Final = ("y", "value")
"""The channels that say how large a category is."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A channel with its column found, and its shorthand decided. `at` is its pointer."""

    name: str
    channel: Channel
    field: str | None
    agg: Aggregate | None
    unit: Unit | None
    at: str
    sort_at: str = ""
    """The pointer of its order, where that stands elsewhere."""

    def option(self, name: str) -> str:
        """The pointer of an option of the channel, which is the channel itself where it was written as a text."""
        if name == "sort" and self.sort_at:
            return self.sort_at
        return f"{self.at}/{name}" if name and self.channel.shorthand is None else self.at


@dataclass(slots=True)
class Rows:
    """The rows that are left: dimensions by channel, and the columns to aggregate by channel (None: count rows)."""

    dimensions: dict[str, Dimension]
    measures: dict[str, tuple[Aggregate, Column | None]]
    length: int
    kept: npt.NDArray[np.int64] | None = None
    """Which rows of the source these are; None is all of them."""
    ranked_by: Aggregate = "sum"
    """What the amounts of a category come to, where no aggregate says it."""

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Leave out the rows that are not in `mask`."""
        self.dimensions = {name: dimension.take(mask) for name, dimension in self.dimensions.items()}
        self.measures = {
            name: (how, None if column is None else replace(column, values=column.values[mask]))
            for name, (how, column) in self.measures.items()
        }
        self.kept = np.flatnonzero(mask) if self.kept is None else self.kept[mask]
        self.length = int(mask.sum())

    def of(self, column: Column) -> Column:
        """The rows that are left of a column of the source."""
        return column if self.kept is None else replace(column, values=column.values[self.kept])


def cut_to_top(bound: Bound, bounds: dict[str, Bound], rows: Rows) -> None:
    """Keep the categories with the largest totals; the rest goes, or is collected under the name in `other`."""
    channel, dimension = bound.channel, rows.dimensions[bound.name]
    if channel.top is None:
        return
    if dimension.codes is None:
        raise ChannelError(f"top keeps categories, and {describe(dimension.column)}", "top")
    if channel.other is not None and not rows.measures and rows.ranked_by == "sum":
        amount = next((bounds[name].field for name in _AMOUNTS if name in bounds), None) or "price"
        example = show(f"sum({amount})")
        raise ChannelError(f"other adds up what is left out, so the amount must say how, such as {example}", "other")
    totals = _totals(dimension, bounds, rows)
    ranked = np.argsort(-totals, kind="stable")  # NaN comes last
    kept = ranked[: channel.top]
    # A list of the largest is read from the largest down, unless its categories have an order of their own.
    order = np.sort(kept) if dimension.natural or channel.sort is not None else kept
    names = [dimension.names[code] for code in order]
    renumbered = np.full(len(dimension.names) + 1, -1, dtype=np.int64)
    renumbered[order] = np.arange(len(order))
    if channel.other is not None and len(ranked) > channel.top:
        if channel.other not in names:
            names.append(channel.other)
        left_out = ranked[channel.top :]
        renumbered[left_out] = names.index(channel.other)
    codes = renumbered[dimension.codes]
    rows.dimensions[bound.name] = dimension.recode(codes, names)
    if (codes < 0).any():
        rows.keep(codes >= 0)


def sort(bound: Bound, bounds: dict[str, Bound], rows: Rows, table: SourceTable) -> None:
    """Put the categories of a channel in the order that it asks for; what `other` collects stays last."""
    by, dimension = bound.channel.sort, rows.dimensions[bound.name]
    if by is None:
        return
    if dimension.codes is None:
        if by in _ASCENDING:
            return
        remedy = 'add "type": "category", or turn the axis with "reverse": true'
        raise ChannelError(f"sort puts categories in order, and {describe(dimension.column)}; {remedy}", "sort")
    order = _order(by, dimension, bounds, rows, table)
    collected = bound.channel.other
    if collected is not None and collected in dimension.names:
        last = dimension.names.index(collected)
        order = np.append(order[order != last], last)
    ranks = np.empty(len(order) + 1, dtype=np.int64)
    ranks[order] = np.arange(len(order))
    ranks[-1] = -1
    rows.dimensions[bound.name] = dimension.recode(ranks[dimension.codes], [dimension.names[code] for code in order])


def _order(
    by: str | tuple[Any, ...], dimension: Dimension, bounds: dict[str, Bound], rows: Rows, table: SourceTable
) -> Codes:
    """The codes of the categories, in order."""
    names = dimension.names
    if isinstance(by, tuple):
        wanted = {_text(value): place for place, value in reversed(list(enumerate(by)))}
        return np.argsort([wanted.get(name, len(by)) for name in names], kind="stable").astype(np.int64)
    if by in _ASCENDING or by in _DESCENDING:
        places = list(range(len(names)))
        if not dimension.natural:
            places.sort(key=lambda code: (names[code].casefold(), names[code]))
        return np.array(places if by in _ASCENDING else places[::-1], dtype=np.int64)
    if by == "data":
        codes = dimension.keys()
        found, first = np.unique(codes, return_index=True)
        return found[np.argsort(first)]
    descending = by.startswith("-") and by not in table
    totals = _values_to_sort_by(by[1:] if descending else by, dimension, bounds, rows, table)
    return np.argsort(-totals if descending else totals, kind="stable").astype(np.int64)


def _values_to_sort_by(
    by: str, dimension: Dimension, bounds: dict[str, Bound], rows: Rows, table: SourceTable
) -> Floats:
    """One number for each category: of another channel (its aggregate, or what the mark ranks by), or of a column (the
    mean)."""
    how: Aggregate
    if by in rows.measures:
        how, column = rows.measures[by]
    elif by in bounds and by not in table:
        how, column = rows.ranked_by, rows.dimensions[by].column
    else:
        call: dict[str, Any] = {"field": by} if by in table else read_shorthand(by)
        if "unit" in call:
            raise ChannelError(f"categories are put in order by amounts, and {show(by)} is a time", "sort")
        how, field = call.get("agg", "mean"), call.get("field")
        if field is not None and field not in table:
            known = ["asc", "desc", "data", *bounds, *table.names]
            raise ChannelError(no_column(field, table.names, suggest(field, known)), "sort")
        column = rows.of(table.column(field)) if field is not None else None
    if column is not None and column.type == "time" and how in ("sum", "mean", "min", "max"):
        # A time as such is the first of its category's: tasks in the order in which they start.
        how = "max" if how == "max" else "min"
        moments = column.values.astype("datetime64[us]").astype(np.float64)
        column = replace(column, type="number", values=np.where(column.missing, np.nan, moments))
    if column is not None and column.type != "number" and how not in ANY_TYPE:
        raise ChannelError(f"{how} needs numbers, and {describe(column)}", "sort")
    return aggregate(how, column, _groups_of(dimension))


def _totals(dimension: Dimension, bounds: dict[str, Bound], rows: Rows) -> Floats:
    """What makes a category large: its aggregate, or what its amounts come to, or its number of rows."""
    groups = _groups_of(dimension)
    if rows.measures:
        how, column = next(
            (rows.measures[name] for name in _AMOUNTS if name in rows.measures), next(iter(rows.measures.values()))
        )
        return aggregate(how, column, groups)
    amounts = next((rows.dimensions[name] for name in _AMOUNTS if name in rows.dimensions), None)
    if amounts is not None and amounts.column.type == "number":
        return aggregate(rows.ranked_by, amounts.column, groups)
    return aggregate("count", None, groups)


def _groups_of(dimension: Dimension) -> Groups:
    return Groups(dimension.keys(), np.zeros(len(dimension.names), dtype=np.int64))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
