"""Leaving: when the server is told to stop, those who wait are let go at once, and do not hold it up."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final

from renderer.api import news

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Leaving:
    """An ASGI application that hears the signals which its server hears, before the server does.

    A server closes its listening socket and then waits for what is under way, for seconds: event streams are under way
    for ever, and long polls for half a minute. ASGI has no word for it: ``lifespan.shutdown`` comes after that wait.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._listens = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One connection. With the first one the server has its own handlers in place."""
        if not self._listens:
            self._listens = True
            if threading.current_thread() is threading.main_thread():
                for number in SIGNALS:
                    _go_before(number)
        await self.application(scope, receive, send)


def _go_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    loop, room = asyncio.get_running_loop(), news.room()

    def handle(received: int, frame: Any) -> None:
        loop.call_soon_threadsafe(room.close)
        if callable(before):
            before(received, frame)

    if callable(before):  # else nobody stops gracefully here
        signal.signal(number, handle)
