"""The verbs of transforms that make other rows of the rows there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from renderer.data.calls import as_text
from renderer.data.compute import Compiler
from renderer.data.query import ROW, Query, Type, Variable
from renderer.data.rollup import StepError, find, holds, measured, of_group, order_by, partition
from renderer.data.term import Term
from renderer.data.units import unit_label
from renderer.data.zones import to_local
from renderer.spec.channel import read_shorthand
from renderer.spec.errors import pointer, show
from renderer.spec.transform import Aggregate, Downsample, Pivot, Top, Unpivot
from renderer.spec.tree import Field


def aggregate(query: Query, step: Aggregate, at: str) -> None:
    """One row for each group, in the order in which the groups first appear."""
    keys = {name: find(query, name, "/by") for name in step.by}
    columns = dict(keys)
    computed: dict[str, str] = {}
    for name, measure in step.aggregate.items():
        option = "/aggregate" + pointer(name)
        if name in keys:
            raise StepError(f"{show(name)} is the name of a column in 'by'", option)
        column, kind = measured(query, measure.agg, measure.field, option)
        columns[name] = Variable(query.name(), kind, at)
        computed[columns[name].sql] = of_group(measure.agg, column)
    _group(query, columns, computed, keys)


def _group(query: Query, columns: dict[str, Variable], computed: dict[str, str], keys: dict[str, Variable]) -> None:
    grouped = ", ".join(key.sql for key in keys.values())
    tail = f"GROUP BY {grouped}" if grouped else ""
    if not keys:
        query.most_rows = 1
    query.project(columns, computed, row=f"coalesce(min({ROW}), 0)", tail=tail)
    query.known, query.unread = (), frozenset()


def pivot(query: Query, step: Pivot, at: str) -> None:
    """One row for each group, with a column for each value; the columns are found by looking at the rows."""
    on = find(query, step.pivot, "/pivot")
    keys = {name: find(query, name, "/by") for name in step.by}
    column, kind = measured(query, step.value.agg, step.value.field, "/value")
    most = query.place.limits.categories
    first = "2" if on.type in ("text", "truth") else "1"
    select = query.text(
        f"SELECT {on.sql} AS v, min({ROW}) AS r FROM {query.relation} WHERE {on.sql} IS NOT NULL"
        f" GROUP BY {on.sql} ORDER BY {first} LIMIT {most + 1}"
    )
    values = query.engine.run(select, query.values)["v"]
    if len(values) > most:
        raise StepError(f"column {show(step.pivot)} has more than {most} values to make columns of", "/pivot")
    columns = dict(keys)
    computed: dict[str, str] = {}
    for value in values:
        name = _name_of(value, on.type, query.place.zone)
        if name in columns:
            raise StepError(f"two columns would have the name {show(name)}", "/pivot")
        columns[name] = Variable(query.name(), kind, at)
        same = query.bind(bool(value) if on.type == "truth" else value)
        computed[columns[name].sql] = of_group(step.value.agg, column, where=f"{on.sql} = {same}")
    _group(query, columns, computed, keys)


def _name_of(value: Any, kind: Type, zone: str) -> str:
    if kind == "time":
        return unit_label(to_local(np.array([value], dtype="datetime64[us]"), zone)[0], None)
    if kind == "number":
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.12g}"
    return str(value).lower() if kind == "truth" else str(value)


def unpivot(query: Query, step: Unpivot, at: str) -> None:
    """A row for each column of each row, in the order of the rows and then of the columns."""
    found = {name: find(query, name, "/unpivot") for name in step.unpivot}
    first = step.unpivot[0]
    for other, variable in found.items():
        if variable.type != found[first].type:
            both = f"{holds(first, found[first])}, and {holds(other, variable)}"
            raise StepError(f"{both}: one column cannot hold both", "/unpivot")
    kept = {name: variable for name, variable in query.columns.items() if name not in found}
    for name in step.into:
        if name in kept or name in query.unread:
            raise StepError(f"there is a column {show(name)} already", "/into")
    rows = min(query.most_rows, query.place.limits.values)
    check_size(query, rows * len(found), len(kept) + 2, lambda: query.count() * len(found), "/unpivot")
    names, values = Variable(query.name(), "text", at), Variable(query.name(), found[first].type, at)
    which = query.name()
    named = " ".join(f"WHEN {place} THEN {query.bind(column)}" for place, column in enumerate(found))
    valued = " ".join(f"WHEN {place} THEN {column.sql}" for place, column in enumerate(found.values()))
    places = ", ".join(f"({place})" for place in range(len(found)))
    query.relation = f"{query.relation} CROSS JOIN (VALUES {places}) AS places({which})"
    query.project(
        {**kept, step.into[0]: names, step.into[1]: values},
        {names.sql: f"CASE {which} {named} END", values.sql: f"CASE {which} {valued} END"},
        row=f"{ROW} * {len(found)} + {which}",
    )


def check_size(query: Query, most_rows: int, columns: int, exact: Callable[[], int], option: str) -> None:
    """Refuse a step after which there would be too many values; look at the rows only if it may be so."""
    limit = query.place.limits.values
    if most_rows * columns > limit:
        most_rows = exact()
    if most_rows * columns > limit:
        raise StepError(f"makes {most_rows:,} x {columns} values; at most {limit:,} are allowed", option)
    query.most_rows = most_rows


def top(query: Query, step: Top, at: str) -> None:
    """The largest rows, largest first; or the rows of the largest values of a column, as they come."""
    field, count = step.top
    by = step.by or ""
    down = by.startswith("-") and by not in query.columns
    by = by[1:] if down else by
    if field is None:
        keys = order_by(query, [by], "/by") if by else []
        if not down:
            keys = [key.replace(" ASC ", " DESC ") for key in keys]
        place = query.let(f"row_number() OVER (ORDER BY {', '.join([*keys, ROW])})")
        query.project(query.columns, row=place, tail=f"WHERE {place} <= {count}")
        query.most_rows = min(query.most_rows, count)
        return
    column = find(query, field, "/top")
    call = read_shorthand(by) if by and by not in query.columns else {"agg": "sum", "field": by} if by else {}
    if by and "agg" not in call:
        find(query, by, "/by")
    agg = call.get("agg", "count")
    measure, _ = measured(query, agg, call.get("field"), "/by")
    which, size, first, place = (query.name() for _ in range(4))
    rows = query.keep()
    query.table(
        f"SELECT {column.sql} AS {which}, {of_group(agg, measure)} AS {size}, min({ROW}) AS {first} FROM {rows}"
        f" WHERE {column.sql} IS NOT NULL GROUP BY {column.sql}"
    )
    order = f"{size} {'ASC' if down else 'DESC'} NULLS LAST, {first}"
    query.table(f"SELECT {which}, row_number() OVER (ORDER BY {order}) AS {place} FROM {query.relation}")
    query.relation = f"{rows} LEFT JOIN {query.relation} ON {column.sql} = {which}"
    if step.other is None:
        query.project(query.columns, tail=f"WHERE {place} <= {count}")
        return
    if column.type == "time":
        raise StepError(f"'other' is a text, and {holds(field, column)}", "/other")
    text = as_text(Compiler(query), Term(column.sql, column.type, Field(field), plain=True))
    named = Variable(query.name(), "text", at)
    sql = f"CASE WHEN {place} > {count} THEN {query.bind(step.other)} ELSE {text} END"
    query.project({**query.columns, field: named}, {named.sql: sql})


def downsample(query: Query, step: Downsample, at: str) -> None:
    """At most so many rows of each group: of each stretch of rows the first, the last, the least and the greatest."""
    groups = partition(query, step.by, "/by")
    keys = ", ".join([*order_by(query, [step.order], "/order"), ROW])
    count = query.let(f"count(*) OVER ({groups})")
    if step.of is None:
        stretch = query.let(f"ntile({step.downsample}) OVER ({groups}ORDER BY {keys})")
        within = f"{groups or 'PARTITION BY '}{', ' if groups else ''}{stretch} ORDER BY {keys}"
        kept = f"row_number() OVER ({within}) = 1"
    else:
        column = find(query, step.of, "/of")
        if column.type != "number":
            raise StepError(f"least and greatest values are numbers, and {holds(step.of, column)}", "/of")
        stretch = query.let(f"ntile({step.downsample // 4}) OVER ({groups}ORDER BY {keys})")
        part = f"{groups or 'PARTITION BY '}{', ' if groups else ''}{stretch}"
        ranks = [
            f"row_number() OVER ({part} ORDER BY {order})"
            for order in (
                keys,
                _reversed(keys),
                f"{column.sql} ASC NULLS LAST, {ROW}",
                f"{column.sql} DESC NULLS LAST, {ROW}",
            )
        ]
        kept = f"1 IN ({', '.join(query.let(rank) for rank in ranks)})"
    chosen = query.let(kept)
    query.project(query.columns, tail=f"WHERE {chosen} OR {count} <= {step.downsample}")


def _reversed(keys: str) -> str:
    """The order the other way round."""
    return ", ".join(
        key.replace(" ASC NULLS LAST", " DESC NULLS FIRST") if " ASC " in key
        else key.replace(" DESC NULLS LAST", " ASC NULLS FIRST") if " DESC " in key else f"{key} DESC"
        for key in keys.split(", ")
    )  # fmt: skip
