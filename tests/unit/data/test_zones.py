"""Clocks and moments: the same as zoneinfo, value by value, also where clocks change."""

# ruff: noqa: DTZ001 -- the times that columns hold name no zone
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.data.zones import to_local, to_utc

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Africa/Casablanca", "Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo",
]  # fmt: skip


def as_array(moments: list[datetime]) -> np.ndarray:
    return np.array([moment.replace(tzinfo=None) for moment in moments], dtype="datetime64[us]")


@given(
    st.sampled_from(ZONES), st.lists(st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1)), min_size=1, max_size=5)
)
def test_local_times_are_those_of_zoneinfo(zone: str, moments: list[datetime]) -> None:
    expected = [moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
    assert to_local(as_array(moments), zone).tolist() == expected


@given(
    st.sampled_from(ZONES), st.lists(st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1)), min_size=1, max_size=5)
)
def test_moments_are_those_of_zoneinfo(zone: str, clock: list[datetime]) -> None:
    expected = [time.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for time in clock]
    assert to_utc(as_array(clock), zone).tolist() == expected


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_of_a_year(zone: str) -> None:
    start = datetime(2011, 1, 1)
    clock = [start + timedelta(minutes=15) * step for step in range(4 * 24 * 366)]
    expected = [time.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for time in clock]
    assert to_utc(as_array(clock), zone).tolist() == expected


def test_an_hour_shown_twice_is_the_first_and_an_hour_left_out_goes_on() -> None:
    berlin = "Europe/Berlin"
    clock = np.array(["2024-10-27T02:30", "2024-03-31T02:30"], dtype="datetime64[us]")
    assert to_utc(clock, berlin).astype(str).tolist() == ["2024-10-27T00:30:00.000000", "2024-03-31T01:30:00.000000"]


def test_missing_times_stay_missing() -> None:
    times = np.array(["NaT", "2024-07-01"], dtype="datetime64[us]")
    assert np.isnat(to_local(times, "Europe/Berlin")).tolist() == [True, False]
    assert np.isnat(to_utc(times, "Europe/Berlin")).tolist() == [True, False]
    assert np.isnat(to_local(times[:1], "Europe/Berlin")).all()
