"""Where a JSON pointer leads in the text that a person typed: the line for a message, the place for a mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from renderer.spec.errors import Problem

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)|[^\\]+")


@dataclass(frozen=True, slots=True)
class Located:
    """A problem with the line it is on: 1 is the first, None if the pointer leads to nothing in the text.

    ``start`` and ``end`` are the characters to be marked.
    """

    pointer: str
    message: str
    line: int | None
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class _Place:
    line: int
    start: int
    end: int


def locate(problems: Sequence[Problem], text: str) -> list[Located]:
    """Each problem with its line, from the top down.

    A pointer to a field that is missing leads to the object that lacks it.
    """
    places = _places(text)
    located = []
    for problem in problems:
        place = _nearest(problem.pointer, places)
        where = (place.line, place.start, place.end) if place else (None, 0, 0)
        located.append(Located(problem.pointer, problem.message, *where))
    return sorted(located, key=lambda problem: problem.line or 0)


def _nearest(pointer: str, places: dict[str, _Place]) -> _Place | None:
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return places.get(pointer) if pointer else None


def _places(text: str) -> dict[str, _Place]:
    """Every pointer in a JSON text, and the place of its value or, for a member of an object, of its key and of a value
    that is no container.

    One pass over the tokens with a stack of its own: it neither recurses nor fails, whatever the text is.
    """
    places: dict[str, _Place] = {}
    stack: list[tuple[str, int]] = []  # of each open container: its pointer, and its next index; -1 for an object
    pointer, key, awaits_key, line, end = "", "", False, 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        part = match[0]
        if part in "}]":
            if stack:
                pointer = stack.pop()[0]
            awaits_key = False
        elif part == ",":
            awaits_key = bool(stack) and stack[-1][1] < 0
        elif part == ":":
            awaits_key = False
        elif awaits_key:
            key = _unquoted(part)
            places[f"{stack[-1][0]}/{key}"] = _Place(line, match.start(), match.end())
        else:
            if stack:
                parent, index = stack[-1]
                pointer = f"{parent}/{key if index < 0 else index}"
                if index >= 0:
                    stack[-1] = (parent, index + 1)
                    places[pointer] = _Place(line, match.start(), match.end())
                elif part not in "{[" and (place := places.get(pointer)) and place.line == line:
                    place.end = match.end()
            if part in "{[":
                stack.append((pointer, -1 if part == "{" else 0))
                awaits_key = part == "{"
    return places


def _unquoted(part: str) -> str:
    """A key as a pointer's segment: escapes that matter here resolved, ``~`` and ``/`` escaped (RFC 6901)."""
    plain = part[1:-1]
    if "\\" in plain:
        plain = "".join(
            chr(int(piece[2:], 16)) if piece.startswith("\\u") and len(piece) == 6 else piece.removeprefix("\\")
            for piece in _ESCAPE.findall(plain)
        )
    return plain.replace("~", "~0").replace("/", "~1")
