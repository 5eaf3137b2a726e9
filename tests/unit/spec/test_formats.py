"""Formats: a closed set, and patterns that never reach a formatting function of Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.spec.formats import (
    DATE_NAMES,
    MAX_CHARS,
    MAX_PRECISION,
    MAX_WIDTH,
    NUMBER_NAMES,
    DatePattern,
    DateStyle,
    FormatError,
    NumberPattern,
    NumberStyle,
    parse_format,
)


@pytest.mark.parametrize("name", NUMBER_NAMES)
def test_number_names(name: str) -> None:
    assert parse_format(name) == NumberStyle(name)  # type: ignore[arg-type]  # a str that is one of the names


@pytest.mark.parametrize("name", DATE_NAMES)
def test_date_names(name: str) -> None:
    assert parse_format(name) == DateStyle(name)  # type: ignore[arg-type]


def test_money() -> None:
    assert parse_format("currency:EUR") == NumberStyle("currency", "EUR")
    assert parse_format("currency:EUR compact") == NumberStyle("currency", "EUR", compact=True)
    assert parse_format("currency compact") == NumberStyle("currency", None, compact=True)
    with pytest.raises(FormatError, match="no currency 'XQZ'"):
        parse_format("currency:XQZ")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (",.1f", NumberPattern("", zero=False, width=0, group=",", precision=1, trim=False, type="f")),
        ("+,.0f", NumberPattern("+", zero=False, width=0, group=",", precision=0, trim=False, type="f")),
        (".2%", NumberPattern("", zero=False, width=0, group="", precision=2, trim=False, type="%")),
        ("08_d", NumberPattern("", zero=True, width=8, group="_", precision=None, trim=False, type="d")),
        (".3~s", NumberPattern("", zero=False, width=0, group="", precision=3, trim=True, type="s")),
        ("g", NumberPattern("", zero=False, width=0, group="", precision=None, trim=False, type="g")),
    ],
)
def test_number_patterns(text: str, pattern: NumberPattern) -> None:
    assert parse_format(text) == pattern


def test_date_patterns() -> None:
    assert parse_format("%b %Y") == DatePattern((("b", ""), ("", " "), ("Y", "")))
    assert parse_format("%d.%m., %H:%M") == DatePattern(
        (("d", ""), ("", "."), ("m", ""), ("", "., "), ("H", ""), ("", ":"), ("M", ""))
    )
    assert parse_format("100%%") == DatePattern((("", "100"), ("%", "")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{x.__class__.__mro__}", "without braces"),
        ("{x.__init__.__globals__[SECRET_KEY]}", "without braces"),
        ("{x:999999999}", "without braces"),
        ("{x:.999999999f}", "without braces"),
        ("999999999d", "no format"),
        ("999d", "at most 20 characters wide, not 999"),
        (".999f", "at most 12 digits, not 999"),
        (".2d", "no precision"),
        ("%s %s", "no date directive '%s'"),
        ("%(x)s", r"no date directive '%\('"),
        ("%-d %s %E %Q %999999Y", "no date directive '%-'"),
        ("%Q", "no date directive '%Q'"),
        ("%Y %", "no date directive '%'"),
        ("%c" * 500_000, "1 to 60 characters"),
        ("%Y <b>", "a date format is made of"),
        ("%Y\u202e", "a date format is made of"),
        ("$,.2f", "for money use 'currency:USD'"),
        ("percnt", "did you mean 'percent'"),
        ("compacted", "did you mean 'compact'"),
        ("", "1 to 60 characters"),
        ("٠.٥f", "no format"),
    ],
)
def test_what_is_no_format_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_format(text)


@given(st.text("0123456789+-,_.~defgs%Yymdb {}x:", max_size=70))
def test_every_text_is_a_bounded_format_or_refused(text: str) -> None:
    try:
        parsed = parse_format(text)
    except FormatError:
        return
    assert 0 < len(text) <= MAX_CHARS
    if isinstance(parsed, NumberPattern):
        assert parsed.width <= MAX_WIDTH
        assert (parsed.precision or 0) <= MAX_PRECISION
