"""Calls of functions against what the functions take, as far as the text of an expression alone can tell."""

from __future__ import annotations

from typing import Final, NoReturn

from renderer.spec.channel import AGGREGATES, AGGREGATES_ELSEWHERE
from renderer.spec.errors import any_of, did_you_mean, show, suggest
from renderer.spec.functions import FUNCTIONS, UNITS, Function
from renderer.spec.spans import SpanError, parse_span
from renderer.spec.tokens import ExpressionError, Token
from renderer.spec.tree import Call, Literal, Node, Param

_ELSEWHERE: Final = {
    "ceiling": "ceil", "case": "if", "datediff": "date_diff", "datetrunc": "date_trunc", "greatest": "max",
    "ifelse": "if", "ifnull": "coalesce", "iif": "if", "isnull": "x is null", "least": "min", "left": "substr",
    "len": "length", "log": "ln", "lcase": "lower", "mid": "substr", "now": "now", "power": "pow", "right": "substr",
    "str": "to_text", "strip": "trim", "substring": "substr", "timeunit": "date_trunc", "today": "now",
    "truncate": "trunc", "ucase": "upper",
}  # fmt: skip
"""What other languages call functions."""


def unknown_function(token: Token) -> ExpressionError:
    """What is wrong with a call of a function that does not exist."""
    name = token.text
    if name in AGGREGATES:
        message = f"'{name}' makes one value of many rows, and this is computed for each row,"
        return ExpressionError(message, token.at, '; make it a column before, with an "aggregate" or "window" step')
    known = [*FUNCTIONS, *AGGREGATES]
    other = _ELSEWHERE.get(name.lower().replace("_", "")) or AGGREGATES_ELSEWHERE.get(name.lower())
    near = [other] if other else suggest(name, known)
    return ExpressionError(f"unknown function {show(name)}", token.at, did_you_mean(near))


def check_call(call: Call) -> None:
    """Raises ExpressionError for a wrong number of arguments, and for units and spans that are none."""
    function, given = FUNCTIONS[call.name], len(call.arguments)
    if call.name in ("min", "max") and given == 1:
        message = f"'{call.name}' compares two or more values of one row, and this is one,"
        hint = f'; the {call.name} of a column is made by an "aggregate" or "window" step'
        raise ExpressionError(message, call.at, hint)
    if given < function.least or (given > len(function.takes) and not function.many):
        raise ExpressionError(f"{_wanted(function)}, not {given},", call.at, f"; write {function.form}")
    if call.name == "date" and given == 2:
        raise ExpressionError("date(...) takes a text, or year, month and day,", call.at)
    for place, argument in enumerate(call.arguments):
        takes = function.takes_at(place)
        if takes == "unit":
            _check_unit(call, argument)
        elif takes == "span":
            _check_span(argument)


def _wanted(function: Function) -> str:
    most = len(function.takes)
    if function.many:
        count = f"{function.least} or more values"
    elif function.least == most:
        count = "no value" if most == 0 else "1 value" if most == 1 else f"{most} values"
    else:
        count = f"{function.least} to {most} values"
    return f"{function.name}(...) takes {count}"


def _check_unit(call: Call, argument: Node) -> None:
    if not (isinstance(argument, Literal) and isinstance(argument.value, str)):
        message = f"the first value of {call.name}(...) is a unit, such as 'month',"
        raise ExpressionError(message, argument.at)
    if argument.value not in UNITS:
        _no_unit(argument.value, argument.at)


def _no_unit(name: str, at: int) -> NoReturn:
    near = suggest(name.removesuffix("s"), UNITS)
    raise ExpressionError(f"no unit {show(name)}", at, did_you_mean(near) or f"; there are {any_of(UNITS)}")


def _check_span(argument: Node) -> None:
    if isinstance(argument, Param):
        return  # its value is looked at where it is known
    if not (isinstance(argument, Literal) and isinstance(argument.value, str)):
        raise ExpressionError("ago(...) takes a span in quotes, such as '7d',", argument.at)
    try:
        parse_span(argument.value)
    except SpanError as error:
        raise ExpressionError(f"{show(argument.value)} is no span", argument.at, f"; {error}") from None
