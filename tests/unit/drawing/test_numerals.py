"""Numbers are written as a reader of the locale expects them, and ticks exactly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.numerals import decimals_of, duration, power_of_ten
from renderer.drawing.writing import NO_VALUE, Writer, writer


@pytest.mark.parametrize(
    ("locale", "style", "value", "expected"),
    [
        ("en", None, 1234.5, "1,234"),
        ("en", None, 12.345, "12.3"),
        ("en", None, 0.5, "0.5"),
        ("en", None, -3.0, "−3"),
        ("en", None, 25_400_000, "25.4M"),
        ("en", None, 0.00001234, "1.23×10⁻⁵"),
        ("en", None, 1e300, "10³⁰⁰"),
        ("de", None, 1234567.0, "1,2\u00a0Mio."),
        ("de", ",.2f", 1234.5, "1.234,50"),
        ("fr", ",.0f", 1234567.0, "1\u202f234\u202f567"),
        ("hi", ",.0f", 1234567.0, "12,34,567"),
        ("de_CH", ",.1f", 1234.5, "1’234.5"),
        ("en", "compact", 1500.0, "1.5K"),
        ("en", "percent", 0.256, "25.6%"),
        ("de", "percent", 0.25, "25\u00a0%"),
        ("en", "currency:EUR", 1234.0, "€1,234"),
        ("en", "currency:EUR", -12.5, "−€12.50"),
        ("de", "currency:EUR", 12.5, "12,50\u00a0€"),
        ("en", "currency:CHF", 5.0, "CHF\u00a05"),
        ("en", "currency", 5.0, "$5"),
        ("en", "currency:EUR compact", 1_500_000.0, "€1.5M"),
        ("en", "si", 1500.0, "1.5k"),
        ("en", "si", 0.000002, "2µ"),
        ("en", "si", 0.0, "0"),
        ("en", "bytes", 1_500_000.0, "1.5 MB"),
        ("en", "bytes", 12.0, "12 B"),
        ("en", "duration", 3700.0, "1h 02m"),
        ("en", "ordinal", 1.0, "1st"),
        ("en", "ordinal", 12.0, "12th"),
        ("en", "ordinal", 23.0, "23rd"),
        ("de", "ordinal", 3.0, "3."),
        ("en", "+,.1f", 1234.56, "+1,234.6"),
        ("en", "+.1f", 0.0, "0.0"),
        ("en", ".1%", 0.1234, "12.3%"),
        ("en", ".2e", 123456.0, "1.23×10⁵"),
        ("en", ".3s", 1234567.0, "1.23M"),
        ("en", ".2f", -0.001, "0.00"),
        ("en", ",.3~f", 1.5, "1.5"),
        ("en", "d", 41.7, "42"),
        ("en", "05d", 42.0, "00042"),
        ("en", "g", 0.1 + 0.2, "0.3"),
    ],
)
def test_single_values(locale: str, style: str | None, value: float, expected: str) -> None:
    assert writer(locale, None, "UTC").number(value, style) == expected


@pytest.mark.parametrize(
    ("values", "style", "expected"),
    [
        ([0, 0.5, 1], None, ["0.0", "0.5", "1.0"]),
        ([0, 20, 40], None, ["0", "20", "40"]),
        ([0, 1500, 3000], None, ["0", "1,500", "3,000"]),
        ([0, 500_000, 1_000_000, 1_500_000], None, ["0", "500K", "1M", "1.5M"]),
        ([0, 0.00002, 0.00004], None, ["0", "2×10⁻⁵", "4×10⁻⁵"]),
        ([0, 0.25, 0.5], "percent", ["0%", "25%", "50%"]),
        ([0, 0.125, 0.25], "percent", ["0.0%", "12.5%", "25.0%"]),
        ([0, 50, 100], "currency:USD", ["$0", "$50", "$100"]),
        ([0, 0.5, 1], "currency:USD", ["$0.00", "$0.50", "$1.00"]),
        ([0, 250e6, 500e6], "currency:EUR compact", ["€0", "€250M", "€500M"]),
        ([1_250_000, 1_500_000], "compact", ["1.25M", "1.5M"]),
    ],
)
def test_ticks(values: list[float], style: str | None, expected: list[str], english: Writer) -> None:
    assert english.numbers(values, style, exact=True) == expected


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(-1000, 1000),
    step=st.sampled_from([1, 2, 2.5, 5]),
    power=st.integers(-9, 12),
    count=st.integers(2, 9),
)
def test_no_two_ticks_read_alike(start: int, step: float, power: int, count: int, english: Writer) -> None:
    ticks = [(start + index) * step * 10.0**power for index in range(count)]
    assert len(set(english.numbers(ticks, exact=True))) == count


def test_numbers_that_are_none(english: Writer) -> None:
    assert english.numbers([math.nan, 5.0]) == [NO_VALUE, "5"]
    assert english.numbers([math.nan], "percent") == [NO_VALUE]
    assert english.numbers([]) == []


def test_a_format_of_dates_on_numbers_is_left_aside(english: Writer) -> None:
    assert english.number(5.0, "%Y") == "5"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0s"), (0.35, "350ms"), (1.5, "1.5s"), (90, "1m 30s"), (3600, "1h"), (90_000, "1d 01h"), (-60, "−1m")],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_decimals() -> None:
    assert decimals_of([0, 0.25, 0.5]) == 2
    assert decimals_of([0.1 + 0.2, 0.6]) == 1
    assert decimals_of([]) == 0
    assert power_of_ten(-12) == "10⁻¹²"
