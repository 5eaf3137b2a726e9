"""Spans of time as a text: '7d', '12h', '3mo'."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from renderer.spec.functions import UNITS

_SPAN: Final = re.compile(r"([0-9]{1,6}) ?([a-z]{1,3})", re.ASCII)
_UNITS: Final = {
    "s": "second", "min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year",
}  # fmt: skip


class SpanError(ValueError):
    """A text that is no span; str() is the sentence for its author."""


class Span(NamedTuple):
    """So many of a unit; the unit is one of functions.UNITS."""

    amount: int
    unit: str


def parse_span(text: str) -> Span:
    """The span that a text says. Raises SpanError."""
    match = _SPAN.fullmatch(text[:20])
    unit = _UNITS.get(match[2]) if match else None
    if match is None or unit not in UNITS:
        hint = "; a month is 'mo', a minute 'min'" if match and match[2] == "m" else ""
        raise SpanError(f"a span is a number with {', '.join(_UNITS)}, such as '7d'{hint}")
    return Span(int(match[1]), unit)
