"""The verbs of transforms in SQL, but for those that change what a row is: renderer.data.reshape has them.

After every step the column "row" numbers the rows in their order, so that the same data give the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from renderer.data.bins import DEFAULT_BINS, nice_step
from renderer.data.compute import Compiler
from renderer.data.fill import fill
from renderer.data.query import ROW, SQL_TYPES, Query, Variable
from renderer.data.reshape import aggregate, downsample, pivot, top, unpivot
from renderer.data.rollup import StepError, find, holds, measured, of_window, order_by, partition
from renderer.spec.errors import pointer
from renderer.spec.expressions import Expression
from renderer.spec.tokens import ExpressionError
from renderer.spec.transform import Bins, Derive, Filter, Sort, Step, Truncate, Window


def apply(query: Query, step: Step, at: str) -> None:
    """Let the rows of a query go through a step that stands at the pointer `at`. Raises StepError."""
    _APPLY[type(step).verb](query, step, at)


def _filter(query: Query, step: Filter, at: str) -> None:
    try:
        condition = Compiler(query).condition(step.filter.root)
    except ExpressionError as error:
        raise StepError(str(error), "/filter") from None
    query.project(query.columns, tail=f"WHERE {condition.sql}")


def _derive(query: Query, step: Derive, at: str) -> None:
    for name, expression in step.derive.items():
        try:
            _add(query, name, expression, at)
        except ExpressionError as error:
            raise StepError(str(error), "/derive" + pointer(name)) from None


def _add(query: Query, name: str, expression: Expression, at: str) -> None:
    compiler = Compiler(query)
    term = compiler.compile(expression.root)
    sql = f"({term.sql})::{SQL_TYPES[term.type]}"
    if term.type == "number" and not term.plain:
        value = query.let(sql)  # an overflow is no number, and what is none is missing
        sql = f"CASE WHEN isfinite({value}) THEN {value} END"
    variable = Variable(query.name(), "number" if term.type == "null" else term.type, at)
    query.project({**query.columns, name: variable}, {variable.sql: sql})


def _bins(query: Query, step: Bins, at: str) -> None:
    new, old = step.bin
    column = find(query, old, "/bin")
    if column.type != "number":
        remedy = '; for times, use {"truncate": ..., "unit": ...}' if column.type == "time" else ""
        raise StepError(f"bins need numbers, and {holds(old, column)}{remedy}", "/bin")
    ends = query.probe(f"SELECT min({column.sql}) AS low, max({column.sql}) AS high")
    low, high = float(ends["low"][0]), float(ends["high"][0])
    if not (math.isfinite(low) and math.isfinite(high)):
        low = high = 0.0
    width = step.step or nice_step(high - low, step.count or DEFAULT_BINS)
    most = query.place.limits.bins
    if (high - low) / width > most:
        raise StepError(f"a step of {width:g} makes more than {most} bins", "/step")
    first = math.floor(low / width + 1e-9)
    last = max(math.ceil(high / width - 1e-9), first + 1)
    # As bins.bin_number(): a value on an edge belongs above, whatever the division says in its last digit.
    size, x = query.bind(width), column.sql
    place = query.let(f"floor({x} / {size})")
    exact = f"CASE WHEN ({place} + 1) * {size} <= {x} THEN {place} + 1 WHEN {place} * {size} > {x} THEN {place} - 1"
    held = f"least(greatest({exact} ELSE {place} END, {query.bind(first)}), {query.bind(last - 1)})"
    _replace(query, new, Variable(query.name(), "number", at), f"CASE WHEN {x} IS NOT NULL THEN {held} * {size} END")


def _truncate(query: Query, step: Truncate, at: str) -> None:
    new, old = step.truncate
    column = find(query, old, "/truncate")
    if column.type != "time":
        remedy = '; for numbers, use {"bin": ...}' if column.type == "number" else ""
        raise StepError(f"{step.unit} needs times, and {holds(old, column)}{remedy}", "/truncate")
    sql = query.clock.truncated(column.sql, step.unit, query.let)
    _replace(query, new, Variable(query.name(), "time", at), sql)


def _replace(query: Query, name: str, variable: Variable, sql: str) -> None:
    query.project({**query.columns, name: variable}, {variable.sql: sql})


def _window(query: Query, step: Window, at: str) -> None:
    groups = partition(query, step.by, "/by")
    keys = order_by(query, step.order, "/order")
    lines = ", ".join([*keys, ROW])
    frame = step.frame or ((None, 0) if step.order else (None, None))
    over = f"{groups}ORDER BY {lines} ROWS BETWEEN {_end(frame[0], 'PRECEDING')} AND {_end(frame[1], 'FOLLOWING')}"
    # A rank without an order has nothing to compare: all rows are equal.
    ranked = f"{groups}ORDER BY {', '.join(keys) or '1::DOUBLE'}"
    columns = dict(query.columns)
    computed: dict[str, str] = {}
    for name, measure in step.window.items():
        option = "/window" + pointer(name)
        if measure.agg in ("rank", "dense_rank") and not step.order:
            raise StepError(f"{measure.agg} needs the window's 'order'", option)
        column, kind = measured(query, measure.agg, measure.field, option)
        variable = Variable(query.name(), kind, at)
        columns[name] = variable
        computed[variable.sql] = of_window(measure.agg, column, measure.rows or 1, over, ranked)
    query.project(columns, computed)


def _end(rows: int | None, unbounded: str) -> str:
    if rows is None:
        return f"UNBOUNDED {unbounded}"
    return "CURRENT ROW" if rows == 0 else f"{abs(rows)} {'PRECEDING' if rows < 0 else 'FOLLOWING'}"


def _sort(query: Query, step: Sort, at: str) -> None:
    keys = ", ".join([*order_by(query, step.sort, "/sort"), ROW])
    query.project(query.columns, row=f"row_number() OVER (ORDER BY {keys})")


_APPLY: Final[dict[str, Callable[[Query, Any, str], None]]] = {
    "filter": _filter,
    "derive": _derive,
    "aggregate": aggregate,
    "bin": _bins,
    "truncate": _truncate,
    "window": _window,
    "pivot": pivot,
    "unpivot": unpivot,
    "sort": _sort,
    "top": top,
    "fill": fill,
    "downsample": downsample,
}
