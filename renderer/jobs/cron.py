"""Cron lines: the moments at which one comes due in a time zone, in words, and what daylight saving does to them.

Local times that daylight saving skips or repeats are treated as Debian's cron does (cronsim): a line with a fixed
hour and minute runs when the clock has jumped, and once in an hour that comes twice; one whose hour or minute begins
with a star follows real time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from renderer.spec.errors import Problem, did_you_mean, show, suggest

MAX_CHARS = 100
_EVERY = re.compile(r"\*/([1-9]\d?)(?:\s+\*){4}")
_LOOK_BACK = timedelta(days=400)
"""Past the rarest change of clocks, which is yearly."""


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of time zones. Some systems have files among theirs that mean another zone on each machine, or none."""
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def zone_of(name: str) -> ZoneInfo:
    """A zone by its name; UTC for one that is not known any more, so that what is on it can still be shown."""
    return ZoneInfo(name if name in zones() else "UTC")


def problems(line: str, tz: str) -> list[Problem]:
    """What is wrong with a line and a zone, at ``/cron`` and ``/timezone``."""
    found = []
    # By the list and not by trying: ZoneInfo reads whatever file a name leads to.
    if tz not in zones():
        hint = did_you_mean(suggest(tz, zones()))
        found.append(
            Problem("/timezone", f"no time zone {show(tz)}{hint or '; use an IANA name, such as Europe/Berlin'}")
        )
    try:
        if len(line) > MAX_CHARS or len(line.split()) != 5:
            raise CronSimError("five fields are needed: minute, hour, day of month, month, day of week")
        CronSim(line, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        found.append(Problem("/cron", f"{show(line)} is no cron line: {str(error)[:150]}"))
    return found


def moments(line: str, tz: str, *, after: datetime) -> Iterator[datetime]:
    """The moments after ``after``, in UTC. The line and the zone are known to be right."""
    for moment in CronSim(line, after.astimezone(ZoneInfo(tz))):
        # In an hour that comes twice cronsim goes by the wall clock, and may name a moment of its first time.
        if moment.astimezone(UTC) > after:
            yield moment.astimezone(UTC)


def moments_before(line: str, tz: str, *, until: datetime, since: datetime) -> Iterator[datetime]:
    """The moments from ``until`` back to ``since``, both included, the newest first, in UTC."""
    from_second = (until + timedelta(seconds=1)).replace(microsecond=0)
    for moment in CronSim(line, from_second.astimezone(ZoneInfo(tz)), reverse=True):
        utc = moment.astimezone(UTC)
        if utc < since:
            return
        if utc <= until:
            yield utc


@lru_cache(maxsize=500)
def in_words(line: str) -> str:
    """A line as a sentence: ``At 07:00 on Monday through Friday``. An empty one for what is no line."""
    if (every := _EVERY.fullmatch(line.strip())) and 60 % (minutes := int(every[1])) == 0 and minutes > 1:
        return f"Every {minutes} minutes"
    try:
        return str(CronSim(line, datetime(2000, 1, 1, tzinfo=UTC)).explain())
    except CronSimError:
        return ""


def note(line: str, tz: str, moment: datetime, *, previous: datetime) -> str:
    """What daylight saving does to a moment, as a sentence without a full stop; mostly nothing.

    ``previous`` is the moment before it, or now: what the clock skipped between the two is told as well.
    """
    zone = ZoneInfo(tz)
    sim = CronSim(line, moment.astimezone(zone))
    is_fixed = sim.fixup_tz is not None
    local = moment.astimezone(zone)
    gap = _gap(zone, max(previous, moment - _LOOK_BACK), moment)
    # Who runs at every hour does not ask which hours there are.
    if gap and (is_fixed or len(sim.hours) < 24) and (skipped := _skipped(sim, gap)):
        plural = len(skipped) > 1
        what = f"{_listed(skipped)} {'do' if plural else 'does'} not exist on {_day(gap.start)}"
        if not is_fixed or local != gap.end.replace(tzinfo=zone):
            return f"{what}, and {'are' if plural else 'is'} left out"
        return f"{what}: runs {'once, ' if plural else ''}at {local:%H:%M}"
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():  # a gap has no moment of its own
        times = "once, the first time" if is_fixed else "both times"
        return f"{local:%H:%M} comes twice on {_day(local)}: runs {times}"
    return ""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Wall-clock times, without a zone, that do not exist: from ``start`` up to ``end``."""

    start: datetime
    end: datetime


def _gap(zone: ZoneInfo, after: datetime, until: datetime) -> _Gap | None:
    """The last jump forward of the clock in (after, until]."""
    late = until
    while late > after:
        early = max(late - timedelta(days=1), after)
        if _offset(zone, late) > _offset(zone, early):
            low, high = early, late
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (low, middle) if _offset(zone, middle) > _offset(zone, early) else (middle, high)
            end = (high.replace(microsecond=0)).astimezone(zone).replace(tzinfo=None)
            return _Gap(end - (_offset(zone, high) - _offset(zone, low)), end)
        late = early
    return None


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None, "a ZoneInfo knows its offset"
    return offset


def _skipped(sim: CronSim, gap: _Gap) -> list[datetime]:
    """The line's times in a gap."""
    day, found = gap.start.date(), []
    last = (gap.end - timedelta(seconds=1)).date()
    while day <= last:
        if day.month in sim.months and sim.match_day(day):
            found += [_at(day, hour, minute) for hour in sorted(sim.hours) for minute in sorted(sim.minutes)]
        day += timedelta(days=1)
    return [at for at in found if gap.start <= at < gap.end]


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, wall_time(hour, minute))


def _listed(times: list[datetime]) -> str:
    shown = [f"{at:%H:%M}" for at in times]
    if len(shown) > 4:
        return f"{shown[0]} to {shown[-1]}"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B}"
