"""Cron lines: their moments over both changes of the clock, the notes on them, and their words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.jobs import cron

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
SPRING = {BERLIN: "2026-03-28T12:00", NEW_YORK: "2026-03-07T12:00", LORD_HOWE: "2026-10-03T00:00"}
AUTUMN = {BERLIN: "2026-10-24T12:00", NEW_YORK: "2026-10-31T12:00", LORD_HOWE: "2026-04-04T00:00"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(line: str, zone: str, after: str, count: int = 2) -> list[str]:
    """The next moments as a clock there shows them, each with its note."""
    previous = utc(after)
    lines = []
    for moment in islice(cron.moments(line, zone, after=previous), count):
        note = cron.note(line, zone, moment, previous=previous)
        lines.append(f"{moment.astimezone(ZoneInfo(zone)):%d.%m. %H:%M %z}{f' | {note}' if note else ''}")
        previous = moment
    return lines


@pytest.mark.parametrize(
    ("zone", "line", "expected"),
    [
        (
            BERLIN,
            "30 2 * * *",
            ["29.03. 03:00 +0200 | 02:30 does not exist on 29 March: runs at 03:00", "30.03. 02:30 +0200"],
        ),
        (
            BERLIN,
            "0,15,30 2 * * *",
            [
                "29.03. 03:00 +0200 | 02:00, 02:15 and 02:30 do not exist on 29 March: runs once, at 03:00",
                "30.03. 02:00 +0200",
            ],
        ),
        (
            BERLIN,
            "*/30 2 * * *",
            [
                "30.03. 02:00 +0200 | 02:00 and 02:30 do not exist on 29 March, and are left out",
                "30.03. 02:30 +0200",
            ],
        ),
        (BERLIN, "0 7 * * *", ["29.03. 07:00 +0200", "30.03. 07:00 +0200"]),
        (
            NEW_YORK,
            "30 2 * * *",
            ["08.03. 03:00 -0400 | 02:30 does not exist on 8 March: runs at 03:00", "09.03. 02:30 -0400"],
        ),
        (
            LORD_HOWE,
            "15 2 * * *",
            ["04.10. 02:30 +1100 | 02:15 does not exist on 4 October: runs at 02:30", "05.10. 02:15 +1100"],
        ),
        (LORD_HOWE, "30 2 * * *", ["04.10. 02:30 +1100", "05.10. 02:30 +1100"]),
    ],
)
def test_when_the_clock_jumps_forward(zone: str, line: str, expected: list[str]) -> None:
    assert told(line, zone, SPRING[zone]) == expected


@pytest.mark.parametrize(
    ("zone", "line", "expected"),
    [
        (
            BERLIN,
            "30 2 * * *",
            ["25.10. 02:30 +0200 | 02:30 comes twice on 25 October: runs once, the first time", "26.10. 02:30 +0100"],
        ),
        (
            BERLIN,
            "*/45 2 * * *",
            [
                "25.10. 02:00 +0200 | 02:00 comes twice on 25 October: runs both times",
                "25.10. 02:45 +0200 | 02:45 comes twice on 25 October: runs both times",
                "25.10. 02:00 +0100 | 02:00 comes twice on 25 October: runs both times",
                "25.10. 02:45 +0100 | 02:45 comes twice on 25 October: runs both times",
                "26.10. 02:00 +0100",
            ],
        ),
        (
            NEW_YORK,
            "30 1 * * *",
            ["01.11. 01:30 -0400 | 01:30 comes twice on 1 November: runs once, the first time", "02.11. 01:30 -0500"],
        ),
        (
            LORD_HOWE,
            "45 1 * * *",
            ["05.04. 01:45 +1100 | 01:45 comes twice on 5 April: runs once, the first time", "06.04. 01:45 +1030"],
        ),
        (LORD_HOWE, "15 1 * * *", ["05.04. 01:15 +1100", "06.04. 01:15 +1030"]),
    ],
)
def test_when_an_hour_comes_twice(zone: str, line: str, expected: list[str]) -> None:
    assert told(line, zone, AUTUMN[zone], len(expected)) == expected


def test_who_runs_every_hour_is_told_nothing_of_the_missing_one() -> None:
    assert told("0 * * * *", BERLIN, "2026-03-29T00:30", 2) == ["29.03. 03:00 +0200", "29.03. 04:00 +0200"]


def test_no_moment_lies_in_the_past_while_an_hour_comes_a_second_time() -> None:
    second_time = utc("2026-10-25T01:10")  # 02:10 in Berlin, for the second time; 02:30 was an hour ago
    assert next(cron.moments("30 2 * * *", BERLIN, after=second_time)) == utc("2026-10-26T01:30")


@given(
    line=st.sampled_from(["30 2 * * *", "*/20 * * * *", "0,30 1-3 * * *", "15 2 * * 0", "0 0 29 2 *", "45 1 L * *"]),
    zone=st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "UTC"]),
    start=st.integers(0, 730 * 86400),
    seconds=st.integers(0, 6 * 86400),
)
def test_backwards_there_are_the_same_moments_as_forwards(line: str, zone: str, start: int, seconds: int) -> None:
    since = utc("2026-01-01") + timedelta(seconds=start)
    until = since + timedelta(seconds=seconds)
    forwards = []
    for moment in cron.moments(line, zone, after=since - timedelta(microseconds=1)):
        if moment > until:
            break
        forwards.append(moment)
    backwards = list(cron.moments_before(line, zone, until=until, since=since))
    # While an hour comes a second time, cronsim goes back by the wall clock and may leave out moments of its end.
    ambiguous = {m for m in forwards if _comes_twice(m, zone)} if _comes_twice(until, zone) else set()
    assert set(forwards) - ambiguous <= set(backwards) <= set(forwards)
    assert backwards == sorted(backwards, reverse=True)


def _comes_twice(moment: datetime, zone: str) -> bool:
    local = moment.astimezone(ZoneInfo(zone))
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "At the start of every hour"),
        ("30 7 * * *", "At 07:30 every day"),
        ("0 7 * * 1-5", "At 07:00 on Monday through Friday"),
        ("0 8 * * 1", "At 08:00 on Monday"),
        ("0 6,18 * * *", "At 06:00 and 18:00 every day"),
        ("0 6 1 * *", "At 06:00 on the first day of every month"),
        ("0 0 L * *", "At 00:00 on the last day of every month"),
        ("0 0 * * MON#2", "At 00:00 on the second Monday of the month"),
        ("nonsense", ""),
    ],
)
def test_lines_in_words(line: str, words: str) -> None:
    assert cron.in_words(line) == words


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "localtime", "1e9", ""])
def test_a_zone_comes_from_the_list(zone: str) -> None:
    assert [problem.pointer for problem in cron.problems("0 7 * * *", zone)] == ["/timezone"]
