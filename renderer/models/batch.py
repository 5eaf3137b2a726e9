"""Batch: many charts asked for in one call, and how far they are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from renderer.models.chart import Chart
from renderer.models.job import RenderJob
from renderer.models.owned import OwnedQuerySet, new_id


class Batch(models.Model):
    """Up to a thousand charts with one status. The counts are asked of the jobs, never kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(help_text="How many charts were asked for.")
    request_id = models.CharField(max_length=64, blank=True, help_text="X-Request-ID of the ask.")
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[Batch]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "batches"
        indexes = (models.Index(fields=("owner", "-id"), name="batch_by_owner"),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or f"Batch of {self.total}"


class BatchItem(models.Model):
    """One chart of a batch.

    A table of its own and not a column of the job: a job that was on its way already, or had brought the picture
    before, answers in any number of batches.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(help_text="Its place in what was sent.")
    chart = models.ForeignKey(Chart, null=True, on_delete=models.SET_NULL, related_name="batch_items")
    job = models.ForeignKey(RenderJob, null=True, on_delete=models.SET_NULL, related_name="batch_items")
    is_own = models.BooleanField(help_text="Whether the job was made for this batch.")

    class Meta:
        ordering = ("batch", "position")
        constraints = (models.UniqueConstraint(name="batch_item_once_per_position", fields=("batch", "position")),)

    def __str__(self) -> str:
        return f"{self.position} of {self.batch_id}"
