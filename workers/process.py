"""The life of a worker process: what it refuses, how it warms up, what its children may use, how it ends."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from billiard.exceptions import TimeLimitExceeded
from celery import Celery, signals
from celery.concurrency.prefork import TaskPool
from celery.worker import state
from django.conf import DEFAULT_STORAGE_ALIAS, settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import connections

from renderer import tracing
from renderer.drawing.warm import warm
from renderer.jobs import executor, lifecycle, rescue
from renderer.jobs.dispatch import RENDER
from renderer.models import dataset
from renderer.models.job import Queue

from .heartbeat import Heartbeat

CHILD_MEMORY = 800 * 1024**2
"""Bytes that a child may allocate beyond what it starts with: 20,000 x 20,000 px then ends in a MemoryError that we
can tell the user about, and the kernel's OOM killer stays out of it."""

CHILD_FILES = 256
"""Files and sockets that a child may have open: a figure function that leaks them fails, and not the machine."""
CPU_MARGIN = 15
"""Seconds of computing that a job may take beyond the hard limit, before the kernel ends its child: the limit of last
resort, for a main process that hangs and ends nobody."""
IDLE = 2.0
"""Seconds after which a child takes a new connection to the database. Under load none is that old."""

logger = logging.getLogger(__name__)

_heartbeat: Heartbeat | None = None
_folder: Path | None = None
_in_child = False
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
    global _folder
    # Children work in an empty folder: no file of the project's lies where a figure function, or a library that looks
    # around for its settings, could come upon it.
    _folder = Path(tempfile.mkdtemp(prefix="figpress-worker-"))
    atexit.register(leave, os.getpid())
    warm()
    storages[DEFAULT_STORAGE_ALIAS]  # imports what it needs; that of a bucket is half a second
    load_for_children(sender.app)


def load_for_children(app: Celery) -> None:
    """Import here what Celery and Django import at a child's start and at its first job: each child would have it for
    itself, 6 MB, and anew whenever one is replaced.

    And what reads and transforms tables, for another reason: these libraries take hundreds of megabytes of addresses,
    of which a child has only so many beyond those that it starts with (CHILD_MEMORY). Uploads failed for want of them.
    """
    for name in ("renderer.data.engine", "renderer.data.uploads.read", "renderer.data.stored", "pyarrow.parquet"):
        import_module(name)
    for name in (connection.ops.compiler_module for connection in connections.all()):
        import_module(name)
    app.backend  # noqa: B018 - a class that Celery looks for at the first result
    "localhost".encode("idna")  # imports the codec that the names of hosts go through
    if cffi := sys.modules.get("cffi"):
        # So billiard asks the kernel to end a child with its parent; the tables of this parser are what is large.
        cffi.FFI().cdef("int prctl (int __option, ...);")


@signals.worker_before_create_process.connect(weak=False)
def freeze(**_: Any) -> None:
    """In the main process, before each fork, also of a child that follows another: no collection looks any more at what
    is there by now, so that parent and child share its pages for as long as nobody uses them."""
    gc.collect()
    gc.freeze()


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
    accepted = {*app.conf.accept_content, *(app.conf.result_accept_content or ())}
    if refused := sorted(name for name in accepted if "pickle" in name or "python" in name):
        raise ImproperlyConfigured(
            f"CELERY_ACCEPT_CONTENT takes {refused[0]}: whoever can write to the broker could run code here. "
            'Set it to ["json"].'
        )
    if app.conf.task_reject_on_worker_lost:
        raise ImproperlyConfigured(
            "CELERY_TASK_REJECT_ON_WORKER_LOST delivers a task that kills its process again for ever: leave it out."
        )
    places = {"MEDIA_ROOT": settings.MEDIA_ROOT} | {
        f'DATABASES["{name}"]': database["NAME"]
        for name, database in settings.DATABASES.items()
        if database["ENGINE"].endswith("sqlite3") and not str(database["NAME"]).startswith("file:")
    }
    for name, place in places.items():
        if place and not Path(place).is_absolute():
            raise ImproperlyConfigured(f"{name} is relative ({place}), but workers draw in a folder of their own.")


@signals.worker_process_init.connect(weak=False)
def limit_child(**_: Any) -> None:
    """In each child: no core files, few open files, a ceiling on memory, an empty folder.

    No ceiling on the size of files: SQLite's database is one that children write, too. What a picture may be is
    limited in pixels, before it is drawn.
    """
    global _in_child
    _in_child = True
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = CHILD_FILES if hard == resource.RLIM_INFINITY else min(CHILD_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if _folder and _folder.exists():
        os.chdir(_folder)
    tracing.begin()  # before the ceiling: its thread has a stack
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        ceiling = pages * resource.getpagesize() + CHILD_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


@signals.worker_process_shutdown.connect(weak=False)
def end_child(**_: Any) -> None:
    """In a child that has done its share, or whose worker ends."""
    tracing.end()


@signals.task_prerun.connect(weak=False)
def limit_job(sender: Any = None, **_: Any) -> None:
    """In a child, before each task: so much computing for a job of ours, no limit for a task of the project's own."""
    limit, ceiling = resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_CPU)[1]
    if not _in_child:
        return  # a task that is called and not sent runs anywhere
    if sender is not None and sender.name == RENDER:
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + lifecycle.hard_limit().total_seconds()) + CPU_MARGIN
    if ceiling == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, ceiling))


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
        drawing=lambda: tuple(state.requests),
        children=lambda: controller.pool.info.get("processes", ()),
    )
    if hub := getattr(controller, "hub", None):  # with RabbitMQ and Redis; other brokers have no event loop
        hub.on_tick.add(_heartbeat.listen)
    _heartbeat.start()


@signals.worker_shutting_down.connect(weak=False)
def hasten(how: str = "", **_: Any) -> None:
    """In the main process, which was told to stop: a second SIGTERM does what SIGQUIT does. It waits no longer for all
    that is drawn but for CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, and gives back the rest."""
    executor.begin_no_more()
    if _heartbeat:
        _heartbeat.stopping = True
    if how == "Warm":
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGQUIT))


@signals.worker_shutdown.connect(weak=False)
def end(**_: Any) -> None:
    """The pool has stopped: what is still claimed goes back into the queue."""
    global _heartbeat
    if _heartbeat and threading.current_thread() is threading.main_thread():
        _heartbeat.stop()
        _heartbeat = None


def leave(pid: int) -> None:
    """The main process ends. Celery tells of a warm end only (``worker_shutdown``); this is for the others, too."""
    if os.getpid() != pid:
        return
    end()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)


@signals.task_failure.connect(weak=False)
def child_died(
    sender: Any = None, task_id: str = "", exception: BaseException | None = None, args: Any = (), **_: Any
) -> None:
    """In the main process, for a child that died or was killed at the hard limit. (In a child this signal comes too,
    for errors that the executor has already written down: there the heartbeat is not ours to use.)"""
    if _heartbeat is None or sender is None or _in_child:
        return
    if sender.name == RENDER:
        rescue.end_attempt(task_id, worker=_heartbeat.worker, timed_out=isinstance(exception, TimeLimitExceeded))
    else:
        rescue.end_other(sender.name, args or (), worker=_heartbeat.worker)
    connections.close_all()  # children are forked from this process: they must not inherit a connection
