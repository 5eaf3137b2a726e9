"""Heartbeat: a thread of the worker's main process that says "alive" every few seconds, and patrols for lost jobs.

A thread and not the worker's event loop, which stands still while the broker is away; then jobs that are being drawn
would be taken for lost.
"""

from __future__ import annotations

import logging
import os
import threading
from datetime import timedelta

from django.db import DatabaseError, connections
from django.utils import timezone

from renderer.jobs import rescue
from renderer.models import Worker
from renderer.models.worker import BEAT_EVERY

FORGET_AFTER = timedelta(days=1)

logger = logging.getLogger(__name__)

_forking = threading.Lock()
# A child forked while this thread is inside a database library would inherit its locks, held for ever.
os.register_at_fork(before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forking.release)


class Heartbeat:
    """The signs of life of one worker."""

    def __init__(self, worker: str, *, queues: str, concurrency: int) -> None:
        self.worker = worker
        self.queues = queues
        self.concurrency = concurrency
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Write the worker's row, and begin. What an earlier process of this name had claimed is brought back."""
        now = timezone.now()
        with _forking:
            for job in rescue.claims_of(self.worker):
                rescue.bring_back(job)
            Worker.objects.update_or_create(
                name=self.worker,
                defaults={
                    "queues": self.queues[:255],
                    "concurrency": self.concurrency,
                    "started_at": now,
                    "seen_at": now,
                },
            )
            connections.close_all()
        self._thread.start()

    def stop(self) -> None:
        """End the thread, give back what is still claimed, and remove the row: this worker is not lost but gone."""
        self._stop.set()
        self._thread.join()
        rescue.give_back(self.worker)
        Worker.objects.filter(name=self.worker).delete()

    def beat(self) -> None:
        """One sign of life, one patrol."""
        now = timezone.now()
        Worker.objects.filter(name=self.worker).update(seen_at=now)
        Worker.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()
        rescue.patrol(now)

    def _run(self) -> None:
        while not self._stop.wait(BEAT_EVERY.total_seconds()):
            with _forking:
                try:
                    self.beat()
                except DatabaseError:
                    logger.warning("heartbeat: the database is away", exc_info=True)
                finally:
                    connections.close_all()
