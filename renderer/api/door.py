"""Door: those who have waited leave a few at a time.

Django answers each ASGI request in a thread of its own, with a connection of its own, from the moment that anything of
it is synchronous: at the latest its middleware. A thousand clients whose job ends in the same moment would be a
thousand threads. Here they stand in line without one.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from django.http.response import HttpResponseBase

WIDTH: Final = 16
PATIENCE: Final = 10.0
"""Seconds after which somebody goes who was not let: better a thread too many than an answer that never comes."""

R = TypeVar("R", bound=HttpResponseBase)
_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def enter() -> Callable[[], None]:
    """Wait for a place in the door. Returns what gives it back, from any thread."""
    loop = asyncio.get_running_loop()
    door = _doors.setdefault(loop, asyncio.Semaphore(WIDTH))
    try:
        await asyncio.wait_for(door.acquire(), PATIENCE)
    except TimeoutError:
        return _nothing

    def leave() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(door.release)

    return leave


async def through(answer: Callable[[], Awaitable[R]]) -> R:
    """The response of somebody who has waited, made, sent and closed while it stands in the door."""
    leave = await enter()
    try:
        response = await answer()
    except BaseException:
        leave()
        raise
    # Django closes no response whose client went away before the first byte.
    left = weakref.finalize(response, leave)
    left.atexit = False
    response._resource_closers.append(left)  # type: ignore[attr-defined]  # what close() calls; files use it
    return response


def _nothing() -> None:
    pass
