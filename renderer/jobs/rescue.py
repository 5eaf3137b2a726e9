"""Rescue: jobs that were claimed and never ended, and jobs whose message never came.

Every worker's main process runs :func:`patrol` with its heartbeat. All of it is guarded and idempotent, so any number
of workers may do it at once, and one living worker is enough.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from renderer.jobs import datasets, dispatch, lifecycle
from renderer.models import Attempt, RenderJob, Worker
from renderer.models.job import Reason, Status
from renderer.models.worker import LOST_AFTER

UNHEARD_AFTER = timedelta(seconds=2)
"""A new job is published in the moment it is committed. One that is still unpublished by now never was."""
UNCLAIMED_AFTER = timedelta(seconds=60)
"""A message may wait in a long queue; publishing it again is harmless but not free."""
BATCH = 200

logger = logging.getLogger(__name__)


def patrol(now: datetime) -> None:
    """Bring back what is lost: running jobs without a worker, queued jobs without a message."""
    lifecycle.expire(now)
    for job in lost(now)[:BATCH]:
        bring_back(job)
    dispatch.publish(unheard(now)[:BATCH])
    datasets.patrol(now)


def lost(now: datetime) -> QuerySet[RenderJob]:
    """Running jobs that nobody draws any more: their lease is over, or their worker has missed its heartbeats."""
    silent = Worker.objects.filter(seen_at__lte=now - LOST_AFTER).values("name")
    return RenderJob.objects.filter(Q(lease_expires_at__lt=now) | Q(worker__in=silent), status=Status.RUNNING)


def unheard(now: datetime) -> QuerySet[RenderJob]:
    """Queued jobs that may be claimed and that no worker has a message for, as far as anybody knows."""
    never = Q(published_at=None, available_at__lt=now - UNHEARD_AFTER)
    long_ago = Q(published_at__lt=now - UNCLAIMED_AFTER)
    return RenderJob.objects.filter(never | long_ago, status=Status.QUEUED, available_at__lte=now).order_by("id")


def claims_of(worker: str) -> QuerySet[RenderJob]:
    """The jobs that a worker has claimed and not ended."""
    return RenderJob.objects.filter(status=Status.RUNNING, worker=worker)


def bring_back(job: RenderJob) -> None:
    """Queue a job again whose worker died, or fail it when that happened too often."""
    if lifecycle.rescue(job):
        logger.warning("job %s: attempt %s lost with %s", job.pk, job.attempt, job.worker)


def give_back(worker: str) -> None:
    """What a worker had claimed when it shut down goes back into the queue, and costs no attempt."""
    for job in claims_of(worker):
        lifecycle.release(lifecycle.Claim(job, job.attempt))
        dispatch.publish([job])


def end_attempt(task_id: str, *, worker: str, timed_out: bool) -> None:
    """The parent process saw the child of this task die: by the hard time limit, or by itself."""
    number = Attempt.objects.filter(task_id=task_id, worker=worker).values_list("job_id", "number").last()
    job = number and claims_of(worker).filter(pk=number[0], attempt=number[1]).first()
    if not job:
        return
    if timed_out:
        message = "It was stopped because it took longer than the time limit allows."
        lifecycle.fail(lifecycle.Claim(job, job.attempt), Reason.TIMEOUT, message)
    else:
        bring_back(job)
        dispatch.publish(RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED))
