"""Queues: which come first, and the verbs that pause one and let it go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Count, Min, Q

from renderer.jobs import dispatch
from renderer.models import PausedQueue, RenderJob
from renderer.models.job import Queue, Status
from renderer.models.statements import Slot, Statement

_PAUSED = Statement(
    lambda: PausedQueue.objects.filter(queue=Slot("queue", CharField())).values_list("queue", flat=True).order_by()
)


def pause(queue: Queue) -> bool:
    """Draw nothing more from a queue. What runs is finished; what is asked for is kept. False if it was paused."""
    return PausedQueue.objects.get_or_create(queue=queue)[1]


def resume(queue: Queue) -> bool:
    """Draw from a queue again; the workers hear of it on commit. False if it was not paused."""
    resumed = bool(PausedQueue.objects.filter(queue=queue).delete()[0])
    if resumed:
        transaction.on_commit(lambda: dispatch.fill(queue), robust=True)
    return resumed


def is_paused(queue: Queue | str) -> bool:
    """Whether nothing is drawn from it for now."""
    return bool(_PAUSED.all(queue=str(queue)))


def paused() -> list[Queue]:
    """The queues that are paused."""
    return [Queue(row.queue) for row in PausedQueue.objects.all()]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a queue stands at a moment."""

    queue: Queue
    waiting: int
    running: int
    oldest: datetime | None
    """Since when the one waits that waits longest, of those that may be drawn."""


def standings(now: datetime) -> list[Standing]:
    """Every queue, in two questions of indexes that are as long as the line."""
    may = Q(available_at__lte=now)
    waiting = {
        queue: (n, since)
        for queue, n, since in RenderJob.objects.filter(status=Status.QUEUED)
        .order_by()
        .values_list("queue")
        .annotate(n=Count("id"), since=Min("available_at", filter=may))
    }
    running = dict(
        RenderJob.objects.filter(status=Status.RUNNING).order_by().values_list("queue").annotate(n=Count("id"))
    )
    return [Standing(queue, *_of(waiting.get(queue.value), running.get(queue.value, 0))) for queue in Queue]


def _of(waiting: tuple[int, datetime | None] | None, running: int) -> tuple[int, int, datetime | None]:
    n, since = waiting or (0, None)
    return n, running, since
