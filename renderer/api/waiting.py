"""Waiting: until a job's row says something else, without a thread or a database connection meanwhile.

The row is the truth, and Celery's result backend is not (FACTS 2.1). Who waits under ASGI is told by the newsroom
(``renderer.api.news``) when to look; elsewhere the row is read again at growing intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import TypeVar
from uuid import UUID

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import close_old_connections

from renderer.api import looks, news, threads
from renderer.api.looks import Look, State
from renderer.api.news import FIRST, GROWTH, LONGEST, Sign

S = TypeVar("S", bound=Hashable)


async def until(job_id: UUID, enough: Callable[[State], bool], *, owner: int | None, seconds: float) -> None:
    """Return when the state of a job of this owner is ``enough``, when the job is gone, or after ``seconds``."""
    if not _under_asgi():

        def look() -> State | None:
            found = looks.of_jobs([job_id]).get(job_id)
            return found.state if found else None

        return await watch(look, enough, seconds=seconds)
    await let_go()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with news.room().watch(owner, job_id) as waits:
        while True:
            match await waits.next(deadline - loop.time()):
                case Look(state) if not enough(state):
                    pass
                case Sign.LOST:
                    pass
                case _:  # enough, gone, the server stops, or the time is over
                    return None


async def watch(look: Callable[[], S | None], enough: Callable[[S], bool], *, seconds: float) -> None:
    """The same for anything that ``look`` reads from the database, for what no event tells of; None from it is gone."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    interval = FIRST
    under_asgi = _under_asgi()
    if under_asgi:
        await let_go()
    while (left := deadline - loop.time()) > 0 and not news.room().closed:
        await asyncio.sleep(min(interval, left))
        # Under WSGI, and in tests, the request's thread waits in any case, and its transaction is what it should see.
        state = await (looks.apart(look) if under_asgi else sync_to_async(look)())
        if state is None or enough(state):
            return
        interval = min(interval * GROWTH, LONGEST)


async def let_go() -> None:
    """Let the request's own thread go, with its connection: the next sync code gets another one.

    Django's ASGI handler enters a ThreadSensitiveContext for each request, whose thread would otherwise stay, idle,
    until the response.
    """
    if not _under_asgi():
        return
    await sync_to_async(close_old_connections)()
    context = SyncToAsync.thread_sensitive_context.get()
    thread = SyncToAsync.context_to_thread_executor.pop(context, None)
    if thread is not None:
        threads.give_back(thread)  # type: ignore[arg-type]  # ours, or of the same kind, which asgiref makes


def _under_asgi() -> bool:
    return SyncToAsync.thread_sensitive_context.get(None) is not None
