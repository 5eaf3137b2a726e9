"""Units: cut on the zone's clock, not on that of UTC."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.data.units import cycle, cycle_labels, truncate, unit_label
from renderer.spec.channel import Unit


def times(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[us]")


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("year", "2024-01-01"),
        ("quarter", "2024-07-01"),
        ("month", "2024-08-01"),
        ("week", "2024-08-12"),
        ("day", "2024-08-15"),
        ("hour", "2024-08-15T13"),
        ("minute", "2024-08-15T13:37"),
        ("second", "2024-08-15T13:37:42"),
    ],
)
def test_a_moment_is_cut_to_the_start_of_its_unit(unit: Unit, start: str) -> None:
    cut = truncate(times("2024-08-15T13:37:42.5", "NaT"), unit, "UTC")
    assert cut[0] == np.datetime64(start)
    assert np.isnat(cut[1])


def test_weeks_begin_on_monday_also_before_1970() -> None:
    cut = truncate(times("2024-08-11T23:59", "2024-08-12", "1969-12-31", "1960-01-04"), "week", "UTC")
    assert cut.astype("datetime64[D]").astype(str).tolist() == ["2024-08-05", "2024-08-12", "1969-12-29", "1960-01-04"]


def test_months_are_those_of_the_clock_on_the_wall() -> None:
    # 23:30 on 31 January in New York is February in UTC.
    cut = truncate(times("2024-02-01T04:30"), "month", "America/New_York")
    assert cut.astype(str).tolist() == ["2024-01-01T05:00:00.000000"]


def test_the_hour_that_comes_twice_stays_two_hours() -> None:
    cut = truncate(times("2024-10-27T00:30", "2024-10-27T01:30"), "hour", "Europe/Berlin")
    assert cut.astype("datetime64[h]").astype(str).tolist() == ["2024-10-27T00", "2024-10-27T01"]


def test_half_hour_zones_cut_hours_on_their_own_clock() -> None:
    cut = truncate(times("2024-01-01T00:40"), "hour", "Asia/Kolkata")  # 06:10 there
    assert cut.astype("datetime64[m]").astype(str).tolist() == ["2024-01-01T00:30"]


@pytest.mark.parametrize(
    ("unit", "place"), [("month_of_year", 8), ("weekday", 3), ("day_of_month", 15), ("hour_of_day", 13)]
)
def test_places_in_cycles(unit: Unit, place: int) -> None:
    assert cycle(times("2024-08-15T13:37", "NaT"), unit, "UTC").tolist() == [place, -1]


def test_cycles_are_named_and_ordered_in_the_locale() -> None:
    assert list(cycle_labels("weekday", "de").values()) == ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
    assert next(iter(cycle_labels("weekday", "en_US"))) == 6
    assert cycle_labels("month_of_year", "fr")[2] == "févr."
    assert list(cycle_labels("hour_of_day", "en").values())[:2] == ["00", "01"]


@pytest.mark.parametrize(
    ("unit", "label"),
    [
        ("year", "2024"),
        ("quarter", "2024 Q3"),
        ("month", "2024-08"),
        ("week", "2024-08-15"),
        ("day", "2024-08-15"),
        ("hour", "2024-08-15 13:37"),
        ("second", "2024-08-15 13:37:00"),
        (None, "2024-08-15 13:37"),
    ],
)
def test_times_as_names_of_categories(unit: Unit | None, label: str) -> None:
    assert unit_label(np.datetime64("2024-08-15T13:37:00", "us"), unit) == label


def test_a_plain_date_is_named_without_its_midnight() -> None:
    assert unit_label(np.datetime64("2024-08-15", "us"), None) == "2024-08-15"
