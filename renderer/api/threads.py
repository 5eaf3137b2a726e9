"""Threads: lent to requests, and kept between them together with their connections to the database.

Under ASGI Django makes a thread for each request and, after it, another one that waits for its end; with the thread
goes its connection, which for PostgreSQL costs more than all statements of a poll. Here a few threads are kept: the one
that was used last is lent first, so that a quiet server uses one of them, and as many requests as come at once still
have a thread each. What is over the few goes as before.

A kept connection may have died since: ``drop_lost`` finds that out without asking the server.
"""

from __future__ import annotations

import os
import select
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.core.signals import request_started
from django.db import close_old_connections, connections

KEPT: Final = 8
"""Threads, and so connections, that a web process holds while nobody asks for anything."""
MAX_AGE: Final = 600
"""Seconds after which a kept connection is made anew: what it has gathered on the server's side goes with it."""

_idle: deque[ThreadPoolExecutor] = deque()
_most = 0


def start() -> None:
    """From now on this process keeps threads, and connections are not closed at the end of each request. Without this,
    as under Django's own handler, which takes none from here, none is kept."""
    global _most
    _most = KEPT
    for alias in connections:
        connections.settings[alias]["CONN_MAX_AGE"] = MAX_AGE
    request_started.connect(drop_lost, dispatch_uid="figpress.threads")


def take() -> ThreadPoolExecutor:
    """One thread, for as long as it is not given back."""
    try:
        return _idle.pop()
    except IndexError:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="figpress-request")


def give_back(thread: ThreadPoolExecutor) -> None:
    """Keep a thread for the next request, or let it end if enough are kept; as soon as it has done what it is at."""
    thread.submit(close_old_connections).add_done_callback(lambda _: keep(thread))


def keep(thread: ThreadPoolExecutor) -> None:
    """The same with a thread that is known to do nothing."""
    if len(_idle) < _most:
        _idle.append(thread)
    else:
        thread.submit(connections.close_all)
        thread.shutdown(wait=False)


def drop_lost(**_: object) -> None:
    """Close this thread's connections that the server has closed, or the network lost: there is something to be read
    although nothing was asked."""
    for connection in connections.all(initialized_only=True):
        raw = connection.connection
        if raw is not None and connection.vendor == "postgresql" and (raw.closed or _can_be_read(raw.fileno())):
            connection.close()


def stop() -> None:
    """Keep no more, and let go of those that are kept: for a process that goes on without, as the tests' does."""
    global _most
    _most = 0
    request_started.disconnect(dispatch_uid="figpress.threads")
    for alias in connections:
        connections.settings[alias]["CONN_MAX_AGE"] = 0
    while _idle:
        keep(_idle.pop())


def forget() -> None:
    """Forget the threads that were kept. In a child there are none."""
    _idle.clear()


os.register_at_fork(after_in_child=forget)


def _can_be_read(descriptor: int) -> bool:
    asked = select.poll()
    asked.register(descriptor, select.POLLIN)
    return bool(asked.poll(0))
