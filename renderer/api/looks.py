"""Looks: at the rows of jobs, for everybody who waits at once, in a few threads and with as many connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import close_old_connections
from django.db.models import Q

from renderer.api import threads
from renderer.jobs import events
from renderer.jobs.announce import Action
from renderer.jobs.events import Event
from renderer.models import RenderJob
from renderer.models.job import ACTIVE, FINAL, Status

TOGETHER: Final = 500
"""Jobs in one query."""
MOST: Final = 1000
"""Jobs of one owner that are looked at, where there are no events."""

T = TypeVar("T")


class State(NamedTuple):
    """What of a job somebody waits for. Its place in the queue is not part of it: it changes with every other job."""

    status: str
    stage: str
    attempt: int
    cancelling: bool

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL


class Look(NamedTuple):
    """What was seen: the state, and the event that would tell of it."""

    state: State
    event: Event


# Django gives each ASGI request a thread of its own, and each thread a connection: a hundred waiting clients would be a
# hundred connections. These few look for all of them.
_lookers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="figpress-wait")


async def apart(ask: Callable[[], T]) -> T:
    """What ``ask`` finds in the database, on a connection that belongs to no request."""
    return await asyncio.get_running_loop().run_in_executor(_lookers, _closing, ask)


def of_jobs(jobs: Collection[UUID]) -> dict[UUID, Look]:
    """How these jobs stand. Who is missing is gone."""
    ids, found = list(jobs), dict[UUID, Look]()
    for start in range(0, len(ids), TOGETHER):
        found |= _looks(Q(pk__in=ids[start : start + TOGETHER]))
    return found


def of_owner(owner: int | None, *, newer_than: UUID | None, known: Iterable[UUID]) -> dict[UUID, Look]:
    """An owner's jobs that are under way, those newer than an id, and those that were known to be under way."""
    news = Q(status__in=ACTIVE)
    if newer_than is not None:
        news |= Q(pk__gt=newer_than)
    found = _looks(Q(owner=owner) & news)
    return found | of_jobs([job for job in known if job not in found])


def newest_of(owner: int | None) -> UUID | None:
    """The id of an owner's newest job."""
    return RenderJob.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True).first()


def state_of(job: RenderJob) -> State:
    """The state of a row that was read already."""
    return State(job.status, job.stage, job.attempt, job.cancel_requested_at is not None)


def action_between(before: State | None, now: State) -> str:
    """What must have happened, where no event says it."""
    if now.is_final:
        return now.status
    if before is None or before.status != now.status or before.attempt != now.attempt:
        if now.status == Status.RUNNING:
            return Action.STARTED
        return Action.QUEUED if before is None or before.status == Status.QUEUED else Action.RELEASED
    return Action.CANCELLING if now.cancelling and not before.cancelling else Action.ADVANCED


def _looks(which: Q) -> dict[UUID, Look]:
    rows = RenderJob.objects.filter(which).only(
        "status", "stage", "attempt", "reason", "cancel_requested_at", "target_model", "target_id"
    )
    return {job.pk: Look(state_of(job), _event_of(job)) for job in rows.order_by("pk")[:MOST]}


def _event_of(job: RenderJob) -> Event:
    chart = events.chart_of(job)
    return Event(
        id="",
        action="",
        job=job.pk,
        chart=UUID(chart) if chart else None,
        status=job.status,
        stage=job.stage,
        attempt=job.attempt,
        reason=job.reason,
    )


def _closing(ask: Callable[[], Any]) -> Any:
    close_old_connections()
    threads.drop_lost()
    try:
        return ask()
    finally:
        close_old_connections()
