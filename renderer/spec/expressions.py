"""Expressions of filters and derived columns: `price > 10 and region in ['EU', 'US']`. Data, never code.

Parsed by precedence climbing (V. Pratt, "Top down operator precedence", 1973) to a tree that renderer.data computes.
docs/expressions.md describes the grammar; tests run all of its examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.errors import show
from renderer.spec.functions import FUNCTIONS
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.scalars import Checked, wrong
from renderer.spec.signatures import check_call, unknown_function
from renderer.spec.text import TextError, clean_text
from renderer.spec.tokens import ExpressionError, Token, tokens
from renderer.spec.tree import (
    ADD,
    BINDS,
    COMPARE,
    MINUS,
    NOT,
    POWER,
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
    children,
    write,
)

__all__ = ["Expression", "ExpressionError", "ExpressionText", "parse_expression", "write"]

_N = TypeVar("_N", bound=Node)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression with the text that it was written as."""

    text: str
    root: Node


def parse_expression(text: str, limits: Limits = LIMITS) -> Expression:
    """The expression that a text says. Raises ExpressionError, and nothing else."""
    try:
        # Only to refuse what no text of a chart may hold: what is read is the text as sent, whose characters we count.
        clean_text(text, limit=max(len(text), 1), line_breaks="keep", lines=max(len(text), 1))
    except TextError as error:
        raise ExpressionError(str(error), 1) from None
    return Expression(text, _Parser(tokens(text, limits), limits).whole())


class _Parser:
    """Reads tokens from left to right; each method leaves off behind what it returns."""

    def __init__(self, found: list[Token], limits: Limits) -> None:
        self.tokens = found
        self.place = 0
        self.limits = limits
        self.nodes = 0
        self.depth = 0
        self.heights: dict[int, int] = {}
        """By id(): the nodes live as long as the tree that they are becoming."""

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.here
        self.place += token.kind != "end"
        return token

    def accept(self, kind: str, text: str) -> bool:
        if self.here.kind == kind and self.here.text == text:
            self.place += 1
            return True
        return False

    def expect(self, kind: str, text: str, why: str) -> None:
        if not self.accept(kind, text):
            raise ExpressionError(f"{show(text)} is missing {why}, before {self.here},", self.here.at)

    def made(self, node: _N) -> _N:
        """The node, counted: everything that reads trees goes down them by recursion."""
        self.nodes += 1
        if self.nodes > self.limits.expression_nodes:
            raise ExpressionError(f"more than {self.limits.expression_nodes} parts", node.at)
        height = 1 + max((self.heights[id(child)] for child in children(node)), default=0)
        if height > self.limits.expression_depth:
            raise ExpressionError(f"nested more than {self.limits.expression_depth} deep", node.at)
        self.heights[id(node)] = height
        return node

    def whole(self) -> Node:
        if self.tokens[0].kind == "end":
            raise ExpressionError("an expression is missing", 1)
        root = self.expression(0)
        if self.here.kind != "end":
            raise self.surplus()
        return root

    def surplus(self) -> ExpressionError:
        """What is wrong with the token here, where an expression could have ended."""
        token, before = self.here, self.tokens[self.place - 1]
        if self.binding() == COMPARE:
            hint = "; join two with 'and', or write 'x between 1 and 5'"
            return ExpressionError("one comparison follows another", token.at, hint)
        if token.kind == "sign" and token.text in ")],":
            return ExpressionError(f"{token} is too much", token.at)
        hint = ""
        if before.kind == "name" and token.kind in ("name", "word"):
            hint = f"; a name of two words stands in backticks: `{before.text[:20]} {token.text[:20]}`"
        return ExpressionError(f"an operator is missing between {before} and {token}", token.at, hint)

    def expression(self, binds: int) -> Node:
        """An expression whose operators bind at least so tightly."""
        self.depth += 1
        if self.depth > self.limits.expression_depth:
            raise ExpressionError(f"nested more than {self.limits.expression_depth} deep", self.here.at)
        first = self.here
        left = self.prefix(binds)
        # What has been read as a whole is not taken apart by an operator that binds more tightly than it: such an
        # operator was refused inside, as a second comparison is.
        ceiling = NOT if (first.kind, first.text) == ("word", "not") else POWER
        while max(binds, 1) <= (own := self.binding()) <= ceiling:
            left = self.infix(left, own)
            ceiling = own - 1 if own == COMPARE else own
        self.depth -= 1
        return left

    def binding(self) -> int:
        """How tightly the token here binds what stands left of it; 0 if it is no operator."""
        token = self.here
        if token.kind == "sign" or token.text in ("and", "or"):
            return BINDS.get(token.text, 0) if token.kind in ("sign", "word") else 0
        return COMPARE if token.kind == "word" and token.text in ("in", "not", "between", "is") else 0

    def infix(self, left: Node, own: int) -> Node:
        token = self.take()
        if token.kind == "sign" or token.text in ("and", "or"):
            right = self.expression(MINUS if own == POWER else own + 1)
            if own == COMPARE:
                _refuse_null(left, right, token)
            return self.made(Binary(token.text, left, right, at=token.at))
        if token.text == "is":
            negated = self.accept("word", "not")
            self.expect("word", "null", "after 'is'")
            return self.made(IsNull(left, negated, at=token.at))
        negated = token.text == "not"
        if negated and not (self.here.kind == "word" and self.here.text in ("in", "between")):
            raise ExpressionError("'not' here goes with 'in' or 'between'", token.at)
        word = self.take().text if negated else token.text
        if word == "in":
            return self.made(In(left, self.members(), negated, at=token.at))
        low = self.expression(ADD)
        self.expect("word", "and", "after 'between' and a value")
        return self.made(Between(left, low, self.expression(ADD), negated, at=token.at))

    def members(self) -> tuple[Node, ...] | Param:
        token = self.take()
        if token.kind == "param":
            return self.made(Param(token.text, at=token.at))
        close = {"[": "]", "(": ")"}.get(token.text) if token.kind == "sign" else None
        if close is None:
            raise ExpressionError(f"'in' is followed by a list such as ['a', 'b'], not by {token},", token.at)
        items = self.items(close, "the list")
        if not items:
            raise ExpressionError("the list after 'in' is empty", token.at)
        return items

    def items(self, close: str, where: str) -> tuple[Node, ...]:
        if self.accept("sign", close):
            return ()
        found = [self.expression(0)]
        while self.accept("sign", ","):
            found.append(self.expression(0))
        if not self.accept("sign", close):
            hint = "; a name of two words stands in backticks" if self.here.kind == "name" else ""
            raise ExpressionError(
                f"',' or {show(close)} is missing in {where}, before {self.here},", self.here.at, hint
            )
        return tuple(found)

    def prefix(self, binds: int) -> Node:
        token = self.take()
        at = token.at
        match token.kind:
            case "number":
                value = float(token.text)
                if value > self.limits.magnitude:
                    raise ExpressionError(f"a number above {self.limits.magnitude:g} stands", at)
                return self.made(Literal(value, at=at))
            case "text":
                return self.made(Literal(token.text, at=at))
            case "quoted" | "double":
                return self.made(Field(token.text, at=at, as_text=token.kind == "double"))
            case "param":
                return self.made(Param(token.text, at=at))
            case "name":
                return self.call(token) if self.accept("sign", "(") else self.made(Field(token.text, at=at))
            case "word" if token.text in _WORDS:
                return self.made(Literal(_WORDS[token.text], at=at))
            case "word" if token.text == "not":
                if binds > NOT:
                    raise ExpressionError("'not' needs parentheses around it and what it denies", at)
                return self.made(Unary("not", self.expression(NOT), at=at))
            case "sign" if token.text == "(":
                inner = self.expression(0)
                self.expect("sign", ")", "to close '('")
                return inner
            case "sign" if token.text == "-":
                return self.made(Unary("-", self.expression(MINUS), at=at))
        hint = f"; a column of that name stands in backticks: `{token.text}`" if token.kind == "word" else ""
        raise ExpressionError(f"a value is missing before {token},", at, hint)

    def call(self, token: Token) -> Node:
        if token.text not in FUNCTIONS:
            raise unknown_function(token)
        call = Call(token.text, self.items(")", f"{token.text}(...)"), at=token.at)
        check_call(call)
        return self.made(call)


def _refuse_null(left: Node, right: Node, token: Token) -> None:
    for side in (left, right):
        if isinstance(side, Literal) and side.value is None:
            form = "is not null" if token.text == "!=" else "is null"
            raise ExpressionError("nothing is equal to null,", token.at, f"; write '{form}'")


class _ExpressionField(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, Expression):
            return value
        if not isinstance(value, str):
            wrong(f"must be an expression such as 'price > 10', not {show(value)}")
        try:
            return parse_expression(value, limits)
        except ExpressionError as error:
            wrong(str(error))

    def schema(self) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": LIMITS.expression_chars}


ExpressionText = Annotated[Expression, _ExpressionField()]
"""An expression in a document: its text."""
