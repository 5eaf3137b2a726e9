"""Notices: why somebody may wait in vain, in words. One place for the API, the pages and doctor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from renderer.jobs import progress, queues
from renderer.jobs.schedules import TICKER
from renderer.models import Beat, RenderJob
from renderer.models.beat import SILENT_AFTER
from renderer.models.job import Status
from renderer.models.worker import BEAT_EVERY, LOST_AFTER


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that keeps work waiting. ``code`` is for programs, ``message`` a sentence or two for a person."""

    code: str
    message: str
    seen_at: datetime | None
    """When it was last there; nothing if it never was."""


def no_worker(now: datetime) -> Notice | None:
    """Whether nobody is there to draw."""
    seen = progress.worker_seen()
    if seen is not None and seen > now - LOST_AFTER:
        return None
    waits = "What waits is kept, and drawn as soon as a worker is started."
    return Notice("no_worker", f"No worker has been seen {_ago(seen, now)}. {waits}", seen)


def no_beat(now: datetime) -> Notice | None:
    """Whether nobody ticks, so that nothing comes due. Without a worker that is not known: workers take the ticks."""
    seen = beat_seen()
    if (seen is not None and seen > now - SILENT_AFTER) or no_worker(now):
        return None
    waits = "Schedules stand still until beat is started."
    return Notice("no_beat", f"No tick has been seen {_ago(seen, now)}. {waits}", seen)


def of_job(job: RenderJob, now: datetime) -> list[Notice]:
    """What keeps a job waiting; nothing in its first seconds, for which nobody is to pay a query."""
    waits = job.status == Status.QUEUED and job.created_at < now - BEAT_EVERY
    found = (paused(job) or no_worker(now)) if waits else None
    return [found] if found else []


def paused(job: RenderJob) -> Notice | None:
    """Whether somebody has paused its queue."""
    if not queues.is_paused(job.queue):
        return None
    return Notice("queue_paused", f"The queue {job.queue} is paused. What waits is drawn when that goes on.", None)


def of_schedules(now: datetime) -> list[Notice]:
    """What keeps schedules from running."""
    found = no_worker(now) or no_beat(now)
    return [found] if found else []


def beat_seen() -> datetime | None:
    """When a tick last came to a worker."""
    last: datetime | None = Beat.objects.filter(name=TICKER).aggregate(last=Max("seen_at"))["last"]
    return last


def ago(length: timedelta) -> str:
    """A length of time in whole minutes, hours or days: what is said of it stays the same for a while."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    number, unit = (minutes, "minute") if minutes < 60 else (minutes // 60, "hour")
    if unit == "hour" and number >= 48:
        number, unit = number // 24, "day"
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _ago(seen: datetime | None, now: datetime) -> str:
    return "yet" if seen is None else f"for {ago(now - seen)}"
