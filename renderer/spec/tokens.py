"""The words and signs that an expression is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.tree import KEYWORDS


class ExpressionError(ValueError):
    """What is wrong with an expression, and where: `at` is a character of its text, counted from 1.

    str() is the sentence: "unknown function 'mena' at character 4; did you mean 'mean'?".
    """

    def __init__(self, message: str, at: int, hint: str = "") -> None:
        self.message, self.at, self.hint = message, at, hint
        super().__init__(f"{message} at character {at}{hint}")


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what is meant: the characters of a quoted text, the name of a column, an operator."""

    kind: Literal["number", "text", "name", "quoted", "double", "param", "word", "sign", "end"]
    text: str
    at: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else show(self.text)


# Every alternative begins with a character that no other begins with, or is tried in order, and none backtracks.
_TOKEN: Final = re.compile(
    r"""(?P<space>\s++)
    |(?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    |'(?P<text>(?:[^']|'')*+)'
    |`(?P<tick>(?:[^`]|``)*+)`
    |"(?P<double>(?:[^"]|"")*+)"
    |\$(?P<param>[^\W\d]\w*+)
    |(?P<name>[^\W\d]\w*+)
    |(?P<sign>\*\*|==|!=|<>|<=|>=|[-+*/%=<>()\[\],])""",
    re.VERBOSE,
)
_SAME: Final = {"=": "==", "<>": "!="}
_ELSEWHERE: Final = {"&": "and", "|": "or", "!": "not", "^": "**", "?": "if(condition, yes, no)"}
"""How other languages write operators."""
_OPEN: Final = {"'": "the text", "`": "the column name", '"': "the column name"}


def tokens(text: str, limits: Limits) -> list[Token]:
    """The tokens of a text, and one for its end. Raises ExpressionError."""
    if len(text) > limits.expression_chars:
        raise ExpressionError(
            f"more than {limits.expression_chars} characters, the first too much", limits.expression_chars + 1
        )
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unknown(text, place)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match[kind], place + 1))
        place = match.end()
        if kind == "number" and place < len(text) and (text[place].isalnum() or text[place] in "_."):
            raise ExpressionError(f"a number is followed by {show(text[place])}", place + 1)
    return [*found, Token("end", "", len(text) + 1)]


def _token(kind: str, text: str, at: int) -> Token:
    match kind:
        case "number":
            return Token("number", text, at)
        case "text":
            return Token("text", text.replace("''", "'"), at)
        case "tick" | "double":
            name = text.replace("``", "`") if kind == "tick" else text.replace('""', '"')
            if not name.strip():
                raise ExpressionError("a column name is empty", at)
            return Token("quoted" if kind == "tick" else "double", name, at)
        case "param":
            return Token("param", text, at)
        case "sign":
            return Token("sign", _SAME.get(text, text), at)
        case _:
            word = text.lower()
            return Token("word", word, at) if word in KEYWORDS else Token("name", text, at)


def _unknown(text: str, place: int) -> ExpressionError:
    sign = text[place]
    if sign in _OPEN:
        return ExpressionError(f"{_OPEN[sign]} that begins with {sign} is not closed", place + 1)
    if sign == "$":
        return ExpressionError("'$' stands before the name of a parameter, such as $since", place + 1)
    if sign in _ELSEWHERE:
        return ExpressionError(f"{show(sign)} means nothing", place + 1, f"; write '{_ELSEWHERE[sign]}'")
    return ExpressionError(f"{show(sign)} means nothing", place + 1)
