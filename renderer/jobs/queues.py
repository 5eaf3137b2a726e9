"""Queues: which come first, and the verbs that pause one and let it go on."""

from __future__ import annotations

from django.db import transaction

from renderer.jobs import dispatch
from renderer.models import PausedQueue
from renderer.models.job import Queue


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
    return PausedQueue.objects.filter(queue=queue).exists()


def paused() -> list[Queue]:
    """The queues that are paused."""
    return [Queue(row.queue) for row in PausedQueue.objects.all()]
