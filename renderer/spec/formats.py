"""Formats of numbers and dates: a closed set of names, and patterns that are parsed here and never handed on.

A pattern is never given to str.format, % or strftime, where `{x.__class__}` prints the class tree and a width of
999999999 takes a gigabyte; what leaves this module is a small record with bounded numbers in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from babel import Locale

from renderer.spec.errors import did_you_mean, show, suggest

NumberName = Literal["auto", "compact", "percent", "currency", "si", "bytes", "duration", "ordinal"]
DateName = Literal["date", "datetime", "time", "year", "quarter", "month", "weekday"]
NumberType = Literal["", "d", "e", "f", "g", "s", "%"]

NUMBER_NAMES: Final[tuple[NumberName, ...]] = (
    "auto", "compact", "percent", "currency", "si", "bytes", "duration", "ordinal",
)  # fmt: skip
DATE_NAMES: Final[tuple[DateName, ...]] = ("date", "datetime", "time", "year", "quarter", "month", "weekday")
DATE_DIRECTIVES: Final = "YymdHMSbBaAj%"
"""The strftime directives that mean the same on every platform."""

MAX_CHARS: Final = 60
MAX_WIDTH: Final = 20
MAX_PRECISION: Final = 12

# [sign][0][width][group][.precision][~][type]: what PEP 3101 and d3-format share, and d3's trim.
_PATTERN: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<zero>0?)(?P<width>[1-9][0-9]{0,2})?(?P<group>[,_]?)"
    r"(?:\.(?P<precision>[0-9]{1,3}))?(?P<trim>~?)(?P<type>[defgs%]?)",
    re.ASCII,
)
_CURRENCY: Final = re.compile(r"currency(?::(?P<code>[A-Z]{3}))?(?P<compact> compact)?", re.ASCII)
_DIRECTIVE: Final = re.compile("%(.?)", re.DOTALL)
_LITERAL: Final = re.compile(r"[\w \-/.,:'’()·–]*")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """A named number format. `currency` is an ISO 4217 code, or None for the chart's own."""

    name: NumberName
    currency: str | None = None
    compact: bool = False


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A number pattern. `type` '' is the shortest form; 's' is d3's: an SI prefix; `trim` drops trailing zeros."""

    sign: Literal["", "+", "-"]
    zero: bool
    width: int
    group: Literal["", ",", "_"]
    precision: int | None
    trim: bool
    type: NumberType


@dataclass(frozen=True, slots=True)
class DateStyle:
    """A named date format, in the chart's locale and time zone."""

    name: DateName


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A date pattern as (directive, literal text) parts: exactly one of each pair is not ''."""

    parts: tuple[tuple[str, str], ...]


Format = NumberStyle | NumberPattern | DateStyle | DatePattern


class FormatError(ValueError):
    """A format that is none; str() is the sentence for its author."""


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The ISO 4217 codes that CLDR names."""
    return frozenset(Locale("en").currencies)


@lru_cache(maxsize=512)
def parse_format(text: str) -> Format:
    """The record for a format such as 'compact', 'currency:EUR compact', '+,.1f', '%b %Y'; raises FormatError."""
    if not text or len(text) > MAX_CHARS:
        raise FormatError(f"a format has 1 to {MAX_CHARS} characters")
    for number_name in NUMBER_NAMES:
        if text == number_name:
            return NumberStyle(number_name)
    for date_name in DATE_NAMES:
        if text == date_name:
            return DateStyle(date_name)
    if money := _CURRENCY.fullmatch(text):
        if money["code"] and money["code"] not in currencies():
            raise FormatError(f"no currency {show(money['code'])}; give an ISO 4217 code such as 'EUR'")
        return NumberStyle("currency", money["code"], bool(money["compact"]))
    if number := _PATTERN.fullmatch(text):
        return _number_pattern(number)
    if "%" in text and "{" not in text:
        return _date_pattern(text)
    raise FormatError(_hint(text))


def _number_pattern(found: re.Match[str]) -> NumberPattern:
    width, precision = int(found["width"] or 0), found["precision"]
    if width > MAX_WIDTH:
        raise FormatError(f"a format is at most {MAX_WIDTH} characters wide, not {width}")
    if precision is not None and int(precision) > MAX_PRECISION:
        raise FormatError(f"a format has at most {MAX_PRECISION} digits, not {int(precision)}")
    if found["type"] == "d" and precision is not None:
        raise FormatError("type 'd' shows whole numbers and takes no precision; use 'f'")
    return NumberPattern(
        sign=found["sign"],  # type: ignore[arg-type]  # the expression above admits no other
        zero=bool(found["zero"]),
        width=width,
        group=found["group"],  # type: ignore[arg-type]
        precision=None if precision is None else int(precision),
        trim=bool(found["trim"]),
        type=found["type"],  # type: ignore[arg-type]
    )


def _date_pattern(text: str) -> DatePattern:
    parts: list[tuple[str, str]] = []
    end = 0
    for found in _DIRECTIVE.finditer(text):
        if found.start() < end:
            continue
        if found[1] not in DATE_DIRECTIVES or not found[1]:
            known = " ".join(f"%{letter}" for letter in DATE_DIRECTIVES)
            raise FormatError(f"no date directive {show(found[0])}; there are {known}")
        parts += [("", text[end : found.start()]), (found[1], "")]
        end = found.end()
    parts.append(("", text[end:]))
    if not all(_LITERAL.fullmatch(literal) for _, literal in parts):
        raise FormatError("a date format is made of directives such as %d %b %Y, words, and spaces - / . , : ( )")
    return DatePattern(tuple((code, literal) for code, literal in parts if code or literal))


def _hint(text: str) -> str:
    if "{" in text:
        return "write the pattern without braces, such as ',.1f'"
    if "$" in text:
        return "for money use 'currency:USD'"
    named = suggest(text, [*NUMBER_NAMES, *DATE_NAMES])
    if named:
        return f"no format {show(text)}{did_you_mean(named)}"
    names = ", ".join(NUMBER_NAMES)
    return f"no format {show(text)}; use a name ({names}), a pattern such as ',.1f', or '%b %Y' for dates"
