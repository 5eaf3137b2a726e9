"""Time axes say what changes in one line and what stays in the other, in the chart's zone and locale."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.dates import calendar, to_days
from renderer.drawing.writing import writer


def _days(*moments: str) -> list[float]:
    days: list[float] = to_days(np.array(moments, dtype="datetime64[us]")).tolist()
    return days


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        (["2020-01-01", "2022-01-01"], [("2020", ""), ("2022", "")]),
        (["2020-11-01", "2020-12-01", "2021-01-01"], [("Nov", "2020"), ("Dec", ""), ("Jan", "2021")]),
        (["2020-01-29", "2020-02-01", "2020-02-03"], [("29", "Jan 2020"), ("1", "Feb 2020"), ("3", "")]),
        (["2020-01-29T18:00", "2020-01-30T00:00"], [("6 PM", "Jan 29, 2020"), ("12 AM", "Jan 30, 2020")]),
        (["2020-01-29T18:00:05", "2020-01-29T18:00:10"], [("18:00:05", "Jan 29, 2020"), ("18:00:10", "")]),
    ],
)
def test_labels_in_two_lines(moments: list[str], expected: list[tuple[str, str]]) -> None:
    assert calendar("en", "UTC").labels(_days(*moments)) == expected


def test_labels_speak_the_locale() -> None:
    assert calendar("de", "UTC").labels(_days("2020-03-01", "2020-05-01")) == [("Mär", "2020"), ("Mai", "")]
    assert calendar("de", "UTC").labels(_days("2020-03-01T00:00", "2020-03-01T14:30"))[1][0] == "14:30"


def test_ticks_are_midnights_of_the_zone_across_the_change_of_clocks() -> None:
    berlin = calendar("en", "Europe/Berlin")
    low, high = _days("2025-03-28T00:00", "2025-04-02T00:00")
    moments = [berlin.moment(place) for place in berlin.ticks(low, high, 6)]
    assert {(moment.hour, moment.minute) for moment in moments} == {(0, 0)}
    assert len({moment.utcoffset() for moment in moments}) == 2


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12])
@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("2020-01-01T00:00:00.000001", "2020-01-01T00:00:00.000009"),
        ("2020-01-01T00:00:00", "2020-01-01T00:02:50"),
        ("2020-01-01", "2020-01-03T20:00"),
        ("2020-01-01", "2020-03-25"),
        ("2020-01-01", "2021-02-03"),
        ("2020-01-01", "2022-10-03"),
        ("0101-01-01", "9899-12-31"),
    ],
)
def test_every_range_has_a_few_ticks(low: str, high: str, count: int) -> None:
    first, last = _days(low, high)
    ticks = calendar("en", "UTC").ticks(first, last, count)
    assert len(ticks) <= 16
    assert ((ticks >= first) & (ticks <= last)).all()


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (None, "Dec 31, 2025, 2:05\u202fPM"),
        ("date", "Dec 31, 2025"),
        ("datetime", "Dec 31, 2025, 2:05\u202fPM"),
        ("time", "2:05\u202fPM"),
        ("year", "2025"),
        ("quarter", "Q4 2025"),
        ("month", "Dec 2025"),
        ("weekday", "Wed"),
        ("%d %b %Y, %H:%M", "31 Dec 2025, 14:05"),
        ("%A %j %y %%", "Wednesday 365 25 %"),
    ],
)
def test_formats(style: str | None, expected: str) -> None:
    assert writer("en", None, "UTC").dates(_days("2025-12-31T14:05"), style) == [expected]


def test_a_day_is_written_without_its_midnight() -> None:
    assert writer("en", None, "UTC").dates(_days("2025-12-31")) == ["Dec 31, 2025"]
    assert writer("en", None, "America/New_York").dates(_days("2025-12-31T05:00")) == ["Dec 31, 2025"]
