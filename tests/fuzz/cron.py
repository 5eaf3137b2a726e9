"""Any text as a cron line: refused at its place, or moments that come one after the other, and have words."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from renderer.jobs import cron

SEEDS = (b"*/5 0-6 1,15 * mon-fri", b"0 0 29 2 *", b"@daily", b"0 7 L * 1#2", b"59 23 31 12 7")
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York")


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    line, zone = data.decode(errors="replace"), ZONES[len(data) % len(ZONES)]
    if found := cron.problems(line, zone):
        assert [problem.pointer for problem in found] == ["/cron"]
        assert 0 < len(found[0].message) < 500
        return
    previous = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert cron.in_words(line)
    for moment in islice(cron.moments(line, zone, after=previous), 3):
        assert moment > previous
        cron.note(line, zone, moment, previous=previous)
        previous = moment
