"""The functions of expressions in SQL. What each does is said, with an example, in docs/expressions.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from renderer.data.moments import moment_ago
from renderer.data.query import Type
from renderer.data.term import Term
from renderer.spec.errors import show
from renderer.spec.functions import FUNCTIONS
from renderer.spec.limits import Limits
from renderer.spec.spans import SpanError, parse_span
from renderer.spec.tokens import ExpressionError
from renderer.spec.tree import Call, Literal, Node, Param

if TYPE_CHECKING:
    from renderer.data.compute import Compiler

Own = Callable[["Compiler", Call, list[Term]], Term]
NUMBER_PATTERN: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
DATE_PATTERN: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)

# {0}, {1}, ... are the arguments. What may be no number is guarded by _GUARDED or computed in a function below.
_SIMPLE: Final[dict[str, str]] = {
    "abs": "abs({0})",
    "ceil": "ceil({0})",
    "floor": "floor({0})",
    "trunc": "trunc({0})",
    "sign": "sign({0})::DOUBLE",
    "contains": "contains({0}, {1})",
    "ends_with": "ends_with({0}, {1})",
    "starts_with": "starts_with({0}, {1})",
    "length": "length({0})::DOUBLE",
    "lower": "lower({0})",
    "upper": "upper({0})",
    "replace": "replace({0}, {1}, {2})",
    "trim": "trim({0})",
}
_GUARDED: Final[dict[str, tuple[str, str]]] = {
    "ln": ("{0} > 0", "ln({0})"),
    "log10": ("{0} > 0", "log10({0})"),
    "log2": ("{0} > 0", "log2({0})"),
    "sqrt": ("{0} >= 0", "sqrt({0})"),
    "exp": ("{0} < 700", "exp({0})"),
    "clamp": ("{0} IS NOT NULL", "least(greatest({0}, {1}), {2})"),
}
"""Functions that are computed only where a condition holds, and missing elsewhere."""
_PARTS: Final = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "hour": "hour",
    "minute": "minute", "second": "second", "weekday": "isodow",
}  # fmt: skip
_SPANS: Final = {
    "year": "to_years", "month": "to_months", "week": "to_weeks", "day": "to_days", "hour": "to_hours",
    "minute": "to_minutes", "second": "to_seconds",
}  # fmt: skip


def call(compiler: Compiler, node: Call) -> Term:
    """The SQL of a call, whose number of arguments is right. Raises ExpressionError."""
    arguments = _arguments(compiler, node)
    if (own := _OWN.get(node.name)) is not None:
        return own(compiler, node, arguments)
    gives = FUNCTIONS[node.name].gives
    kind: Type = "number" if gives == "same" else gives
    if node.name in _PARTS:
        clock = compiler.query.clock.local_of(arguments[0].sql, compiler.query.let)
        return Term(f"{_PARTS[node.name]}({clock})::DOUBLE", kind, node)
    if node.name in _GUARDED:
        condition, sql = _GUARDED[node.name]
        known = [compiler.plain(argument) for argument in arguments]
        return Term(f"CASE WHEN {condition.format(*known)} THEN {sql.format(*known)} END", kind, node)
    return Term(_SIMPLE[node.name].format(*(argument.sql for argument in arguments)), kind, node)


def _arguments(compiler: Compiler, node: Call) -> list[Term]:
    """The arguments, each of the type that the function takes."""
    function = FUNCTIONS[node.name]
    found: list[Term] = []
    alike: list[int] = []
    for place, argument in enumerate(node.arguments):
        match function.takes_at(place):
            case "number":
                found.append(compiler.number(argument))
            case "text":
                found.append(compiler.text(argument))
            case "time":
                found.append(compiler.time(argument))
            case "truth":
                found.append(compiler.condition(argument))
            case takes:
                found.append(compiler.compile(argument))
                if takes == "same":
                    alike.append(place)
    for place, term in zip(alike, compiler.same([found[place] for place in alike], "mixed"), strict=True):
        found[place] = term
    return found


def _type_of(terms: list[Term]) -> Type:
    return next((term.type for term in terms if term.type != "null"), "null")


def _choose(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    condition, yes, no = arguments
    sql = f"CASE WHEN {condition.sql} THEN {yes.sql} ELSE {no.sql} END"
    return Term(sql, _type_of([yes, no]), node)


def _of_same(form: str) -> Own:
    def own(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
        if node.name in ("min", "max") and _type_of(arguments) == "truth":
            raise ExpressionError("conditions have no order,", node.at)
        return Term(f"{form}({', '.join(term.sql for term in arguments)})", _type_of(arguments), node)

    return own


def _nullif(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    value, other = (compiler.plain(term) for term in arguments)
    sql = f"CASE WHEN {value} = {other} THEN NULL ELSE {value} END"
    return Term(sql, _type_of(arguments), node)


def _power(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    return compiler.power(arguments[0], arguments[1], node)


def _round(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    if len(arguments) == 1:
        return Term(f"round({arguments[0].sql})", "number", node)
    digits = f"TRY_CAST(trunc({arguments[1].sql}) AS INTEGER)"
    value = compiler.query.let(f"round({arguments[0].sql}, {digits})")
    return Term(f"CASE WHEN isfinite({value}) THEN {value} END", "number", node)


def _substr(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    start = compiler.query.let(f"TRY_CAST(trunc({arguments[1].sql}) AS INTEGER)")
    if len(arguments) == 2:
        sql = f"substr({arguments[0].sql}, {start})"
        return Term(f"CASE WHEN {start} > 0 THEN {sql} END", "text", node)
    length = compiler.query.let(f"TRY_CAST(trunc({arguments[2].sql}) AS INTEGER)")
    sql = f"substr({arguments[0].sql}, {start}, {length})"
    return Term(f"CASE WHEN {start} > 0 AND {length} >= 0 THEN {sql} END", "text", node)


def as_text(compiler: Compiler, term: Term) -> str:
    """SQL for a value as a text: 12 and not 12.0, 2026-01-31 and not 2026-01-31 00:00:00."""
    if term.type == "text":
        return term.sql
    value = compiler.plain(term)
    match term.type:
        case "number":
            whole = f"{value} = trunc({value}) AND abs({value}) < 1e15"
            return f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
        case "time":
            clock = compiler.query.let(compiler.query.clock.local_of(value, compiler.query.let))
            midnight = f"{clock} = date_trunc('day', {clock})"
            day, moment = f"strftime({clock}, '%Y-%m-%d')", f"strftime({clock}, '%Y-%m-%d %H:%M:%S')"
            return f"CASE WHEN {midnight} THEN {day} ELSE {moment} END"
        case "truth":
            return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
    return "NULL::VARCHAR"


def _to_text(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    return Term(as_text(compiler, arguments[0]), "text", node)


def _concat(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    return Term(f"concat({', '.join(as_text(compiler, term) for term in arguments)})", "text", node)


def _to_number(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    (term,) = arguments
    if term.type == "time":
        raise ExpressionError("a time is no number,", node.at, "; write year(...), or date_diff('day', from, to)")
    if term.type == "truth":
        return Term(f"({term.sql})::DOUBLE", "number", node)
    if term.type == "text":
        value = compiler.query.let(f"trim({term.sql})")
        read = f"TRY_CAST({value} AS DOUBLE)"
        return Term(f"CASE WHEN regexp_full_match({value}, '{NUMBER_PATTERN}') THEN {read} END", "number", node)
    return term


def _date(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    query = compiler.query
    if len(arguments) == 3:
        year = compiler.number(node.arguments[0])
        parts = [f"TRY_CAST({term.sql} AS BIGINT)" for term in (year, *arguments[1:])]
        sql = f"TRY(make_timestamp({', '.join(parts)}, 0, 0, 0))"
        return Term(_within(compiler, query.clock.moment_of(query.let(sql), query.let)), "time", node)
    term = compiler.same([arguments[0]], "")[0]
    if term.type in ("time", "null"):
        return term
    if term.constant is not None:
        return compiler.time(node.arguments[0])
    text = compiler.plain(compiler.text(node.arguments[0]))
    fits = f"regexp_full_match({text}, '{DATE_PATTERN}')"
    # With an offset it is a moment, without one a time on the chart's clock; DuckDB's own zone is UTC.
    zoned = f"regexp_matches({text}, '([Zz]|:[0-9.]+[+-][0-9:]+)$')"
    moment = f"TRY_CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP)"
    clock = query.let(f"CASE WHEN {fits} AND NOT {zoned} THEN TRY_CAST({text} AS TIMESTAMP) END")
    local = query.clock.moment_of(clock, query.let)
    return Term(_within(compiler, f"CASE WHEN {fits} AND {zoned} THEN {moment} ELSE {local} END"), "time", node)


def _within(compiler: Compiler, sql: str) -> str:
    """A time that a chart can show; others are missing."""
    limits: Limits = compiler.query.place.limits
    time = compiler.query.let(sql)
    return f"CASE WHEN year({time}) BETWEEN {limits.first_year} AND {limits.last_year} THEN {time} END"


def _unit(node: Call) -> str:
    unit = node.arguments[0]
    assert isinstance(unit, Literal), "checked when the expression was read"
    return str(unit.value)


def _date_trunc(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    query = compiler.query
    return Term(query.clock.truncated(compiler.plain(arguments[1]), _unit(node), query.let), "time", node)


def _date_add(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    query, unit = compiler.query, _unit(node)
    amount, time = arguments[1].sql, arguments[2].sql
    if unit == "quarter":
        unit, amount = "month", f"3 * {amount}"
    span = f"{_SPANS[unit]}(TRY_CAST(trunc({amount}) AS INTEGER))"
    if unit in ("hour", "minute", "second"):
        return Term(_within(compiler, f"TRY({time} + {span})"), "time", node)
    clock = query.clock.local_of(time, query.let)
    moved = query.let(f"TRY({clock} + {span})")
    return Term(_within(compiler, query.clock.moment_of(moved, query.let)), "time", node)


def _date_diff(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    query, unit = compiler.query, _unit(node)
    start, end = arguments[1].sql, arguments[2].sql
    if unit not in ("hour", "minute", "second"):
        start, end = (query.clock.local_of(time, query.let) for time in (start, end))
    return Term(f"date_diff('{unit}', {start}, {end})::DOUBLE", "number", node)


def _now(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    return _moment(compiler, node, "0s", node)


def _ago(compiler: Compiler, node: Call, arguments: list[Term]) -> Term:
    (span,) = node.arguments
    value = compiler.param(span.name, span) if isinstance(span, Param) else arguments[0].constant
    return _moment(compiler, node, value, span)


def _moment(compiler: Compiler, node: Call, span: object, at: Node) -> Term:
    place = compiler.query.place
    try:
        moment = moment_ago(place.now, parse_span(span if isinstance(span, str) else ""), place.zone)
    except SpanError as error:
        raise ExpressionError(f"{show(span)} is no span", at.at, f"; {error}") from None
    except (OverflowError, ValueError):
        raise ExpressionError(f"{show(span)} ago was before the year {place.limits.first_year},", at.at) from None
    return Term(compiler.query.bind(moment), "time", node, plain=True)


_OWN: Final[dict[str, Own]] = {
    "ago": _ago,
    "coalesce": _of_same("coalesce"),
    "concat": _concat,
    "date": _date,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "date_trunc": _date_trunc,
    "if": _choose,
    "max": _of_same("greatest"),
    "min": _of_same("least"),
    "now": _now,
    "nullif": _nullif,
    "pow": _power,
    "round": _round,
    "substr": _substr,
    "to_number": _to_number,
    "to_text": _to_text,
}
