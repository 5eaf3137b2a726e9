"""Every change of a job's status, each one guarded UPDATE named by its verb. Nothing else sets ``status``.

A guard names the state it leaves and, for a running job, the attempt that speaks: ``WHERE status = 'running' AND
attempt = :mine``. No row changed means that somebody else got there first (a rescue, a cancel, another worker),
which is not an error: the verb says so by its return value and the caller stops. This holds on every database,
without row locks, which SQLite does not have.

::

    queued  -> running (claim, claim_next) | cancelled (cancel) | expired (expire)
    running -> succeeded (succeed, leave) | failed (fail, overrun) | cancelled (stop)
    running -> queued (retry, release, rescue)
    running -> running (advance, renew, keep; cancel asks it to stop)

Leases are reckoned by the database's clock, which all machines share: one whose clock is wrong neither loses its jobs
nor takes those of others.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from renderer import tracing
from renderer.jobs import line
from renderer.jobs.announce import Action, tell
from renderer.models import Attempt, Chart, RenderJob, statements
from renderer.models.job import ACTIVE, Queue, Reason, Stage, Status

CANCELLED = "Cancelled while it was drawn."
LOST = "The worker that drew it died."
REPLACED = "A newer request for the same picture took its place."


LEASE = timedelta(seconds=30)
"""How long a claim holds unless it is renewed: at each stage, and meanwhile with each heartbeat of its worker's main
process, which knows whether a child still draws it."""


def soft_limit() -> timedelta:
    """After so long a running job is asked to end."""
    return timedelta(seconds=getattr(settings, "CELERY_TASK_SOFT_TIME_LIMIT", None) or 45)


def hard_limit() -> timedelta:
    """After so long its process is ended."""
    return timedelta(seconds=getattr(settings, "CELERY_TASK_TIME_LIMIT", None) or 60)


@cache
def lease_end() -> Combinable:
    """A lease from now on, by the database's clock."""
    return ExpressionWrapper(Now() + LEASE, output_field=DateTimeField())


ROOM_WITHIN = timedelta(hours=1)
"""So long what is stored waits for room on a full disk."""
A_MINUTE = timedelta(minutes=1)
"""Nothing waits longer from one attempt to the next."""


def backoff(attempt: int) -> timedelta:
    """How long a transient error waits: 2, 8, 18 seconds, a quarter more or less, so that many do not come at once."""
    return timedelta(seconds=2 * attempt**2 * random.uniform(0.75, 1.25))


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to draw a job: good as long as the row still shows this attempt as running."""

    job: RenderJob
    attempt: int

    @property
    def guard(self) -> Mapping[str, Any]:
        """What its row is as long as it is good."""
        return {"pk": self.job.pk, "status": Status.RUNNING, "attempt": self.attempt}

    @property
    def rows(self) -> QuerySet[RenderJob]:
        """Its row, as long as it is good."""
        return RenderJob.objects.filter(**self.guard)


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


def advance(claim: Claim, stage: Stage, **values: Any) -> bool:
    """Say how far the attempt is, and renew its lease. False if it should stop: lost, or asked to cancel."""
    wanted = {**claim.guard, "cancel_requested_at": None}
    if not statements.update(RenderJob, wanted, {"stage": stage, "lease_expires_at": lease_end(), **values}):
        return False
    tell(Action.ADVANCED, claim.job, stage=stage)
    return True


def renew(worker: str, task_ids: Collection[str]) -> int:
    """Renew the leases of a worker's claims that its children are drawing, by the ids of the messages that brought
    them. Returns how many.

    A claim without a child is left to run out (its attempt ended, and the database was away when it said so), and so
    is one past the hard limit, which should have ended it.
    """
    drawn = Attempt.objects.filter(worker=worker, task_id__in=task_ids, ended_at=None)
    held = RenderJob.objects.filter(status=Status.RUNNING, worker=worker, pk__in=drawn.values("job"))
    oldest = ExpressionWrapper(Now() - hard_limit() - LEASE, output_field=DateTimeField())
    return held.filter(started_at__gt=oldest).update(lease_expires_at=lease_end())


def succeed(
    claim: Claim,
    *,
    warnings: Sequence[str],
    timings: Mapping[str, float],
    digest: str = "",
    data_key: str = "",
    memory: Mapping[str, Any] | None = None,
    drawn_with: Mapping[str, str] | None = None,
) -> bool:
    """running -> succeeded, unless it was asked to stop. Call it in the transaction that swaps the picture."""
    return _end(
        claim,
        Status.SUCCEEDED,
        "succeeded",
        warnings=list(warnings),
        timings=dict(timings),
        digest=digest,
        data_key=data_key,
        memory=dict(memory or {}),
        drawn_with=dict(drawn_with or {}),
        message="",
    )


def leave(
    claim: Claim,
    message: str,
    *,
    digest: str,
    timings: Mapping[str, float],
    data_key: str = "",
    even_forced: bool = False,
) -> bool:
    """running -> succeeded without a picture of its own, because the one that is there stays; ``message`` says why.

    False also if somebody asked meanwhile for it to be drawn in any case, unless there is nothing to draw.
    """
    guard = {} if even_forced else {"forced": False}
    values = {"unchanged": True, "digest": digest, "data_key": data_key, "timings": dict(timings)}
    return _end(claim, Status.SUCCEEDED, "unchanged", guard, message=message[:500], **values)


def force(job: RenderJob) -> bool:
    """Let a job that has not ended draw in any case. It changes no status."""
    return bool(RenderJob.objects.filter(pk=job.pk, status__in=ACTIVE).update(forced=True))


def fail(claim: Claim, reason: Reason, message: str) -> bool:
    """running -> failed. ``message`` is a sentence for a person."""
    with transaction.atomic():
        ended = _end(claim, Status.FAILED, f"failed: {reason}", reason=reason, message=message[:500])
        if ended and claim.job.target_model == Chart._meta.label_lower:
            Chart.objects.filter(pk=claim.job.target_id).update(failed_at=timezone.now())
    return ended


def overrun(claim: Claim, message: str) -> bool:
    """running -> failed, because a time limit ended it; cancelled if somebody had asked for its end anyway."""
    if claim.rows.filter(cancel_requested_at__isnull=False).exists():
        return stop(claim, CANCELLED)
    return fail(claim, Reason.TIMEOUT, message)


def stop(claim: Claim, message: str) -> bool:
    """running -> cancelled, by the attempt itself: it was asked to, or what it drew for is gone."""
    return _end(claim, Status.CANCELLED, "cancelled", message=message[:500])


def retry(claim: Claim, reason: Reason, message: str) -> bool:
    """running -> queued after a transient error, with backoff; failed when no attempt is left."""
    outcome = f"failed for now: {reason}"
    return _again(claim, reason, message, outcome, action=Action.RETRIED, delay=backoff(claim.attempt))


def wait_for_room(claim: Claim, message: str) -> bool:
    """running -> queued because there is no room for its picture. It costs no attempt for an hour: so long somebody
    may need to make some, and the job is not to blame."""
    patient = timezone.now() - claim.job.created_at < ROOM_WITHIN
    delay = min(backoff(claim.attempt), A_MINUTE)
    return _again(claim, Reason.STORAGE_ERROR, message, "no room", action=Action.RETRIED, delay=delay, free=patient)


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
    with transaction.atomic():
        if waiting.update(**ended):
            tell(Action.CANCELLED, job, **ended)
            return True
    running = RenderJob.objects.filter(pk=job.pk, status=Status.RUNNING)
    if running.filter(cancel_requested_at=None).update(cancel_requested_at=now):
        tell(Action.CANCELLING, job, cancel_requested_at=now)
        return True
    return running.exists()


def cancel_all(jobs: QuerySet[RenderJob]) -> int:
    """:func:`cancel` for many, in a handful of queries. Returns how many were cancelled or asked to stop."""
    now = timezone.now()
    ended = {"status": Status.CANCELLED, "message": "Cancelled before it was drawn.", "finished_at": now}
    asked = {"cancel_requested_at": now}
    with transaction.atomic():
        wanted = list(jobs.order_by().values_list("pk", flat=True))
        rows = RenderJob.objects.filter(pk__in=wanted)
        rows.filter(status=Status.QUEUED).update(**ended)
        rows.filter(status=Status.RUNNING, cancel_requested_at=None).update(**asked)
        # Read again: by the moment that was written, these are the ones that were changed here.
        stopped = list(rows.filter(**ended).defer("recipe"))
        stopping = list(rows.filter(status=Status.RUNNING, **asked).defer("recipe"))
        tell(Action.CANCELLED, *stopped)
        tell(Action.CANCELLING, *stopping)
    return len(stopped) + len(stopping)


def expire(now: datetime) -> int:
    """queued -> expired, for every job that is not worth drawing any more. Returns how many."""
    # In the order of its index: in that of their ids, SQLite would rather walk through all jobs than sort a few.
    late = RenderJob.objects.filter(status=Status.QUEUED, expires_at__lte=now).order_by("expires_at").defer("recipe")
    ended = {"status": Status.EXPIRED, "message": "Nobody was there to draw it in time.", "finished_at": now}
    expired = 0
    for job in late:
        with transaction.atomic():
            if RenderJob.objects.filter(pk=job.pk, status=Status.QUEUED).update(**ended):
                tell(Action.EXPIRED, job, **ended)
                expired += 1
    return expired


def _take(job: RenderJob, worker: str, task_id: str, now: datetime) -> Claim | None:
    number = job.attempt + 1
    values = {
        "status": Status.RUNNING,
        "stage": Stage.LOADING,
        "attempt": number,
        "worker": worker,
        "started_at": now,
        "files": [],
    }
    waiting = {"pk": job.pk, "status": Status.QUEUED, "attempt": job.attempt}
    if not statements.update(RenderJob, waiting, {"lease_expires_at": lease_end(), **values}):
        return None
    statements.insert([Attempt(job=job, number=number, task_id=task_id, worker=worker, started_at=now)])
    for name, value in values.items():
        setattr(job, name, value)
    tell(Action.STARTED, job)
    return Claim(job, number)


def hurry(now: datetime) -> int:
    """queued -> queued: the clock was set back, and no retry waits longer than a minute. Returns how many."""
    ahead = RenderJob.objects.filter(status=Status.QUEUED, available_at__gt=now + A_MINUTE)
    return ahead.filter(Q(attempt__gt=0) | Q(created_at__gt=now)).update(available_at=now)


def _end(claim: Claim, status: Status, outcome: str, guard: Mapping[str, Any] | None = None, **values: Any) -> bool:
    now = timezone.now()
    wanted = {"cancel_requested_at": None} if status is Status.SUCCEEDED else {}
    with transaction.atomic():
        changed = {"status": status, "stage": "", "finished_at": now, "lease_expires_at": None, **values}
        ended = statements.update(RenderJob, {**claim.guard, **wanted, **(guard or {})}, changed)
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
    tracing.note({"figpress.outcome": outcome})
    attempt = {"job_id": claim.job.pk, "number": claim.attempt}
    statements.update(Attempt, attempt, {"ended_at": now, "outcome": outcome})
