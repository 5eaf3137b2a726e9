"""The verb that fills: missing values, and the rows that are missing between the first and the last."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from renderer.data.query import ROW, SQL_TYPES, Query, Type, Variable
from renderer.data.reshape import check_size
from renderer.data.rollup import StepError, find, holds, partition
from renderer.data.units import truncate
from renderer.data.zones import to_local, to_utc
from renderer.spec.channel import Unit
from renderer.spec.errors import pointer, show
from renderer.spec.transform import Fill

_NUMPY_STEPS: Final = {"year": "Y", "quarter": "M", "month": "M", "week": "D", "day": "D"}
_STEP_LENGTHS: Final = {"quarter": 3, "week": 7}
_EXACT: Final = {"hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}
"""Microseconds."""


def fill(query: Query, step: Fill, at: str) -> None:
    """Missing values filled; before, the rows that are missing between the first and the last, where it is asked."""
    for name in step.by:
        find(query, name, "/by")
    if step.order is not None:
        find(query, step.order, "/order")
    if step.every is not None:
        _complete(query, step, at)
    groups = partition(query, step.by, "/by")
    order = [f"{query.columns[step.order].sql} NULLS LAST"] if step.order is not None else []
    lines = f"{groups}ORDER BY {', '.join([*order, ROW])} ROWS BETWEEN"
    before, after = f"{lines} UNBOUNDED PRECEDING AND CURRENT ROW", f"{lines} CURRENT ROW AND UNBOUNDED FOLLOWING"
    columns = dict(query.columns)
    computed: dict[str, str] = {}
    for name, (how, value) in step.fill.items():
        option = "/fill" + pointer(name)
        column = find(query, name, option)
        x = column.sql
        if how == "value":
            sql = f"coalesce({x}, {_filled(query, name, column, value, option)})"
        elif how == "linear":
            sql = _linear(query, step, name, before, after, option)
        else:
            window, pick = (before, "last_value") if how == "previous" else (after, "first_value")
            sql = f"coalesce({x}, {pick}({x} IGNORE NULLS) OVER ({window}))"
        columns[name] = Variable(query.name(), column.type, at)
        computed[columns[name].sql] = sql
    query.project(columns, computed)


def _filled(query: Query, name: str, column: Variable, value: Any, option: str) -> str:
    kind: Type = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if kind == "truth" and column.type == "text":
        kind, value = "text", str(value).lower()
    if kind != column.type:
        raise StepError(f"{show(value)} does not fit: {holds(name, column)}", option)
    return query.bind(value if isinstance(value, bool | str) else float(value))


def _linear(query: Query, step: Fill, name: str, before: str, after: str, option: str) -> str:
    y = query.columns[name]
    if y.type != "number":
        raise StepError(f"linear needs numbers, and {holds(name, y)}", option)
    if step.order is None:
        x = query.let(f"{ROW}::DOUBLE")
    else:
        along = query.columns[step.order]
        if along.type not in ("number", "time"):
            raise StepError(f"linear goes along numbers or times, and {holds(step.order, along)}", "/order")
        x = query.let(f"epoch_us({along.sql})::DOUBLE" if along.type == "time" else along.sql)
    known = query.let(f"CASE WHEN {y.sql} IS NOT NULL THEN {x} END")
    x0, y0 = (query.let(f"last_value({column} IGNORE NULLS) OVER ({before})") for column in (known, y.sql))
    x1, y1 = (query.let(f"first_value({column} IGNORE NULLS) OVER ({after})") for column in (known, y.sql))
    return f"coalesce({y.sql}, {y0} + ({y1} - {y0}) * (({x} - {x0}) / ({x1} - {x0})))"


def _complete(query: Query, step: Fill, at: str) -> None:
    """Add a row for each place of each group where there is none. Rows are then in order, by it and by group."""
    assert step.order is not None, "checked when the step was read"
    along = query.columns[step.order]
    by_unit = isinstance(step.every, str)
    if along.type != ("time" if by_unit else "number"):
        needed = "times" if by_unit else "numbers; of times give a unit, such as 'day'"
        raise StepError(f"{show(step.every)} needs {needed}, and {holds(step.order, along)}", "/every")
    ends = query.probe(f"SELECT min({along.sql}) AS low, max({along.sql}) AS high")
    places = _places(ends["low"], ends["high"], step.every, query)
    keys = {name: query.columns[name] for name in step.by}
    by = ", ".join(key.sql for key in keys.values())
    groups = 1
    if by:
        groups = int(query.probe(f"SELECT count(DISTINCT ({by})) AS n")["n"][0]) + 1
    check_size(
        query, query.most_rows + groups * len(places), len(query.columns),
        lambda: query.count() + groups * len(places), "/every",
    )  # fmt: skip
    table, place = f'"places{len(query.tables)}"', query.name()
    query.engine.register(table.strip('"'), {place.strip('"'): places})
    start = (
        query.clock.truncated(along.sql, str(step.every), query.let)
        if by_unit
        else f"floor({along.sql} / {query.bind(float(step.every or 1))} + 1e-9)"
    )
    there = query.let(start)
    rows = query.relation
    query.table(f"SELECT * FROM {rows}", kept=True)
    rows = query.relation
    first = query.name()
    query.table(f"SELECT {by + ', ' if by else ''}min({ROW}) AS {first} FROM {rows} {'GROUP BY ' + by if by else ''}")
    group_table = query.relation
    target = place if by_unit else f"floor({place} / {query.bind(float(step.every or 1))} + 0.5)"
    same = "".join(f" AND r.{key.sql} IS NOT DISTINCT FROM g.{key.sql}" for key in keys.values())
    listed = ", ".join(
        f"g.{variable.sql}" if name in keys else f"{place} AS {variable.sql}" if name == step.order
        else f"NULL::{SQL_TYPES[variable.type]} AS {variable.sql}"
        for name, variable in query.columns.items()
    )  # fmt: skip
    query.table(
        f"SELECT {query.listed()}, {ROW}, {ROW} AS {first} FROM {rows} UNION ALL"
        f" SELECT {listed}, NULL, g.{first} FROM {group_table} AS g CROSS JOIN {table}"
        f" WHERE NOT EXISTS (SELECT 1 FROM {rows} AS r WHERE r.{there} = {target}{same})"
    )
    query.project(
        query.columns,
        row=f"row_number() OVER (ORDER BY {along.sql} NULLS LAST, {first}, {ROW})",
    )


def _places(low: Any, high: Any, every: str | float | None, query: Query) -> Any:
    """All places from the first to the last of a column: starts of units (UTC), or multiples of a number."""
    limit = query.place.limits.values
    if not isinstance(every, str):
        size = float(every or 1)
        if not (np.isfinite(low[0]) and np.isfinite(high[0])):
            return np.zeros(0)
        first, last = np.floor(low[0] / size + 1e-9), np.floor(high[0] / size + 1e-9)
        if last - first >= limit:
            raise StepError(f"makes more than {limit:,} rows", "/every")
        return np.arange(int(first), int(last) + 1, dtype=np.float64) * size
    if np.isnat(low[0]) or np.isnat(high[0]):
        return np.zeros(0, dtype="datetime64[us]")
    zone = query.place.zone
    ends = truncate(np.array([low[0], high[0]], dtype="datetime64[us]"), cast(Unit, every), zone)
    if every in _EXACT:
        micros = ends.astype(np.int64)
        if (micros[1] - micros[0]) // _EXACT[every] >= limit:
            raise StepError(f"makes more than {limit:,} rows", "/every")
        return np.arange(micros[0], micros[1] + 1, _EXACT[every]).astype("datetime64[us]")
    clock = to_local(ends, zone).astype(f"datetime64[{_NUMPY_STEPS[every]}]")
    steps = np.arange(clock[0], clock[1] + 1, _STEP_LENGTHS.get(every, 1)).astype("datetime64[us]")
    return np.unique(to_utc(steps, zone))
