"""Channels against columns: find them, group, aggregate, rank, cut to the top, sort, and make the drawn table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from unicodedata import normalize

import numpy as np

from renderer.data.arrange import Bound, Rows, cut_to_top, sort
from renderer.data.dimensions import NEEDED, ChannelError, Dimension, describe, make_dimension
from renderer.data.facets import By
from renderer.data.groups import ANY_TYPE, Codes, aggregate, group
from renderer.data.load import SourceTable, no_column
from renderer.data.resolved import Resolved
from renderer.data.table import Column, Table
from renderer.data.thin import thin
from renderer.data.units import unit_label
from renderer.spec.channel import AGGREGATES, AGGREGATES_ELSEWHERE, CYCLES, Aggregate, Unit
from renderer.spec.errors import Problem, SpecError, pointer, show, suggest
from renderer.spec.limits import Limits
from renderer.spec.mark import Mark
from renderer.spec.source import ColumnKind

_CATEGORY: Final[tuple[ColumnKind, ...]] = ("category",)
_SAID: Final[dict[Aggregate | Unit, str]] = {
    "distinct": "Distinct", "mean": "Mean", "median": "Median", "min": "Minimum", "max": "Maximum", "first": "First",
    "last": "Last", "std": "Standard deviation of", "var": "Variance of", "stderr": "Standard error of",
    "month_of_year": "Month", "weekday": "Weekday", "day_of_month": "Day of month", "hour_of_day": "Hour",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What the meaning of a column depends on, beside its values."""

    zone: str
    locale: str
    limits: Limits


def resolve(
    mark: Mark,
    table: SourceTable,
    *,
    at: str,
    zone: str,
    locale: str,
    limits: Limits,
    facets: Sequence[By] = (),
) -> Resolved:
    """The table that a mark draws. Raises SpecError with what is wrong with each of its channels.

    If a channel has an aggregate, the rows that agree in all channels without one become one row. ``facets`` are
    channels beside the mark's own; a layer with data of its own may do without them.
    """
    bounds = _bind(mark, table, at, facets)
    rows = _read(mark, bounds, table, Place(zone, locale, limits))
    rows.ranked_by = mark.ranked_by
    warnings = _drop_missing(mark, bounds, rows)
    _each(bounds, rows, lambda bound: cut_to_top(bound, bounds, rows))
    _each(bounds, rows, lambda bound: sort(bound, bounds, rows, table))
    count = rows.length
    thinned = _thin(mark, rows, limits)
    columns = _drawn(mark, bounds, rows, limits)
    return Resolved(
        mark=mark,
        table=Table(columns),
        titles={name: _title(bound) for name, bound in bounds.items()},
        orders={
            name: tuple(dimension.names[code] for code in np.unique(dimension.codes) if code >= 0)
            for name, dimension in rows.dimensions.items()
            if dimension.codes is not None
        },
        units={name: d.unit for name, d in rows.dimensions.items() if d.unit is not None and d.codes is None},
        steps={name: d.step for name, d in rows.dimensions.items() if d.step is not None},
        warnings=tuple(warnings),
        thinned=count if thinned else 0,
        pointer=at,
    )


def check(
    mark: Mark,
    table: SourceTable,
    *,
    at: str,
    zone: str,
    locale: str,
    limits: Limits,
    facets: Sequence[By] = (),
) -> None:
    """Raise SpecError for channels that the columns of a table cannot serve, whatever its rows are."""
    _read(mark, _bind(mark, table, at, facets), table, Place(zone, locale, limits))


def _each(bounds: dict[str, Bound], rows: Rows, step: Callable[[Bound], None]) -> None:
    """Do a step for each dimension, and raise SpecError with the problems of all of them."""
    problems: list[Problem] = []
    for name, bound in bounds.items():
        if name in rows.dimensions:
            try:
                step(bound)
            except ChannelError as error:
                problems.append(Problem(bound.option(error.option), error.message))
    if problems:
        raise SpecError(problems)


def _bind(mark: Mark, table: SourceTable, at: str, facets: Sequence[By]) -> dict[str, Bound]:
    """Find the column of each channel. A column that has the name of a shorthand wins over what it means."""
    bounds: dict[str, Bound] = {}
    problems: list[Problem] = []
    own = {name for name, _ in mark.channels()}
    channels = [(name, channel, at + pointer(*name.split("/")), "") for name, channel in mark.channels()]
    for facet in facets:
        channel, sort_at = facet.channel, ""
        if facet.sort is not None and channel.sort is None:
            channel, sort_at = channel.sorted_by(facet.sort), facet.sort_pointer
        channels.append((facet.name, channel, facet.pointer, sort_at))
    for name, channel, where, sort_at in channels:
        bound = Bound(name, channel, channel.field, channel.agg, channel.unit, where, sort_at)
        written = channel.shorthand
        if written is not None and written != channel.field and written in table:
            bound = replace(bound, field=written, agg=None, unit=None)
        if bound.field is not None and bound.field not in table:
            if mark.data is not None and name not in own:
                continue
            problems.append(Problem(bound.option("field"), _no_column(bound.field, table.names)))
        bounds[name] = bound
    if problems:
        raise SpecError(problems)
    return bounds


def _of_facets(mark: Mark, names: Iterable[str]) -> list[str]:
    """The channels that are not the mark's own."""
    own = {name for name, _ in mark.channels()}
    return [name for name in names if name not in own]


def _no_column(name: str, names: Sequence[str]) -> str:
    call, _, rest = name.partition("(")
    if rest.endswith(")") and rest[:-1] in names:
        verb = AGGREGATES_ELSEWHERE.get(call.lower()) or next(iter(suggest(call, AGGREGATES)), None)
        if verb:
            return no_column(name, names, [f"{verb}({rest[:-1]})"])
    return no_column(name, names, suggest(name, names))


def _read(mark: Mark, bounds: dict[str, Bound], table: SourceTable, place: Place) -> Rows:
    """The columns of all channels."""
    rows = Rows({}, {}, len(table))
    problems: list[Problem] = []
    of_facets = _of_facets(mark, bounds)
    for name, bound in bounds.items():
        accepts = _CATEGORY if name in of_facets else mark.accepts.get(name.partition("/")[0], ())
        try:
            if bound.agg is not None and name in mark.raw:
                raise ChannelError(f"a {mark.kind} shows how all rows are spread: {_as_they_are(bound)}", "agg")
            if bound.agg is not None and name.partition("/")[0] in mark.reduces:
                column = _measured(bound, bound.agg, table, accepts)
                if column is not None:
                    rows.dimensions[name] = Dimension(column)
            elif bound.agg is not None:
                rows.measures[name] = (bound.agg, _measured(bound, bound.agg, table, accepts))
            else:
                rows.dimensions[name] = _dimension(bound, table, accepts, place)
        except ChannelError as error:
            problems.append(Problem(bound.option(error.option), error.message))
        except SpecError as error:  # a cell that cannot be read, at its own place
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return rows


def _as_they_are(bound: Bound) -> str:
    return "give a column" if bound.field is None else f"give {show(bound.field)} without {bound.agg}"


def _measured(bound: Bound, agg: Aggregate, table: SourceTable, accepts: tuple[ColumnKind, ...]) -> Column | None:
    if accepts and "number" not in accepts:
        raise ChannelError(f"{agg} gives numbers where {NEEDED[accepts[0]]} are needed", "agg")
    if bound.field is None:
        return None
    column = table.column(bound.field, bound.channel.type)
    if agg not in ANY_TYPE and column.type != "number":
        raise ChannelError(f"{agg} needs numbers, and {describe(column)}", "agg")
    return column


def _dimension(bound: Bound, table: SourceTable, accepts: tuple[ColumnKind, ...], place: Place) -> Dimension:
    channel = bound.channel
    if bound.field is None:
        value = channel.value
        kind: ColumnKind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "category"
        text = str(value).lower() if isinstance(value, bool) else value
        filled = np.full(len(table), text, dtype=np.float64 if kind == "number" else object)
        column = Column(str(text), kind, filled)
    else:
        column = table.column(bound.field, None if channel.type == "category" else channel.type)
    return make_dimension(
        column,
        unit=bound.unit,
        bins=channel.bin,
        accepts=accepts,
        as_category=channel.type == "category",
        zone=place.zone,
        locale=place.locale,
        limits=place.limits,
    )


def _drop_missing(mark: Mark, bounds: dict[str, Bound], rows: Rows) -> list[str]:
    """Leave out the rows that have no place, and say so."""
    warnings: list[str] = []
    needed = [name for name in rows.dimensions if name.partition("/")[0] not in mark.may_miss]
    for name in needed:
        missing = rows.dimensions[name].column.missing
        count = int(missing.sum())
        if count:
            rows.keep(~missing)
            noun = "row" if count == 1 else "rows"
            warnings.append(f"{count:,} {noun} without a value for {show(bounds[name].field)} left out")
    if not rows.length:
        emptied = bounds[needed[0]]
        raise SpecError.at(emptied.at, f"column {show(emptied.field)} is empty where a value is needed", empty=True)
    return warnings


def _drawn(mark: Mark, bounds: dict[str, Bound], rows: Rows, limits: Limits) -> dict[str, Column]:
    """One column for each channel: of the groups, if there is an aggregate, else of the rows in drawing order."""
    if rows.measures:
        alone = [name for name in mark.row_by_row if name in rows.dimensions]
        repeated = bool(alone) and not any(name in rows.measures for name in mark.row_by_row)
        keys = [dimension.keys() for name, dimension in rows.dimensions.items() if not repeated or name not in alone]
        groups = group(keys, rows.length)
        drawn = _drawing_order(mark, rows) if repeated else groups.first
        drawn = np.arange(rows.length) if drawn is None else drawn
        columns = {name: dimension.take(drawn).column for name, dimension in rows.dimensions.items()}
        for name, (how, column) in rows.measures.items():
            values = aggregate(how, column, groups)
            if (np.abs(values) > limits.magnitude).any():
                raise SpecError.at(bounds[name].at, f"the {how} of {show(bounds[name].field)} is too large a number")
            columns[name] = Column(bounds[name].field or "", "number", values[groups.of[drawn]] if repeated else values)
        return {name: columns[name] for name in bounds}
    _check_unique(mark, bounds, rows)
    order = _drawing_order(mark, rows)
    if order is not None:
        rows.dimensions = {name: dimension.take(order) for name, dimension in rows.dimensions.items()}
    return {name: dimension.column for name, dimension in rows.dimensions.items()}


def _thin(mark: Mark, rows: Rows, limits: Limits) -> bool:
    """Let go of rows that no picture can tell from those that stay. Whether there were any."""
    if mark.thinned is None or rows.measures or rows.length <= limits.drawn_rows:
        return False
    along, by = (rows.dimensions[name] for name in mark.thinned)
    others = [dimension for name, dimension in rows.dimensions.items() if name not in mark.thinned]
    if along.codes is not None or by.codes is not None or any(other.codes is None for other in others):
        return False
    kept = thin(along.column.values, by.column.values, [other.codes for other in others if other.codes is not None])
    if kept is None:
        return False
    mask = np.zeros(rows.length, dtype=bool)
    mask[kept] = True
    rows.keep(mask)
    return True


def _drawing_order(mark: Mark, rows: Rows) -> Codes | None:
    along = [mark.sorted_by] if mark.sorted_by else list(mark.one_row_for)
    keys = [
        dimension.column.values if dimension.codes is None else dimension.codes
        for dimension in (rows.dimensions.get(name) for name in along)
        if dimension is not None
    ]
    return np.lexsort(keys[::-1]) if keys else None


def _check_unique(mark: Mark, bounds: dict[str, Bound], rows: Rows) -> None:
    """Two bars in one place hide each other or add up, and which of them is not for us to guess."""
    apart = [name for name in mark.one_row_for if name in rows.dimensions]
    if not apart:
        return
    apart += _of_facets(mark, rows.dimensions)
    groups = group([rows.dimensions[name].keys() for name in apart], rows.length)
    if groups.count == rows.length:
        return
    sizes = np.bincount(groups.of)
    most = int(sizes.argmax())
    row = int(groups.first[most])
    shared = " and ".join(
        f"{name.partition('/')[0].replace(':', ' ')} {show(_shown(rows.dimensions[name], row))}" for name in apart
    )
    amount = next((name for name in mark.may_miss if name in bounds), apart[0])
    field = bounds[amount].field or ""
    raise SpecError.at(
        bounds[amount].at,
        f"{sizes[most]} rows share {shared}: say what to make of them, such as"
        f" {show(f'sum({field})')} or {show(f'mean({field})')}",
    )


def _shown(dimension: Dimension, row: int) -> object:
    value = dimension.column.values[row]
    if dimension.column.type == "number":
        return float(value)
    return str(value) if dimension.column.type == "category" else unit_label(value, dimension.unit)


def _title(bound: Bound) -> str:
    """The author's title, or the column's name made readable: "body_mass_g" is "Body mass g"."""
    if bound.channel.title is not None:
        return bound.channel.title
    if bound.field is None:
        return "Count" if bound.agg else str(bound.channel.value)
    name = normalize("NFC", " ".join(bound.field.replace("_", " ").split())) or bound.field
    if bound.unit in CYCLES:
        return _SAID[bound.unit]
    if bound.agg == "count":
        return f"Count of {_lower(name)}"
    if bound.agg in _SAID:
        return f"{_SAID[bound.agg]} {_lower(name)}"
    if bound.agg is not None and bound.agg != "sum":  # a quantile, p05 to p99
        return f"{int(bound.agg[1:])}th percentile of {_lower(name)}"
    return name[0].upper() + name[1:]


def _lower(name: str) -> str:
    """A name within a sentence; an abbreviation such as GDP stays as it is."""
    return name if len(name) > 1 and name[1].isupper() else name[0].lower() + name[1:]
