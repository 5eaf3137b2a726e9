"""A schedule at a glance: its line in words, its next runs, and what became of the last ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from renderer.jobs import cron, schedules
from renderer.jobs.schedules import Upcoming
from renderer.models import Run, Schedule

RUNS = 5
STRIP = 20
"""So many of the last runs are shown as squares."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What lists show of a schedule."""

    schedule: Schedule
    words: str
    runs: list[Upcoming]
    """None while it is paused, or when its line never comes due."""
    past: list[Run]
    """The last ones, the oldest first, as time goes."""


def glances(rows: Sequence[Schedule], now: datetime) -> list[Glance]:
    """Each schedule at a glance; one query for the runs of all."""
    past = _past([row.pk for row in rows])
    return [
        Glance(
            schedule=row,
            words=cron.in_words(row.cron),
            runs=schedules.upcoming(row, after=now, count=RUNS),
            past=past.get(row.pk, []),
        )
        for row in rows
    ]


def _past(ids: list[UUID]) -> dict[UUID, list[Run]]:
    rank = Window(RowNumber(), partition_by=[F("schedule_id")], order_by=F("id").desc())
    rows = Run.objects.filter(schedule__in=ids).annotate(rank=rank).filter(rank__lte=STRIP)
    found: dict[UUID, list[Run]] = {}
    for run in rows.select_related("job").defer("job__recipe").order_by("id") if ids else ():
        found.setdefault(run.schedule_id, []).append(run)
    return found
