"""JSON as the standard means it: what json.loads lets through, and what only takes memory, is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from renderer.spec.errors import Problem, SpecError, pointer, show
from renderer.spec.limits import LIMITS

MAX_DIGITS: Final = 20
"""Digits of an integer; more are slow to read and exact in no number that we compute with."""


_LONG_NUMBER: Final = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}|[eE]\+?0*[0-9]{{3}}")
"""What a number too long or too large has, and hardly any other."""
_ESCAPED: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""U+0000, and surrogates, of which one without the other is no character."""


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
    """The value of a JSON document in UTF-8, with or without a byte order mark before it.

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
        # json.loads(bytes) would take UTF-16 and UTF-32, too. RFC 8259 8.1 lets a reader pass over the mark.
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SpecError.at("", f"is not UTF-8: byte {error.start} cannot be read") from None
    reader = _Reader()
    odd_digits = _LONG_NUMBER.search(text) is not None
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.read_object,
            parse_constant=reader.read_constant,
            parse_int=reader.read_integer if odd_digits else None,
        )
    except RecursionError:
        raise SpecError.at("", f"is nested more than {max_depth} levels deep") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SpecError.at("", f"is not JSON: {error.msg.lower()} at {where}") from None
    # Nearly every document is in order, and this is cheap to see; only the others are walked through with their paths.
    if reader.suspicious or odd_digits or _ESCAPED.search(text) or not _fits(value, max_depth, max_values):
        problems = list(_problems(value, max_depth, max_values))
        if problems:
            raise SpecError(problems)
    return value


class _Reader:
    """What json.loads calls for each object and each number; `suspicious` says that one of them is not in order."""

    def __init__(self) -> None:
        self.suspicious = False

    def read_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        self.suspicious = True
        duplicates = _Duplicates(found)
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                duplicates.key = key
            seen.add(key)
        return duplicates

    def read_constant(self, text: str) -> float:
        self.suspicious = True
        return _no_number(f"{text} is not JSON; a missing value is null")

    def read_integer(self, text: str) -> int | float:
        return int(text) if len(text.lstrip("-")) <= MAX_DIGITS else _no_number(f"has more than {MAX_DIGITS} digits")


def _no_number(message: str) -> _NoNumber:
    number = _NoNumber("nan")
    number.message = message
    return number


_CONTAINERS: Final = frozenset({dict, list, _Duplicates})
_UNPRINTABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _leaf_problems(value: object, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, _NoNumber):
        yield Problem(pointer(*path), value.message)
    elif isinstance(value, float) and math.isinf(value):
        yield Problem(pointer(*path), "is a number out of range")
    elif isinstance(value, str) and (found := _UNPRINTABLE.search(value)):
        yield Problem(pointer(*path), f"holds the character U+{ord(found[0]):04X}, which is not allowed")


def _fits(document: Any, max_depth: int, max_values: int) -> bool:
    """Whether a document is within the limits of depth and number of values."""
    level = [document] if type(document) in _CONTAINERS else []
    total = 0
    for _ in range(max_depth + 1):
        if not level:
            return True
        total += sum(map(len, level))
        if total > max_values:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if type(child) in _CONTAINERS
        ]
    return False


def _problems(document: Any, max_depth: int, max_values: int) -> Iterator[Problem]:
    """What is not in order, with its place. Not recursive, because the document may be nested too deeply."""
    yield from _leaf_problems(document, ())
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())] if type(document) in _CONTAINERS else []
    total = 0
    while stack:
        node, path = stack.pop()
        if len(path) >= max_depth:
            yield Problem(pointer(*path), f"is nested more than {max_depth} levels deep")
            return
        total += len(node)
        if total > max_values:
            yield Problem("", f"holds more than {max_values:,} values")
            return
        if isinstance(node, _Duplicates):
            yield Problem(pointer(*path, node.key), f"{show(node.key)} is given twice")
        inner: list[tuple[Any, tuple[str | int, ...]]] = []
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(name, str):
                yield from _leaf_problems(name, path)
            if type(child) in _CONTAINERS:
                inner.append((child, (*path, name)))
            else:
                yield from _leaf_problems(child, (*path, name))
        stack += reversed(inner)
