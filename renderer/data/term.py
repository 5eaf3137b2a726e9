"""Terms: parts of expressions as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from renderer.data.query import Type
from renderer.spec.tree import Node

NOUNS: Final[dict[Type, str]] = {
    "number": "a number", "text": "a text", "time": "a time", "truth": "a condition", "null": "nothing",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an expression as SQL. `constant` is the text or number itself where it is written out or a parameter,
    because '2026-01-01' is a time where a time is wanted."""

    sql: str
    type: Type
    node: Node
    plain: bool = False
    """Short, and free to be computed more than once."""
    constant: str | float | bool | None = None
