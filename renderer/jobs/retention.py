"""Retention: jobs that have ended go after a while, with their files and what Celery kept of them.

In small batches, each a transaction of its own, so that nobody waits long for the one writer that SQLite has. Any
number of processes may do it at once: what one has deleted, the next does not find. The job whose picture is shown is
never deleted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django_celery_results.models import TaskResult

from renderer.jobs import versions
from renderer.jobs.targets import Target
from renderer.models import Attempt, Chart, KeptAnswer, RenderJob, Rendition, Session
from renderer.models.answer import KEPT_FOR
from renderer.models.job import FINAL, WELL, Status

DAYS: Final = "FIGPRESS_KEEP_DAYS"
JOBS: Final = "FIGPRESS_KEEP_JOBS"
DEFAULT_DAYS: Final[Mapping[str, int]] = {
    Status.SUCCEEDED: 90,
    Status.FAILED: 30,
    Status.CANCELLED: 7,
    Status.EXPIRED: 7,
}
DEFAULT_JOBS: Final = 100
BATCH: Final = 100
BUDGET: Final = 20.0
"""Seconds that one run may take; the next one goes on. A render slot is occupied meanwhile."""

CHART: Final = Chart._meta.label_lower


def kept_for() -> dict[str, timedelta]:
    """How long jobs of each final status are kept. Raises ValueError for a status that is none."""
    chosen: Mapping[str, int] = getattr(settings, DAYS, {})
    if unknown := set(chosen) - set(DEFAULT_DAYS):
        raise ValueError(f"{DAYS}: no final status {', '.join(sorted(unknown))}; there are {', '.join(DEFAULT_DAYS)}")
    return {status: timedelta(days=int(days)) for status, days in {**DEFAULT_DAYS, **chosen}.items()}


def sweep(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete what is past its time, and what is beyond the newest jobs of a chart. Returns how many jobs went."""
    deadline = time.monotonic() + budget
    gone = 0
    for batch in _batches(now):
        gone += _delete(batch)
        if time.monotonic() > deadline:
            break
    return gone


def forget_results(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete what Celery's result backend kept: of tasks that went well after a day (``CELERY_RESULT_EXPIRES``), of
    failures, whose tracebacks an operator may still want, with the failed jobs. Returns how many rows went."""
    expires = getattr(settings, "CELERY_RESULT_EXPIRES", None) or timedelta(days=1)
    age = expires if isinstance(expires, timedelta) else timedelta(seconds=float(expires))
    failures = max(age, kept_for()[Status.FAILED])
    old = Q(date_done__lt=now - age) & (~Q(status="FAILURE") | Q(date_done__lt=now - failures))
    deadline = time.monotonic() + budget
    gone = 0
    while batch := list(TaskResult.objects.filter(old).order_by("id").values_list("pk", flat=True)[: BATCH * 5]):
        gone += TaskResult.objects.filter(pk__in=batch).delete()[0]
        if time.monotonic() > deadline:
            break
    return gone


def forget_answers(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete the answers kept for Idempotency-Keys that nobody sends again. Returns how many rows went."""
    deadline = time.monotonic() + budget
    gone = 0
    old = KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
    while batch := list(old.values_list("pk", flat=True)[: BATCH * 5]):
        gone += KeptAnswer.objects.filter(pk__in=batch).delete()[0]
        if time.monotonic() > deadline:
            break
    return gone


def forget_sessions(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete sessions that are over. Returns how many rows went."""
    deadline = time.monotonic() + budget
    gone = 0
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    while batch := list(over.values_list("pk", flat=True)[: BATCH * 5]):
        gone += Session.objects.filter(pk__in=batch).delete()[0]
        if time.monotonic() > deadline:
            break
    return gone


def _batches(now: datetime) -> Iterator[list[RenderJob]]:
    for status, age in kept_for().items():
        yield from _walk(Q(status=status, finished_at__lt=now - age))
    yield from _beyond()


def _walk(which: Q) -> Iterator[list[RenderJob]]:
    """Jobs in order of their end. It goes on after the last of each batch: those that must stay are passed once."""
    after = Q()
    while True:
        jobs = RenderJob.objects.filter(which & after).exclude(_shown_by_chart())
        batch = list(jobs.defer("recipe").order_by("finished_at", "pk")[:BATCH])
        if not batch:
            return
        last = batch[-1]
        after = Q(finished_at__gt=last.finished_at) | Q(finished_at=last.finished_at, pk__gt=last.pk)
        yield batch


def _beyond() -> Iterator[list[RenderJob]]:
    """The older jobs of charts that have very many."""
    keep = max(1, int(getattr(settings, JOBS, DEFAULT_JOBS)))
    final = RenderJob.objects.filter(status__in=FINAL).order_by()
    crowded = final.values("target_model", "target_id", "target_field").annotate(n=Count("pk")).filter(n__gt=keep)
    for crowd in list(crowded[:BATCH]):
        target = Target(crowd["target_model"], crowd["target_id"], crowd["target_field"])
        newest = list(target.jobs().filter(status__in=FINAL).order_by("-pk").values_list("pk", flat=True)[:keep])
        yield from _walk(_of(target) & Q(status__in=FINAL, pk__lt=newest[-1]))


def _of(target: Target) -> Q:
    return Q(target_model=target.model, target_id=target.pk, target_field=target.field)


def _shown_by_chart() -> Q:
    return Q(Exists(Chart.objects.filter(drawn_by=OuterRef("pk"))))


def _delete(batch: list[RenderJob]) -> int:
    """Delete these jobs, except those whose picture is shown. Returns how many went."""
    with_files = set(Rendition.objects.filter(job__in=batch).values_list("job", flat=True))
    deletable: list[UUID] = []
    with transaction.atomic():
        for job in batch:
            if job.pk in with_files and not _let_go(job):
                continue
            deletable.append(job.pk)
        # Once more, in the transaction: what was restored meanwhile stays.
        jobs = RenderJob.objects.filter(pk__in=deletable, status__in=FINAL).exclude(_shown_by_chart())
        pks = list(jobs.values_list("pk", flat=True))
        task_ids = Attempt.objects.filter(job__in=pks).exclude(outcome__in=WELL).values_list("task_id", flat=True)
        TaskResult.objects.filter(task_id__in=list(task_ids)).delete()
        RenderJob.objects.filter(pk__in=pks).delete()
    return len(pks)


def _let_go(job: RenderJob) -> bool:
    """Delete the files of a job on commit. False if they are what its target shows."""
    target = Target.of_job(job)
    try:
        shown = target.row().select_for_update().values_list(target.field, flat=True).first()
    except LookupError:  # the project has taken the model away; nothing tells where its files are
        return True
    files = Rendition.objects.filter(job=job)
    if shown and files.filter(on_target=True, file=shown).exists():
        return False
    versions.delete_files(target, files)
    return True
