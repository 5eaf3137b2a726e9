"""JSON as the standard means it: what json.loads lets through, and what only takes memory, is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from renderer.spec.errors import Problem, SpecError, pointer, show
from renderer.spec.limits import LIMITS

MAX_DIGITS: Final = 20
"""Digits of an integer; more are slow to read and exact in no number that we compute with."""


class BodyTooLarge(ValueError):
    """A document has more bytes than may be sent."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the document is larger than {limit:,} bytes")


class _Duplicates(dict[str, Any]):
    """An object that names a key twice. Its place is not known while it is read, so it is found again afterwards."""

    key: str = ""


class _NoNumber(float):
    """A number that is none (NaN, Infinity), or that nobody means (9,999 digits)."""

    message: str = ""


def strict_json(
    raw: bytes,
    *,
    max_bytes: int = LIMITS.body_bytes,
    max_depth: int = LIMITS.json_depth,
    max_values: int = LIMITS.json_values,
) -> Any:
    """The value of a JSON document in UTF-8.

    Raises BodyTooLarge, or SpecError for what is not JSON (also: duplicate keys, NaN, 1e999, other encodings), for
    text that no database or picture can hold (U+0000, lone surrogates), and for documents nested too deeply or of
    too many values.
    """
    if len(raw) > max_bytes:
        raise BodyTooLarge(max_bytes)
    # Empty lists cost 28 times their text in memory, so brackets are counted before anything is built. Brackets in
    # strings count too; no honest document holds so many of them.
    if raw.count(b"[") + raw.count(b"{") > max_values // 4:
        raise SpecError.at("", "holds too many lists and objects")
    try:
        text = raw.decode("utf-8")  # json.loads(bytes) would take UTF-16 and UTF-32, too
    except UnicodeDecodeError as error:
        raise SpecError.at("", f"is not UTF-8: byte {error.start} cannot be read") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except RecursionError:
        raise SpecError.at("", f"is nested more than {max_depth} levels deep") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SpecError.at("", f"is not JSON: {error.msg.lower()} at {where}") from None
    _check(value, max_depth, max_values, suspicious="\\u0000" in text or "\\ud" in text.lower())
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    duplicates = _Duplicates(found)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            duplicates.key = key
        seen.add(key)
    return duplicates


def _no_number(message: str) -> _NoNumber:
    number = _NoNumber("nan")
    number.message = message
    return number


def _constant(text: str) -> float:
    return _no_number(f"{text} is not JSON; a missing value is null")


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= MAX_DIGITS else _no_number(f"has more than {MAX_DIGITS} digits")


_CONTAINERS: Final = frozenset({dict, list, _Duplicates})
_UNPRINTABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _items(node: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    return node.items() if isinstance(node, dict) else enumerate(node)


def _leaf_problems(value: object, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, _NoNumber):
        yield Problem(pointer(*path), value.message)
    elif isinstance(value, float) and math.isinf(value):
        yield Problem(pointer(*path), "is a number out of range")
    elif isinstance(value, str) and (found := _UNPRINTABLE.search(value)):
        yield Problem(pointer(*path), f"holds the character U+{ord(found[0]):04X}, which is not allowed")


def _check(document: Any, max_depth: int, max_values: int, *, suspicious: bool) -> None:
    """Walk the document without recursion. Lists of plain values, which data is made of, are seen at C speed."""
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())] if type(document) in _CONTAINERS else []
    total = 0
    problems = [*_leaf_problems(document, ())]
    while stack and len(problems) <= LIMITS.problems:
        node, path = stack.pop()
        children = node.values() if isinstance(node, dict) else node
        total += len(children)
        if total > max_values:
            raise SpecError.at("", f"holds more than {max_values:,} values")
        if len(path) >= max_depth:
            raise SpecError.at(pointer(*path), f"is nested more than {max_depth} levels deep")
        if type(node) is _Duplicates:
            problems.append(Problem(pointer(*path, node.key), f"{show(node.key)} is given twice"))
        kinds = set(map(type, children))
        if suspicious or _NoNumber in kinds or (float in kinds and (math.inf in children or -math.inf in children)):
            for name, child in _items(node):
                problems += _leaf_problems(child, (*path, name))
                if suspicious and isinstance(name, str):
                    problems += _leaf_problems(name, path)
        if not kinds.isdisjoint(_CONTAINERS):
            inner = [(child, (*path, name)) for name, child in _items(node) if type(child) in _CONTAINERS]
            stack += reversed(inner)
    if problems:
        raise SpecError(problems)
