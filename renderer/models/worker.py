"""Worker: a sign of life from each worker process, so that a dead one is noticed within seconds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import models

BEAT_EVERY = timedelta(seconds=2)
LOST_AFTER = timedelta(seconds=9)
"""Four missed beats. A worker that was only slow does no harm: its claim is fenced by the attempt number."""
DEAF_AFTER = timedelta(seconds=9)

Names = Collection[str] | models.QuerySet[Any, Any]
"""Of workers; or what finds them in the database."""


class State(models.TextChoices):
    """What a worker's row tells about it at a moment. Not a column: a dead process writes nothing."""

    ALIVE = "alive", "Alive"
    """It was seen lately, and takes work."""
    DEAF = "deaf", "Takes no work"
    """It was seen lately, but its main loop stands still: the broker is away, or something in it hangs."""
    STOPPING = "stopping", "Stopping"
    """It was asked to stop, and ends what it draws. Its row goes with it."""
    LOST = "lost", "Lost"
    """It was not seen for a while: dead, stopped by a debugger, or cut off from the database."""


class Worker(models.Model):
    """One worker's main process. The name is unique for each start: ``celery@host#pid``."""

    name = models.CharField(primary_key=True, max_length=255)
    queues = models.CharField(max_length=255, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    listened_at = models.DateTimeField(null=True, help_text="When its main loop last turned, ready for messages.")
    memory = models.PositiveBigIntegerField(
        null=True, help_text="Bytes that it and its children hold, what they share counted once; nothing if not known."
    )
    version = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="The release of Figpress that it runs."
    )
    stopping = models.BooleanField(default=False, help_text="It was asked to stop.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime) -> bool:
        """Whether it was seen lately."""
        return self.seen_at > now - LOST_AFTER

    def state(self, now: datetime) -> State:
        """What it is at a moment."""
        if not self.is_alive(now):
            return State.LOST
        if self.stopping:
            return State.STOPPING
        if self.listened_at is not None and self.listened_at < self.seen_at - DEAF_AFTER:
            return State.DEAF
        return State.ALIVE
