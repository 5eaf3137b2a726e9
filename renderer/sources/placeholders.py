"""Placeholders of a query: ``:name`` stands for a value, which is bound beside the text and never written into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeGuard

from renderer.sources.databases import QueryError, Value
from renderer.spec.errors import show

_TOKEN: Final = re.compile(
    r"""
    '(?:[^']|'')*'                      # texts
    | "(?:[^"]|"")*"                    # quoted names
    | --[^\n]* | /\*.*?\*/              # comments
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$   # PostgreSQL's other texts
    | ::                                # PostgreSQL's casts
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""What is passed over, and the placeholders. Where a text is told apart wrongly, a value is bound in the wrong place or
nowhere: it is never written into the query."""


def _is_text(value: Value) -> TypeGuard[str]:
    return isinstance(value, str)


def bind(query: str, params: Mapping[str, Value], mark: str) -> tuple[str, list[Value]]:
    """The query with ``mark`` and a number for each placeholder, and the values in the order of these numbers.

    Raises QueryError where a parameter has no placeholder, or a placeholder no parameter.
    """
    for text in (query, *filter(_is_text, params.values())):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise QueryError("has characters that no text has: U+0000, or half of a pair")
    places: dict[str, int] = {}
    missing: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if name not in params:
            missing.append(name)
            return match[0]
        return f"{mark}{places.setdefault(name, len(places) + 1)}"

    text = _TOKEN.sub(numbered, query) if params else query
    if unused := [name for name in params if name not in places]:
        raise QueryError(f"has no placeholder :{unused[0]} for the parameter {show(unused[0])}")
    if missing:
        raise QueryError(f"has the placeholder :{missing[0][:40]}, and 'params' has no value for it")
    return text, [params[name] for name in places]
