"""Worker: a sign of life from each worker process, so that a dead one is noticed within seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

BEAT_EVERY = timedelta(seconds=3)
LOST_AFTER = timedelta(seconds=12)
"""Four missed beats. A worker that was only slow does no harm: its claim is fenced by the attempt number."""


class Worker(models.Model):
    """One worker's main process. The name is unique for each start: ``celery@host#pid``."""

    name = models.CharField(primary_key=True, max_length=255)
    queues = models.CharField(max_length=255, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime) -> bool:
        """Whether it was seen lately."""
        return self.seen_at > now - LOST_AFTER
