"""Progress: what can be told to somebody who waits."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from renderer.jobs import line, pace
from renderer.jobs.lifecycle import soft_limit
from renderer.models import RenderJob, Worker
from renderer.models.job import Status
from renderer.models.statements import Statement
from renderer.models.worker import LOST_AFTER

_WORKER_SEEN = Statement(lambda: Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True)[:1])


def queue_position(job: RenderJob) -> int | None:
    """How many jobs of its queue are claimed before it: 0 is next; pace.COUNTED stands for that many or more.

    None if it does not wait. A job of another owner's that is asked for now may still come before it.
    """
    return line.before(job, most=pace.COUNTED) if job.status == Status.QUEUED else None


def retry_after(job: RenderJob, *, position: int | None = None) -> int:
    """In how many whole seconds it makes sense to ask again; ``position`` if its place in the queue is known."""
    if position is None:
        position = queue_position(job) or 0
    return pace.seconds_for(position + 1, timezone.now())


def overdue(now: datetime) -> QuerySet[RenderJob]:
    """Jobs that are drawn for longer than the soft time limit: what they are in does not listen, and the hard limit
    will end it."""
    return RenderJob.objects.filter(status=Status.RUNNING, started_at__lt=now - soft_limit())


def is_overdue(job: RenderJob, now: datetime) -> bool:
    """Whether it is one of them."""
    return job.status == Status.RUNNING and job.started_at is not None and job.started_at < now - soft_limit()


def worker_seen() -> datetime | None:
    """When any worker gave its last sign of life."""
    return _WORKER_SEEN.first()


def has_worker() -> bool:
    """Whether a worker is alive."""
    seen = worker_seen()
    return seen is not None and seen > timezone.now() - LOST_AFTER
