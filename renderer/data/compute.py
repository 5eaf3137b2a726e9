"""Expressions to SQL: what each part is, whether it fits, and how it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from renderer.data.calls import call
from renderer.data.dimensions import describe
from renderer.data.load import no_column
from renderer.data.moments import moment_of_text
from renderer.data.query import Query, Type
from renderer.data.term import NOUNS, Term
from renderer.spec.errors import show, suggest
from renderer.spec.tokens import ExpressionError
from renderer.spec.tree import (
    BINDS,
    COMPARE,
    Between,
    Binary,
    Call,
    Field,
    In,
    IsNull,
    Literal,
    Node,
    Param,
    Unary,
)


class Compiler:
    """Compiles expressions against the columns that a query has so far."""

    def __init__(self, query: Query) -> None:
        self.query = query

    def compile(self, node: Node) -> Term:
        """The SQL of a part, whose lets are in the query already. Raises ExpressionError."""
        match node:
            case Literal(value=value):
                return self.constant(value, node)
            case Field(name=name):
                return self._column(name, node)
            case Param(name=name):
                return self._param(name, node)
            case Unary(operator="not", operand=operand):
                return Term(f"(NOT {self.condition(operand).sql})", "truth", node)
            case Unary(operand=operand):
                return Term(f"(- {self.number(operand).sql})", "number", node)
            case Binary(operator=operator) if operator in ("and", "or"):
                left, right = self.condition(node.left), self.condition(node.right)
                return Term(f"({left.sql} {operator.upper()} {right.sql})", "truth", node)
            case Binary(operator=operator) if BINDS[operator] == COMPARE:
                left, right = self.alike([node.left, node.right], "compared")
                sign = {"==": "=", "!=": "<>"}.get(operator, operator)
                return Term(f"({left.sql} {sign} {right.sql})", "truth", node)
            case Binary():
                return self._arithmetic(node)
            case In():
                return self._membership(node)
            case Between(negated=negated):
                x, low, high = self.alike([node.operand, node.low, node.high], "compared")
                return Term(f"({x.sql} {'NOT ' * negated}BETWEEN {low.sql} AND {high.sql})", "truth", node)
            case IsNull(operand=operand, negated=negated):
                return Term(f"({self.compile(operand).sql} IS {'NOT ' * negated}NULL)", "truth", node)
            case Call():
                return call(self, node)
        raise AssertionError(f"no such part: {type(node).__name__}")

    def constant(self, value: float | str | bool | None, node: Node) -> Term:
        """A value that is written out, or a parameter's."""
        if value is None:
            return Term("NULL", "null", node, plain=True)
        kind: Type = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        return Term(self.query.bind(value), kind, node, plain=True, constant=value)

    def plain(self, term: Term) -> str:
        """SQL that may be written more than once."""
        return term.sql if term.plain else self.query.let(term.sql)

    def condition(self, node: Node) -> Term:
        """A part that must be true or false."""
        return self._wanted(self.compile(node), "truth")

    def number(self, node: Node) -> Term:
        """A part that must be a number."""
        return self._wanted(self.compile(node), "number")

    def text(self, node: Node) -> Term:
        """A part that must be a text."""
        return self._wanted(self.compile(node), "text")

    def time(self, node: Node) -> Term:
        """A part that must be a time; a text that is written out is read as one."""
        return self._wanted(self.compile(node), "time")

    def alike(self, nodes: Sequence[Node], verb: str) -> list[Term]:
        """Parts that must all be of one type."""
        return self.same([self.compile(node) for node in nodes], verb)

    def same(self, terms: list[Term], verb: str) -> list[Term]:
        """Terms of one type, where texts that are written out become times if others are times."""
        typed = [term for term in terms if term.type != "null"]
        if any(term.type == "time" for term in typed):
            terms = [self._as_time(term) for term in terms]
            typed = [term for term in terms if term.type != "null"]
        for term in typed[1:]:
            if term.type != typed[0].type:
                raise self._different(typed[0], term, verb)
        return terms

    def _wanted(self, term: Term, wanted: Type) -> Term:
        if wanted == "time":
            term = self._as_time(term)
        if term.type in (wanted, "null"):
            return term
        hint = ""
        if wanted == "number" and term.type == "text":
            hint = "; if it holds numbers, write to_number(...) around it"
        elif wanted == "text":
            hint = "; write to_text(...) around it"
        elif wanted == "time" and term.type == "text":
            hint = "; if it holds dates, write date(...) around it"
        elif wanted == "truth":
            hint = "; compare it with something, as in 'price > 10'"
        raise ExpressionError(f"{NOUNS[wanted]} is needed, and {self._said(term)},", term.node.at, hint)

    def _as_time(self, term: Term) -> Term:
        if term.type != "text" or not isinstance(term.constant, str):
            return term
        moment = moment_of_text(term.constant, self.query.place.zone, self.query.place.limits)
        if moment is None:
            example = "'2026-01-31' or '2026-01-31T12:00'"
            raise ExpressionError(f"{show(term.constant)} is no date such as {example}", term.node.at)
        return Term(self.query.bind(moment), "time", term.node, plain=True)

    def _said(self, term: Term) -> str:
        """What a term is, in an error: "column 'name' holds text ('abc' in row 3)", "this is a number"."""
        if not isinstance(term.node, Field):
            return f"this is {NOUNS[term.type]}"
        variable = self.query.columns[term.node.name]
        if variable.column is not None:
            return describe(variable.column)
        noun = {"number": "numbers", "text": "texts", "time": "times"}.get(variable.type, "true and false")
        return f"column {show(term.node.name)} holds {noun}"

    def _different(self, first: Term, other: Term, verb: str) -> ExpressionError:
        hint = ""
        by_type = {first.type: first, other.type: other}
        number, text = by_type.get("number"), by_type.get("text")
        if number is not None and text is not None:
            if text.constant is not None:
                hint = (
                    f"; a number stands without quotes: {str(text.constant)[:20]}" if _is_number(text.constant) else ""
                )
            elif isinstance(number.constant, float):
                hint = f"; a text stands in quotes: '{number.constant:g}'"
            else:
                hint = "; turn the text into a number with to_number(...)"
        elif "truth" in by_type and text is not None and isinstance(text.node, Field):
            hint = "; the texts 'true' and 'false' stand in quotes"
        elif "time" in by_type and text is not None:
            hint = "; turn the text into a time with date(...)"
        said = f"{NOUNS[first.type]} and {NOUNS[other.type]} cannot be {verb}"
        odd = other if isinstance(first.node, Field) or not isinstance(other.node, Field) else first
        about = next((self._said(term) for term in (other, first) if isinstance(term.node, Field)), "")
        return ExpressionError(f"{said}{': ' + about if about else ''},", odd.node.at, hint)

    def _column(self, name: str, node: Node) -> Term:
        columns = self.query.columns
        if name not in columns:
            names = self.query.names
            if isinstance(node, Field) and node.as_text:
                hint = f"; a text stands in single quotes: '{name[:20]}'"
                raise ExpressionError(f"no column {show(name)}", node.at, hint)
            found, hint = no_column(name, names, suggest(name, names)).split("; ", 1)
            raise ExpressionError(found, node.at, f"; {hint}")
        return Term(columns[name].sql, columns[name].type, node, plain=True)

    def _param(self, name: str, node: Node) -> Term:
        value = self.param(name, node)
        if isinstance(value, tuple):
            raise ExpressionError(f"'${name}' is a list, which goes only behind 'in',", node.at)
        return self._given(value, node)

    def _given(self, value: Any, node: Node) -> Term:
        """One value of a parameter."""
        if isinstance(value, np.datetime64):
            return Term(self.query.bind(value), "time", node, plain=True)
        return self.constant(value if isinstance(value, bool | str) else float(value), node)

    def param(self, name: str, node: Node) -> Any:
        """The value of a parameter. Raises ExpressionError."""
        params = self.query.place.params
        if name not in params:
            near = suggest(name, params)
            hint = f"; did you mean '${near[0]}'?" if near else f'; give it in "params": {{"{name}": ...}}'
            raise ExpressionError(f"no parameter '${name}'", node.at, hint)
        return params[name]

    def _arithmetic(self, node: Binary) -> Term:
        left, right = self.compile(node.left), self.compile(node.right)
        for term, other in ((left, right), (right, left)):
            if node.operator in "+-" and term.type == "time" and other.type in ("number", "time"):
                hint = (
                    "; write date_diff('day', from, to)" if other.type == "time" else "; write date_add('day', 7, when)"
                )
                raise ExpressionError(f"'{node.operator}' takes numbers, and {self._said(term)},", node.at, hint)
            if node.operator == "+" and term.type == "text":
                raise ExpressionError(f"'+' takes numbers, and {self._said(term)},", node.at, "; write concat(a, b)")
        left, right = self._wanted(left, "number"), self._wanted(right, "number")
        if node.operator == "**":
            return self.power(left, right, node)
        return Term(f"({left.sql} {node.operator} {right.sql})", "number", node)

    def power(self, base: Term, exponent: Term, node: Node) -> Term:
        """A root of a negative number is no number, and so it is missing."""
        value = self.query.let(f"pow({base.sql}, {exponent.sql})")
        return Term(f"CASE WHEN isfinite({value}) THEN {value} END", "number", node)

    def _membership(self, node: In) -> Term:
        if isinstance(node.items, Param):
            listed = self.param(node.items.name, node.items)
            if not isinstance(listed, tuple):
                listed = (listed,)
            items = [self._given(item, node.items) for item in listed]
        else:
            items = [self.compile(item) for item in node.items]
        value, *items = self.same([self.compile(node.operand), *items], "compared")
        members = ", ".join(item.sql for item in items)
        return Term(f"({value.sql} {'NOT ' * node.negated}IN ({members}))", "truth", node)


def _is_number(value: object) -> bool:
    try:
        return bool(np.isfinite(float(str(value))))
    except ValueError:
        return False
