"""Beat: a sign of life of whoever ticks, so that a schedule which stands still can say why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

SILENT_AFTER = timedelta(minutes=1)
"""Beat ticks every ten seconds. A minute is also what a worker that starts may need for the first one."""


class Beat(models.Model):
    """When a tick last came to a worker. One row a ticker: by the name of what it ticks for."""

    name = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime) -> bool:
        """Whether it was seen lately."""
        return self.seen_at > now - SILENT_AFTER
