"""The task that beat sends at each tick."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from renderer.jobs import schedules

from .safe import SafeTask


@shared_task(name="figpress.schedules.tick", base=SafeTask, ignore_result=True)
def tick() -> int:
    """Make the runs that have come due. Returns how many."""
    return schedules.tick(timezone.now())
