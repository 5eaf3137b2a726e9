"""Run: what became of one moment of a schedule."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from renderer.models.job import RenderJob
from renderer.models.owned import new_id
from renderer.models.schedule import Schedule


class Outcome(models.TextChoices):
    """How a run ended. Kept here and not only on the job, because history outlives jobs."""

    PENDING = "pending", "Not ended"
    """Its job waits or runs. Left once, by the tick that sees the job final."""
    SUCCEEDED = "succeeded", "Drawn"
    UNCHANGED = "unchanged", "Unchanged"
    """Nothing had changed, so nothing was drawn."""
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    SKIPPED = "skipped", "Missed"
    """Nobody ticked at its moment, and the schedule says to skip such moments."""


GOOD = (Outcome.SUCCEEDED, Outcome.UNCHANGED)
"""The picture is as it should be."""


class Run(models.Model):
    """One moment of a schedule, or one time that somebody ran it by hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField(null=True, help_text="Nothing if it was run by hand.")
    job = models.ForeignKey(
        RenderJob, null=True, on_delete=models.SET_NULL, related_name="runs",
        help_text="Who draws it: its own job, or one that was on its way already.",
    )  # fmt: skip
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.PENDING)
    note = models.CharField(max_length=500, blank=True, help_text="What there is to say about it.")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Run]] = models.Manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            # Any number of beats makes no duplicate run, also when the job of the first is gone.
            models.UniqueConstraint(name="run_once_per_due_time", fields=("schedule", "due_at")),
            models.CheckConstraint(
                name="run_finished_at_exactly_when_ended",
                condition=Q(outcome=Outcome.PENDING, finished_at__isnull=True)
                | (~Q(outcome=Outcome.PENDING) & Q(finished_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(fields=("schedule", "-id"), name="run_by_schedule"),
            models.Index(fields=("id",), name="run_pending", condition=Q(outcome=Outcome.PENDING)),
        )

    def __str__(self) -> str:
        return f"run of {self.due_at or self.created_at:%Y-%m-%d %H:%M} ({self.outcome})"
