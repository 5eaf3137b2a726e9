"""Schedule: a cron line and a time zone for one Chart."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from renderer.models.chart import Chart
from renderer.models.owned import OwnedQuerySet, new_id


class MissedRuns(models.TextChoices):
    """What to do with moments that passed while nobody ticked."""

    SKIP = "skip", "Skip them"
    ONCE = "once", "Draw once"
    ALL = "all", "Draw each, one after the other"


class Schedule(models.Model):
    """When a chart is drawn again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedules")
    chart = models.ForeignKey(Chart, on_delete=models.CASCADE, related_name="schedules")
    cron = models.CharField(max_length=100, help_text="Five fields: minute, hour, day of month, month, day of week.")
    timezone = models.CharField(max_length=64, default="UTC", help_text="An IANA name, such as Europe/Berlin.")
    missed_runs = models.CharField(max_length=4, choices=MissedRuns, default=MissedRuns.ONCE)
    jitter = models.PositiveSmallIntegerField(
        default=0, help_text="Seconds. It runs later than its line says by a part of this, always the same part."
    )
    skip_unchanged = models.BooleanField(
        default=True, help_text="Whether a run draws nothing when it would give the picture that is there."
    )
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Nothing comes due afterwards.")
    max_runs = models.PositiveIntegerField(null=True, blank=True, help_text="Nothing comes due after so many runs.")
    runs_made = models.PositiveIntegerField(default=0)

    is_active = models.BooleanField(default=True)
    pause_after = models.PositiveSmallIntegerField(
        default=5, help_text="Paused by itself after so many failed runs in a row; 0: never."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="Failed runs in a row, up to the last.")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.CharField(max_length=500, blank=True, help_text="Why it paused by itself.")
    next_due_at = models.DateTimeField(
        null=True, help_text="Nothing while it is paused, or when the line never comes due."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OwnedQuerySet[Schedule]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("next_due_at", "id")
        indexes = (models.Index(fields=("next_due_at",), name="schedule_due", condition=models.Q(is_active=True)),)

    def __str__(self) -> str:
        return f"{self.cron} ({self.timezone})"
