"""Waiting: until a job's row says something else, without a thread or a database connection meanwhile.

The row is read again at growing intervals; it is the truth, and Celery's result backend is not (FACTS 2.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import close_old_connections, connections

from renderer.models import RenderJob
from renderer.models.job import FINAL

FIRST: Final = 0.015
GROWTH: Final = 1.3
LONGEST: Final = 1.0
"""Seconds between two looks. A small chart is there in a few hundredths, so the first looks are close together."""


S = TypeVar("S", bound=Hashable)


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


# The few threads, and with them connections, that look for everybody who waits. Django gives each ASGI request a
# thread of its own, and each thread a connection: a hundred waiting clients would be a hundred connections.
_lookers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="figpress-wait")


def state_of(job: RenderJob) -> State:
    """The state of a row that was read already."""
    return State(job.status, job.stage, job.attempt, job.cancel_requested_at is not None)


async def until(job_id: UUID, enough: Callable[[State], bool], *, seconds: float) -> None:
    """Return when the job's state is ``enough``, when the job is gone, or after ``seconds``."""
    await watch(lambda: _look(job_id), enough, seconds=seconds)


async def watch(look: Callable[[], S | None], enough: Callable[[S], bool], *, seconds: float) -> None:
    """The same for anything that ``look`` reads from the database; None from it is gone."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    interval = FIRST
    under_asgi = SyncToAsync.thread_sensitive_context.get(None) is not None
    if under_asgi:
        await _let_go()
    while (left := deadline - loop.time()) > 0:
        await asyncio.sleep(min(interval, left))
        # Under WSGI, and in tests, the request's thread waits in any case, and its transaction is what it should see.
        state = await (
            loop.run_in_executor(_lookers, partial(_look_apart, look)) if under_asgi else sync_to_async(look)()
        )
        if state is None or enough(state):
            return
        interval = min(interval * GROWTH, LONGEST)


def _look(job_id: UUID) -> State | None:
    row = RenderJob.objects.filter(pk=job_id).values_list("status", "stage", "attempt", "cancel_requested_at").first()
    return State(row[0], row[1], row[2], row[3] is not None) if row else None


def _look_apart(look: Callable[[], S | None]) -> S | None:
    close_old_connections()
    try:
        return look()
    finally:
        close_old_connections()


async def _let_go() -> None:
    """Close the connection of the request's own thread, and let the thread go: the next sync code gets a new one.

    Django's ASGI handler enters a ThreadSensitiveContext for each request, whose one-thread executor would otherwise
    stay, idle, until the response.
    """
    await sync_to_async(connections.close_all)()
    context = SyncToAsync.thread_sensitive_context.get()
    executor = SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.shutdown(wait=False)
