"""Problems of a chart spec: where, in what the client sent, and what to do about it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from renderer.spec.limits import LIMITS

SHOWN_CHARS: Final = 40
"""No error echoes more than this of a value: a 5 MB colour must not become a 5 MB error."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is an RFC 6901 JSON pointer into the document as sent; "" is the document itself."""

    pointer: str
    message: str
    empty: bool = field(default=False, compare=False, kw_only=True)
    """Whether all that is wrong is that no rows are there: what a chart's `on_empty` is about."""

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class SpecError(ValueError):
    """A chart spec, or its data, cannot be drawn. `problems` holds all that is wrong, at least one."""

    def __init__(self, problems: Iterable[Problem], *, limit: int = LIMITS.problems) -> None:
        found = list(dict.fromkeys(problems))
        if not found:
            raise AssertionError("a SpecError needs a problem")
        if len(found) > limit:
            more = len(found) - limit + 1
            found[limit - 1 :] = [Problem("", f"and {more} more problems")]
        self.problems: tuple[Problem, ...] = tuple(found)
        super().__init__("; ".join(map(str, self.problems)))

    @classmethod
    def at(cls, pointer: str, message: str, *, empty: bool = False) -> SpecError:
        return cls([Problem(pointer, message, empty=empty)])

    @property
    def empty(self) -> bool:
        """Whether nothing is wrong but that there are no rows."""
        return all(problem.empty for problem in self.problems)


def pointer(*parts: str | int) -> str:
    """The RFC 6901 pointer through `parts`; overlong or unprintable names are shortened, as errors are shown."""
    return "".join("/" + _printable(str(part)).replace("~", "~0").replace("/", "~1") for part in parts)


def show(value: object) -> str:
    """`value` as a reader of JSON would write it, at most SHOWN_CHARS long."""
    if isinstance(value, str):
        return f"'{_printable(value)}'"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**SHOWN_CHARS:  # str() of a huge integer is slow, or an error
        return "a huge number"
    return _printable(json.dumps(value, default=lambda _: "a value"))


def suggest(name: str, candidates: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The candidates that `name` may have been meant to be, best first."""
    if len(name) > SHOWN_CHARS * 2:
        return []
    by_lower: dict[str, str] = {}
    for candidate in candidates:
        by_lower.setdefault(candidate.lower(), candidate)
    return [by_lower[found] for found in difflib.get_close_matches(name.lower(), list(by_lower), most, cutoff)]


def did_you_mean(names: Sequence[str]) -> str:
    """'; did you mean 'bar' or 'radar'?', or nothing."""
    return f"; did you mean {any_of(names)}?" if names else ""


def any_of(names: Sequence[str]) -> str:
    """'a', 'b' or 'c'."""
    quoted = [show(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 cell``, ``1,250 cells``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def listed(names: Iterable[str], *, most: int = 12) -> str:
    """Names, separated by commas, with the number of those left out."""
    names = list(names)
    shown = ", ".join(_printable(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _printable(text: str) -> str:
    if len(text) > SHOWN_CHARS:
        text = text[: SHOWN_CHARS - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
