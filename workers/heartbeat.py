"""Heartbeat: a thread of the worker's main process that says "alive" every few seconds, renews the leases of what its
children draw, and patrols for lost jobs.

A thread and not the worker's event loop, which stands still while the broker is away; then jobs that are being drawn
would be taken for lost. For the same reason the patrol, which publishes and may wait for a broker that hangs, has a
thread of its own.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connections
from django.db.models.functions import Now
from django.utils import timezone

from renderer.jobs import lifecycle, rescue
from renderer.models import Worker
from renderer.models.worker import BEAT_EVERY
from renderer.release import VERSION

FORGET_AFTER = timedelta(days=1)
STEADY_AFTER = 2.5 * BEAT_EVERY
"""After a gap in its own beats a worker takes nobody for lost until the others had time for two."""
JUMP = timedelta(seconds=5)
"""A clock that goes this much faster or slower than time does was set."""

MEASURED_EVERY = 10.0
"""Seconds. How much memory it holds is for people to look at, and asking the kernel costs it milliseconds."""

logger = logging.getLogger(__name__)

_beating, _patrolling = threading.Lock(), threading.Lock()


def _before_fork() -> None:
    _patrolling.acquire()  # first: it may take seconds, in which the other thread goes on
    _beating.acquire()


def _after_fork() -> None:
    _beating.release()
    _patrolling.release()


# A child forked while one of the threads is inside a database library would inherit its locks, held for ever.
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class Heartbeat:
    """The signs of life of one worker. ``drawing`` names the messages that its children are working on, ``children``
    their process ids."""

    def __init__(
        self,
        worker: str,
        *,
        queues: str,
        concurrency: int,
        drawing: Callable[[], Collection[str]] = tuple,
        children: Callable[[], Iterable[int]] = tuple,
    ) -> None:
        self.worker = worker
        self.queues = queues
        self.concurrency = concurrency
        self.drawing = drawing
        self.children = children
        self._memory: int | None = None
        self._measured = float("-inf")
        self.stopping = False
        self.listened = time.monotonic()
        self._steadiness = Steadiness()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._every_beat, args=(act, lock), name=name, daemon=True)
            for name, act, lock in (("heartbeat", self.beat, _beating), ("patrol", self.patrol, _patrolling))
        ]

    def start(self) -> None:
        """Write the worker's row, and begin. What an earlier process of this name had claimed is brought back."""
        with _beating:
            rescue.bring_back_from(self.worker)
            now = timezone.now()
            Worker.objects.update_or_create(
                name=self.worker,
                defaults={
                    "queues": self.queues[:255],
                    "concurrency": self.concurrency,
                    "started_at": now,
                    "seen_at": Now(),
                    "listened_at": Now(),
                    "stopping": False,
                    "version": VERSION,
                    "memory": self.measure(),
                },
            )
            connections.close_all()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads, give back what is still claimed, and remove the row: this worker is not lost but gone."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        try:
            rescue.give_back(self.worker)
            Worker.objects.filter(name=self.worker).delete()
        except DatabaseError:
            logger.warning("the database is away; what this worker drew will be found lost", exc_info=True)
        finally:
            connections.close_all()

    def listen(self) -> None:
        """The main loop turned: it is ready for messages. Called by it."""
        self.listened = time.monotonic()

    def beat(self) -> None:
        """One sign of life, for the worker and for what its children draw."""
        silent = timedelta(seconds=time.monotonic() - self.listened)
        here = Worker.objects.filter(name=self.worker)
        here.update(seen_at=Now(), listened_at=Now() - silent, stopping=self.stopping, memory=self.measure())
        if drawing := self.drawing():
            lifecycle.renew(self.worker, drawing)
        seen = here.values_list("seen_at", flat=True).get()
        if self._steadiness.note(seen, time.monotonic()) < timedelta():
            logger.warning("the clock was set back; jobs that wait for their next attempt do not wait for the clock")
            lifecycle.hurry(seen)

    def measure(self) -> int | None:
        """The bytes that it and its children hold, measured now and then; None where the kernel does not tell."""
        if time.monotonic() - self._measured > MEASURED_EVERY:
            self._measured = time.monotonic()
            self._memory = memory_of([os.getpid(), *self.children()])
        return self._memory

    def patrol(self) -> None:
        """Look for what others lost, as soon as this worker has beaten for the first time."""
        if now := self._steadiness.now(time.monotonic()):
            Worker.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()
            rescue.patrol(now, steady=self._steadiness.is_steady(time.monotonic()))

    def _every_beat(self, act: Callable[[], None], lock: threading.Lock) -> None:
        while not self._stop.wait(BEAT_EVERY.total_seconds()):
            with lock:
                try:
                    act()
                except DatabaseError:
                    logger.warning("%s: the database is away", threading.current_thread().name, exc_info=True)
                except Exception:
                    logger.exception("%s: an error of our own", threading.current_thread().name)
                finally:
                    connections.close_all()


def memory_of(processes: Iterable[int]) -> int | None:
    """The bytes that processes hold together; what they share, as children share their parent's pages, is counted once.
    None where the kernel does not tell. A process that ended in this moment holds nothing."""
    total = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
    return total or None


class Steadiness:
    """Whether this worker's own beats came without a gap, and the clock without a jump."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._since = time.monotonic()

    def note(self, seen: datetime, moment: float) -> timedelta:
        """A beat at this time of the database, and this moment of the machine. Returns by how much the clock jumped."""
        jump = timedelta()
        if self._last:
            passed = timedelta(seconds=moment - self._last[1])
            drift = seen - self._last[0] - passed
            jump = drift if abs(drift) > JUMP else jump
            if jump or passed > 2 * BEAT_EVERY + JUMP / 5:
                self._since = moment
        self._last = (seen, moment)
        return jump

    def now(self, moment: float) -> datetime | None:
        """The database's time at this moment, from the last beat; None before the first one."""
        return self._last and self._last[0] + timedelta(seconds=moment - self._last[1])

    def is_steady(self, moment: float) -> bool:
        """Whether others may be taken for lost: this worker's own beats are neither young nor late."""
        if self._last is None:
            return False
        young = moment - self._since < STEADY_AFTER.total_seconds()
        return not young and moment - self._last[1] < 2 * BEAT_EVERY.total_seconds()
