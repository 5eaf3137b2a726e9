"""Expressions as trees, and trees written out again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

KEYWORDS: Final = frozenset({"and", "between", "false", "in", "is", "not", "null", "or", "true"})
"""The words that cannot name a column without quotes."""
PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")
"""What names a column without quotes, if it is no keyword: letters, digits and _ in any script."""

OR, AND, NOT, COMPARE, ADD, MULTIPLY, MINUS, POWER, ATOM = range(1, 10)
"""How tightly operators bind."""
BINDS: Final = {
    "or": OR, "and": AND,
    "==": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "**": POWER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression. `at` is the character at which it stands, from 1; it does not make parts differ."""

    at: int = field(default=1, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number (never negative: -1 is a Unary), a text, true, false or null."""

    value: float | str | bool | None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A column. `as_text` is whether its name stands in double quotes, as texts do elsewhere."""

    name: str
    as_text: bool = field(default=False, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Param(Node):
    """A parameter of the chart, `$name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-` or `not`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An operator between two parts; one of BINDS."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`operand in [items]`, or `operand in $list`."""

    operand: Node
    items: tuple[Node, ...] | Param
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`operand between low and high`, both ends included."""

    operand: Node
    low: Node
    high: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """`operand is null`."""

    operand: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a part."""
    match node:
        case Unary(operand=operand) | IsNull(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case In(operand=operand, items=items):
            return (operand, items) if isinstance(items, Param) else (operand, *items)
        case Between(operand=operand, low=low, high=high):
            return (operand, low, high)
        case Call(arguments=arguments):
            return arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A part and all parts within it."""
    yield node
    for child in children(node):
        yield from walk(child)


def write(node: Node) -> str:
    """The text of a tree; parsed, it is the same tree. Only the parentheses that are needed are written."""
    return _write(node, 0)


def _write(node: Node, binds: int) -> str:
    text, own = _written(node)
    return text if own >= binds else f"({text})"


def _written(node: Node) -> tuple[str, int]:
    match node:
        case Literal(value=value):
            return _literal(value), ATOM
        case Field(name=name):
            plain = PLAIN_NAME.fullmatch(name) and name.lower() not in KEYWORDS
            return (name if plain else "`" + name.replace("`", "``") + "`"), ATOM
        case Param(name=name):
            return f"${name}", ATOM
        case Unary(operator="not", operand=operand):
            return f"not {_write(operand, NOT)}", NOT
        case Unary(operand=operand):
            return f"-{_write(operand, MINUS)}", MINUS
        case Binary(operator="**", left=left, right=right):
            return f"{_write(left, ATOM)} ** {_write(right, MINUS)}", POWER
        case Binary(operator=operator, left=left, right=right):
            own = BINDS[operator]
            return f"{_write(left, own + (own == COMPARE))} {operator} {_write(right, own + 1)}", own
        case In(operand=operand, items=items, negated=negated):
            listed = _write(items, 0) if isinstance(items, Param) else f"[{', '.join(_write(i, 0) for i in items)}]"
            return f"{_write(operand, ADD)} {'not ' * negated}in {listed}", COMPARE
        case Between(operand=operand, low=low, high=high, negated=negated):
            span = f"{_write(low, ADD)} and {_write(high, ADD)}"
            return f"{_write(operand, ADD)} {'not ' * negated}between {span}", COMPARE
        case IsNull(operand=operand, negated=negated):
            return f"{_write(operand, ADD)} is {'not ' * negated}null", COMPARE
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(_write(argument, 0) for argument in arguments)})", ATOM
    raise AssertionError(f"no such part: {type(node).__name__}")


def _literal(value: float | str | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if value.is_integer() and value < 1e15 else repr(value)
