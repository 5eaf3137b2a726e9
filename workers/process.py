"""The life of a worker process: what it refuses, how it warms up, what its children may use, how it ends."""

from __future__ import annotations

import gc
import logging
import os
import resource
import threading
import time
from pathlib import Path
from typing import Any

from billiard.exceptions import TimeLimitExceeded
from celery import Celery, signals
from celery.concurrency.prefork import TaskPool
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from renderer.drawing.warm import warm
from renderer.jobs import rescue
from renderer.jobs.dispatch import RENDER
from renderer.models import dataset
from renderer.models.job import Queue

from .heartbeat import Heartbeat

CHILD_MEMORY = 800 * 1024**2
"""Bytes that a child may allocate beyond what it starts with: 20,000 x 20,000 px then ends in a MemoryError that we
can tell the user about, and the kernel's OOM killer stays out of it."""

IDLE = 2.0
"""Seconds after which a child takes a new connection to the database. Under load none is that old."""

logger = logging.getLogger(__name__)

_heartbeat: Heartbeat | None = None
_used_at = 0.0


def identity(hostname: str) -> str:
    """The name of a worker's main process, unique for each start on a machine. Its children know it by their parent's
    process id."""
    return f"{hostname}#{os.getpid()}"


@signals.celeryd_after_setup.connect(weak=False)
def take_queues(instance: Any, **_: Any) -> None:
    """A worker that was not told its queues (``-Q``) draws from all of ours, besides the project's own."""
    queues = instance.app.amqp.queues
    if queues._consume_from is None:  # set by -Q alone; Celery has no public name for it
        for queue in (*Queue.values, dataset.QUEUE):
            queues.select_add(queue)


@signals.worker_init.connect(weak=False)
def prepare(sender: Any, **_: Any) -> None:
    """In the main process, before it forks: refuse what is unsafe, import and draw once so that children need not."""
    try:
        refuse_unsafe(sender.app, sender.pool_cls)
    except ImproperlyConfigured as error:
        logger.critical("%s", error)
        raise SystemExit(1) from error  # Celery logs any other error of a signal's receiver, and goes on
    warm()
    gc.collect()
    gc.freeze()  # children share these pages as long as no collection writes to them


def refuse_unsafe(app: Celery, pool: type) -> None:
    """Raise ImproperlyConfigured for settings under which a job could be lost, doubled or never end."""
    if not issubclass(pool, TaskPool):
        raise ImproperlyConfigured(
            f"time limits do not work in the pool {pool.__module__}: start the worker with -P prefork"
        )
    hard, soft = app.conf.task_time_limit, app.conf.task_soft_time_limit
    if not hard or not soft or soft >= hard:
        raise ImproperlyConfigured(
            "Set CELERY_TASK_SOFT_TIME_LIMIT (45) below CELERY_TASK_TIME_LIMIT (60): only the hard limit ends C code."
        )
    visibility = (app.conf.broker_transport_options or {}).get("visibility_timeout", 3600)
    if visibility <= hard:
        raise ImproperlyConfigured(
            f"The broker's visibility_timeout ({visibility} s) must be above CELERY_TASK_TIME_LIMIT ({hard} s): "
            "a running job would be delivered twice."
        )


@signals.worker_process_init.connect(weak=False)
def limit_child(**_: Any) -> None:
    """In each child: no core files, and a ceiling on memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        ceiling = pages * resource.getpagesize() + CHILD_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


@signals.task_prerun.connect(weak=False)
def take_fresh_connections(**_: Any) -> None:
    """In a child: a connection that was idle may be one that the database has closed, and a job must not find out."""
    if time.monotonic() - _used_at > IDLE:
        connections.close_all()


@signals.task_postrun.connect(weak=False)
def drop_broken_connections(**_: Any) -> None:
    """In a child: the next task does not inherit an error of this one."""
    global _used_at
    _used_at = time.monotonic()
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close()


@signals.worker_ready.connect(weak=False)
def begin(sender: Any, **_: Any) -> None:
    """The worker consumes: begin the heartbeat."""
    global _heartbeat
    controller = sender.controller
    _heartbeat = Heartbeat(
        identity(controller.hostname),
        queues=",".join(sorted(controller.app.amqp.queues.consume_from)),
        concurrency=controller.concurrency,
    )
    _heartbeat.start()


@signals.worker_shutdown.connect(weak=False)
def end(**_: Any) -> None:
    """The pool has stopped: what is still claimed goes back into the queue."""
    global _heartbeat
    if _heartbeat and threading.current_thread() is threading.main_thread():
        _heartbeat.stop()
        _heartbeat = None


@signals.task_failure.connect(weak=False)
def child_died(sender: Any = None, task_id: str = "", exception: BaseException | None = None, **_: Any) -> None:
    """In the main process, for a child that died or was killed at the hard limit. (In a child this signal comes too,
    for errors that the executor has already written down: there the heartbeat is not ours to use.)"""
    if _heartbeat is None or sender is None or sender.name != RENDER:
        return
    if os.getpid() != int(_heartbeat.worker.rpartition("#")[2]):
        return
    rescue.end_attempt(task_id, worker=_heartbeat.worker, timed_out=isinstance(exception, TimeLimitExceeded))
    connections.close_all()  # children are forked from this process: they must not inherit a connection
