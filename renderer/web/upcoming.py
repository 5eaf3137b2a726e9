"""When a schedule runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from renderer.jobs.schedules import next_runs
from renderer.models import Schedule

RUNS = 5


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A schedule and its next runs; none while it is paused, or when its line never comes due."""

    schedule: Schedule
    runs: list[datetime]


def upcoming(schedule: Schedule, now: datetime) -> Upcoming:
    """The next runs of a schedule."""
    if not schedule.is_active:
        return Upcoming(schedule, [])
    return Upcoming(schedule, next_runs(schedule.cron, schedule.timezone, after=now, count=RUNS))
