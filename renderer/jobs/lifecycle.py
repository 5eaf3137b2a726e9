"""Every change of a job's status, each one guarded UPDATE named by its verb. Nothing else sets ``status``.

A guard names the state it leaves and, for a running job, the attempt that speaks: ``WHERE status = 'running' AND
attempt = :mine``. No row changed means that somebody else got there first (a rescue, a cancel, another worker),
which is not an error: the verb says so by its return value and the caller stops. This holds on every database,
without row locks, which SQLite does not have.

::

    queued  -> running (claim, claim_next) | cancelled (cancel) | expired (expire)
    running -> succeeded (succeed) | failed (fail) | cancelled (cancel, stop) | queued (retry, release, rescue)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from renderer.jobs import line
from renderer.jobs.announce import Action, tell
from renderer.models import Attempt, RenderJob
from renderer.models.job import Queue, Reason, Stage, Status

CANCELLED = "Cancelled while it was drawn."
LOST = "The worker that drew it died."
REPLACED = "A newer request for the same picture took its place."


def lease() -> timedelta:
    """How long a claim holds unless it is renewed: past the hard time limit, which ends the attempt in any case."""
    return timedelta(seconds=getattr(settings, "CELERY_TASK_TIME_LIMIT", 60) + 15)


def backoff(attempt: int) -> timedelta:
    """How long a transient error waits: 2, 8, 18 seconds, a quarter more or less, so that many do not come at once."""
    return timedelta(seconds=2 * attempt**2 * random.uniform(0.75, 1.25))


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to draw a job: good as long as the row still shows this attempt as running."""

    job: RenderJob
    attempt: int

    @property
    def rows(self) -> QuerySet[RenderJob]:
        """The guard."""
        return RenderJob.objects.filter(pk=self.job.pk, status=Status.RUNNING, attempt=self.attempt)


def claim(job_id: UUID, *, worker: str, task_id: str) -> Claim | None:
    """queued -> running. Returns None if the job is not there to be claimed: drawn, cancelled, or somebody else's."""
    now = timezone.now()
    with transaction.atomic():
        job = RenderJob.objects.filter(pk=job_id, available_at__lte=now).exclude(expires_at__lte=now).first()
        return _take(job, worker, task_id, now) if job else None


def claim_next(queues: Iterable[Queue], *, worker: str, task_id: str) -> Claim | None:
    """queued -> running, for the job that is next in line in the most urgent of these queues. None if none waits."""
    queues = tuple(queues)
    while True:
        now = timezone.now()
        with transaction.atomic():
            job = line.next_job(queues, now)
            if job is None:
                return None
            if claim := _take(job, worker, task_id, now):
                return claim  # else somebody took it in this moment: on to the next


def advance(claim: Claim, stage: Stage) -> bool:
    """Say how far the attempt is, and renew its lease. False if it should stop: lost, or asked to cancel."""
    until = timezone.now() + lease()
    if not claim.rows.filter(cancel_requested_at=None).update(stage=stage, lease_expires_at=until):
        return False
    tell(Action.ADVANCED, claim.job, stage=stage)
    return True


def succeed(claim: Claim, *, warnings: Sequence[str], timings: Mapping[str, float], data_key: str = "") -> bool:
    """running -> succeeded, unless it was asked to stop. Call it in the transaction that swaps the picture; `data_key`
    says what data it shows."""
    shown = {"warnings": list(warnings), "timings": dict(timings), "data_key": data_key}
    return _end(claim, Status.SUCCEEDED, "succeeded", message="", **shown)


def fail(claim: Claim, reason: Reason, message: str) -> bool:
    """running -> failed. ``message`` is a sentence for a person."""
    return _end(claim, Status.FAILED, f"failed: {reason}", reason=reason, message=message[:500])


def stop(claim: Claim, message: str) -> bool:
    """running -> cancelled, by the attempt itself: it was asked to, or what it drew for is gone."""
    return _end(claim, Status.CANCELLED, "cancelled", message=message[:500])


def retry(claim: Claim, reason: Reason, message: str) -> bool:
    """running -> queued after a transient error, with backoff; failed when no attempt is left."""
    outcome = f"failed for now: {reason}"
    return _again(claim, reason, message, outcome, action=Action.RETRIED, delay=backoff(claim.attempt))


def rescue(job: RenderJob) -> bool:
    """running -> queued because its worker is gone; failed as ``worker_lost`` when no attempt is left."""
    return _again(Claim(job, job.attempt), Reason.WORKER_LOST, LOST, "worker lost", action=Action.RESCUED)


def release(claim: Claim) -> bool:
    """running -> queued by a worker that shuts down. It costs no attempt: the limit rises with the number."""
    return _again(claim, Reason.WORKER_LOST, LOST, "given back", action=Action.RELEASED, free=True)


def keep(job: RenderJob) -> bool:
    """Take back a request to cancel a running job, because somebody wants its picture after all."""
    return bool(RenderJob.objects.filter(pk=job.pk, status=Status.RUNNING).update(cancel_requested_at=None))


def cancel(job: RenderJob) -> bool:
    """queued -> cancelled at once; a running job is asked to stop, and does so between two stages.

    False if the job is final already.
    """
    now = timezone.now()
    waiting = RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED)
    ended = {"status": Status.CANCELLED, "message": "Cancelled before it was drawn.", "finished_at": now}
    if waiting.update(**ended):
        tell(Action.CANCELLED, job, **ended)
        return True
    running = RenderJob.objects.filter(pk=job.pk, status=Status.RUNNING)
    if running.filter(cancel_requested_at=None).update(cancel_requested_at=now):
        tell(Action.CANCELLING, job, cancel_requested_at=now)
        return True
    return running.exists()


def expire(now: datetime) -> int:
    """queued -> expired, for every job that is not worth drawing any more. Returns how many."""
    # In the order of their index: by their ids SQLite would look at every job.
    late = RenderJob.objects.filter(status=Status.QUEUED, expires_at__lte=now).order_by("expires_at").defer("recipe")
    ended = {"status": Status.EXPIRED, "message": "Nobody was there to draw it in time.", "finished_at": now}
    expired = [job for job in late if RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED).update(**ended)]
    tell(Action.EXPIRED, *expired, **ended)
    return len(expired)


def _take(job: RenderJob, worker: str, task_id: str, now: datetime) -> Claim | None:
    number = job.attempt + 1
    values = {
        "status": Status.RUNNING,
        "stage": Stage.LOADING,
        "attempt": number,
        "worker": worker,
        "started_at": now,
        "lease_expires_at": now + lease(),
    }
    if not RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED, attempt=job.attempt).update(**values):
        return None
    Attempt.objects.create(job=job, number=number, task_id=task_id, worker=worker, started_at=now)
    for name, value in values.items():
        setattr(job, name, value)
    tell(Action.STARTED, job)
    return Claim(job, number)


def _end(claim: Claim, status: Status, outcome: str, **values: Any) -> bool:
    now = timezone.now()
    rows = claim.rows.filter(cancel_requested_at=None) if status is Status.SUCCEEDED else claim.rows
    with transaction.atomic():
        changed = {"status": status, "stage": "", "finished_at": now, "lease_expires_at": None, **values}
        ended = rows.update(**changed)
        if ended:
            _close(claim, outcome, now)
            tell(Action(status.value), claim.job, **changed)
    return bool(ended)


def _again(
    claim: Claim,
    reason: Reason,
    message: str,
    outcome: str,
    *,
    action: Action,
    delay: timedelta = timedelta(),
    free: bool = False,
) -> bool:
    """Back into the queue if an attempt is left and nobody asked to stop, else to the end it has come to."""
    now = timezone.now()
    with transaction.atomic():
        open_again = claim.rows.filter(cancel_requested_at=None)
        if not free:
            open_again = open_again.filter(attempt__lt=F("max_attempts"))
        try:
            with transaction.atomic():
                queued = open_again.update(
                    status=Status.QUEUED,
                    stage="",
                    message=message[:500],
                    available_at=now + delay,
                    lease_expires_at=None,
                    turn=0,  # it has waited already
                    max_attempts=F("max_attempts") + (1 if free else 0),
                )
        except IntegrityError:
            return stop(claim, REPLACED)
        if queued:
            _close(claim, outcome, now)
            tell(action, claim.job, status=Status.QUEUED, stage="", message=message[:500])
            return True
        if claim.rows.filter(cancel_requested_at__isnull=False).exists():
            return stop(claim, CANCELLED)
        return fail(claim, reason, message)


def _close(claim: Claim, outcome: str, now: datetime) -> None:
    Attempt.objects.filter(job=claim.job, number=claim.attempt).update(ended_at=now, outcome=outcome)
