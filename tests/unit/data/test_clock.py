"""The clock of transforms is that of channels, moment by moment, also where clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.data.clock import Clock
from renderer.data.engine import Engine
from renderer.data.moments import moment_ago, moment_of_text
from renderer.data.units import truncate
from renderer.data.zones import Times, to_local, to_utc
from renderer.spec.channel import Unit
from renderer.spec.functions import UNITS
from renderer.spec.limits import LIMITS
from renderer.spec.spans import parse_span

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Africa/Casablanca", "Pacific/Apia", "America/Havana", "America/Sao_Paulo", "Africa/Monrovia",
]  # fmt: skip


def computed(times: Times, expression: str, lets: list[str]) -> Times:
    """A SELECT with lets, as a query has them."""
    relation = '"source"'
    for number, let in enumerate(lets):
        relation = f"(SELECT *, {let} AS l{number} FROM {relation})"
    with Engine(replace(LIMITS, transform_seconds=60)) as engine:
        engine.register("source", {"t": times, "row": np.arange(len(times))})
        found: Times = engine.run(f"SELECT {expression} AS x FROM {relation} ORDER BY row")["x"]
    return found


def of_clock(times: Times, zone: str, how: str, unit: str = "") -> Times:
    lets: list[str] = []

    def let(sql: str) -> str:
        lets.append(sql)
        return f"l{len(lets) - 1}"

    clock = Clock.of(zone, [times])
    sql = {
        "local": lambda: clock.local_of("t", let),
        "moment": lambda: clock.moment_of("t", let),
        "truncated": lambda: clock.truncated("t", unit, let),
    }[how]()
    return computed(times, sql, lets)


moments = st.lists(st.datetimes(datetime(1880, 1, 1), datetime(2140, 1, 1)), min_size=1, max_size=30)  # noqa: DTZ001


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ZONES), moments)
def test_clocks_show_what_zones_say(zone: str, drawn: list[datetime]) -> None:
    times = np.array([*drawn, None], dtype="datetime64[us]")
    np.testing.assert_array_equal(of_clock(times, zone, "local"), to_local(times, zone))
    np.testing.assert_array_equal(of_clock(times, zone, "moment"), to_utc(times, zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", UNITS)
def test_units_begin_where_they_do_in_channels(zone: str, unit: str) -> None:
    changes = np.array(["2026-03-29T00:00", "2026-10-25T00:00", "2026-11-01T04:00", "2011-12-30T00:00",
                        "2015-10-18T03:00", "1972-01-07T00:00"], dtype="datetime64[us]")  # fmt: skip
    steps = np.arange(-50, 50) * np.timedelta64(17 * 60_000_000, "us")
    times: Times = (changes[:, None] + steps).ravel().astype("datetime64[us]")
    expected = truncate(times, cast(Unit, unit), zone)
    np.testing.assert_array_equal(of_clock(times, zone, "truncated", unit), expected)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31", "2026-03-30T22:00"),
        ("2026-01-31T12:00", "2026-01-31T11:00"),
        ("2026-01-31T12:00Z", "2026-01-31T12:00"),
        ("2026", "2025-12-31T23:00"),
        ("2026-07", "2026-06-30T22:00"),
        ("2026-02-30", None),
        ("yesterday", None),
        ("0001-01-01", None),
    ],
)
def test_texts_are_moments_on_the_charts_clock(text: str, moment: str | None) -> None:
    found = moment_of_text(text, "Europe/Berlin", LIMITS)
    assert found == (None if moment is None else np.datetime64(moment, "us"))


@pytest.mark.parametrize(
    ("span", "moment"),
    [
        ("0s", "2026-03-31T10:00"),
        ("90min", "2026-03-31T08:30"),
        ("3d", "2026-03-28T11:00"),  # the same hour on the clock, which went forward in between
        ("1mo", "2026-02-28T11:00"),
        ("1q", "2025-12-31T11:00"),
        ("2y", "2024-03-31T10:00"),
        ("2w", "2026-03-17T11:00"),
    ],
)
def test_ago_goes_back_on_the_clock(span: str, moment: str) -> None:
    now = datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert moment_ago(now, parse_span(span), "Europe/Berlin") == np.datetime64(moment, "us")
