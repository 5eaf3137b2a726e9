"""Safe tasks: the base of all of ours, with what must not happen to the worker that works on them."""

from __future__ import annotations

import logging
import os
from typing import Any, NoReturn

from celery import Task
from celery.worker.request import Request
from kombu.asynchronous import get_event_loop
from kombu.transport.virtual import Channel

from renderer.jobs.executor import RenderFailed

logger = logging.getLogger(__name__)


class SafeRequest(Request):
    """What the worker's main process keeps of a message while a child works on it."""

    def acknowledge(self) -> None:
        """Where the broker does not take it, the consumer connects anew. Celery would write it down and count the
        message as one that is being worked on, for as long as the process lives: the worker had a hand less, or none.
        What was not acknowledged comes once more, and does no harm.
        """
        if self.acknowledged:
            return
        lost: Any = self.connection_errors  # a tuple of them
        try:
            self.message.ack()
        except lost as error:
            logger.warning("a message could not be acknowledged: %.200s", error)
            channel = self.message.channel
            # Other brokers count themselves; and one that is closed has been replaced already.
            if isinstance(channel, Channel) and not channel.closed and (loop := get_event_loop()):
                loop.call_soon(_connect_anew, error)
        self.acknowledged = True

    def on_failure(self, exc_info, send_failed_event=True, return_ok=False):  # type: ignore[no-untyped-def]  # celery's signature
        """A MemoryError that leaves a task stops the whole worker, and with late acknowledgement it stops it again
        after each restart. The executor lets none out; this is the second line, for one raised between the two."""
        inner = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(inner, MemoryError):
            exc_info.exception = RenderFailed("out of memory")
        return super().on_failure(exc_info, send_failed_event, return_ok)


class SafeTask(Task[..., Any]):
    """Requests of this task are safe."""

    Request = SafeRequest  # type: ignore[assignment]  # Celery takes a class as well as the name of one

    @property
    def worker(self) -> str:
        """The worker whose child this is, by the name of its main process."""
        return f"{self.request.hostname}#{os.getppid()}"


def _connect_anew(error: BaseException) -> NoReturn:
    """In the main loop, whose consumer takes it for what it is."""
    raise error
