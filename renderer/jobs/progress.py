"""Progress: what can be told to somebody who waits."""

from __future__ import annotations

import math
from datetime import datetime

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from renderer.jobs.lifecycle import soft_limit
from renderer.models import RenderJob, Worker
from renderer.models.job import Status
from renderer.models.worker import LOST_AFTER

PACE_SAMPLE = 20
"""So many of the newest finished jobs say how long one takes."""


def queue_position(job: RenderJob) -> int | None:
    """How many jobs of its queue are claimed before it: 0 is next. None if it does not wait."""
    if job.status != Status.QUEUED:
        return None
    return RenderJob.objects.filter(status=Status.QUEUED, queue=job.queue, pk__lt=job.pk).count()


def retry_after(job: RenderJob) -> int:
    """In how many whole seconds it makes sense to ask again: from depth, pace and workers, between 1 and 60."""
    position = queue_position(job) or 0
    now = timezone.now()
    slots = Worker.objects.filter(seen_at__gt=now - LOST_AFTER).aggregate(n=Sum("concurrency"))["n"] or 1
    done = RenderJob.objects.filter(status=Status.SUCCEEDED).order_by("-id").only("started_at", "finished_at")
    taken = [job.took.total_seconds() for job in done[:PACE_SAMPLE] if job.took]
    pace = sum(taken) / len(taken) if taken else 0.5
    return min(60, max(1, math.ceil((position + 1) * pace / slots)))


def overdue(now: datetime) -> QuerySet[RenderJob]:
    """Jobs that are drawn for longer than the soft time limit: what they are in does not listen, and the hard limit
    will end it."""
    return RenderJob.objects.filter(status=Status.RUNNING, started_at__lt=now - soft_limit())


def is_overdue(job: RenderJob, now: datetime) -> bool:
    """Whether it is one of them."""
    return job.status == Status.RUNNING and job.started_at is not None and job.started_at < now - soft_limit()


def worker_seen() -> datetime | None:
    """When any worker gave its last sign of life."""
    last: datetime | None = Worker.objects.aggregate(last=Max("seen_at"))["last"]
    return last


def has_worker() -> bool:
    """Whether a worker is alive."""
    seen = worker_seen()
    return seen is not None and seen > timezone.now() - LOST_AFTER
