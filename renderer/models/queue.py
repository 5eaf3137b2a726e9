"""PausedQueue: a queue from which nothing is drawn for now."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from renderer.models.job import Queue


class PausedQueue(models.Model):
    """One queue that is paused. There is a row exactly as long as it is; what is asked for meanwhile waits."""

    queue = models.CharField(primary_key=True, max_length=12, choices=Queue)
    paused_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("queue",)

    def __str__(self) -> str:
        return self.queue
