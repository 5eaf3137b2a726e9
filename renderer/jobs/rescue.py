"""Rescue: what was claimed and never ended, jobs and uploads, exports and deliveries; and jobs without a message.

Every worker's main process runs :func:`patrol` with its heartbeat. All of it is guarded and idempotent, so any number
of workers may do it at once, and one living worker is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from renderer.jobs import datasets, dispatch, exports, lifecycle, pictures
from renderer.models import Attempt, RenderJob, Worker
from renderer.models.job import Status
from renderer.models.worker import LOST_AFTER
from renderer.webhooks import deliveries
from renderer.webhooks.messages import DELIVER

BATCH = 200
OTHERS: Final = {datasets.READ: datasets, exports.MAKE: exports, DELIVER: deliveries}
"""What else workers work on, by the task that does it."""


def patrol(now: datetime, *, steady: bool = True) -> int:
    """Bring back what is lost: running jobs without a worker, queued jobs without a message.

    ``now`` is the database's time. Who is not ``steady`` (it was itself cut off a moment ago, or the clock jumped)
    takes nobody for lost: the others had no chance yet to say that they live.

    Returns how many messages the broker lacked.
    """
    lifecycle.expire(now)
    silent = silent_workers(now) if steady else Worker.objects.none().values("name")
    if steady:
        for job in lost(now)[:BATCH]:
            bring_back(job)
    for others in OTHERS.values():
        others.patrol(now, silent)
    return dispatch.top_up(now)


def lost(now: datetime) -> QuerySet[RenderJob]:
    """Running jobs that nobody draws any more: their lease is over, or their worker has missed its heartbeats.

    A lease from further in the future than can be is one from before the clock was set back.
    """
    over = Q(lease_expires_at__lt=now) | Q(lease_expires_at__gt=now + 2 * lifecycle.LEASE)
    return _running().filter(over | Q(worker__in=silent_workers(now)))


def silent_workers(now: datetime) -> QuerySet[Worker, Any]:
    """The names of workers that have missed their heartbeats. A sign of life from further in the future than can be is
    one from before the clock was set back."""
    return Worker.objects.filter(Q(seen_at__lte=now - LOST_AFTER) | Q(seen_at__gt=now + LOST_AFTER)).values("name")


def claims_of(worker: str) -> QuerySet[RenderJob]:
    """The jobs that a worker has claimed and not ended."""
    return _running().filter(worker=worker)


def bring_back(job: RenderJob) -> None:
    """Queue a job again whose worker died, and say so to the workers; or fail it when that happened too often."""
    with transaction.atomic():
        rescued = lifecycle.rescue(job)
        if rescued:
            pictures.discard_of(job)
    if rescued:
        dispatch.publish(RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED).only("queue"))


def bring_back_from(worker: str) -> None:
    """A worker that had this name before is no more: whatever it had claimed is brought back."""
    for job in claims_of(worker):
        bring_back(job)
    for others in OTHERS.values():
        others.bring_back(worker)


def give_back(worker: str) -> None:
    """What a worker had claimed when it shut down goes back into the queue, and costs no attempt."""
    datasets.give_back(worker)
    exports.give_back(worker)
    deliveries.give_back(timezone.now(), worker)
    for job in claims_of(worker):
        with transaction.atomic():
            if lifecycle.release(lifecycle.Claim(job, job.attempt)):
                pictures.discard_of(job)
        dispatch.publish([job])


def end_other(task: str, args: Sequence[Any], *, worker: str) -> None:
    """As :func:`end_attempt`, for a task that names what it works on."""
    if (others := OTHERS.get(task)) and args:
        others.bring_back(worker, args[0])


def end_attempt(task_id: str, *, worker: str, timed_out: bool) -> None:
    """The parent process saw the child of this task die: by the hard time limit, or by itself.

    A message that was delivered twice may have brought two jobs; the last one is the one that was being drawn.
    """
    number = (
        Attempt.objects.filter(task_id=task_id, worker=worker).order_by("pk").values_list("job_id", "number").last()
    )
    job = number and claims_of(worker).filter(pk=number[0], attempt=number[1]).first()
    if not job:
        return
    if timed_out:
        message = "It was stopped because it took longer than the time limit allows."
        with transaction.atomic():
            if lifecycle.overrun(lifecycle.Claim(job, job.attempt), message):
                pictures.discard_of(job)
    else:
        bring_back(job)


def _running() -> QuerySet[RenderJob]:
    # In the order of the index of running jobs, which SQLite would not take otherwise: it would look at every job.
    return RenderJob.objects.filter(status=Status.RUNNING).order_by("lease_expires_at")
