"""Dataset: a named table that charts read, and its versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from renderer.models.chart import Chart
from renderer.models.owned import OwnedQuerySet, new_id

QUEUE = "data"
"""The broker's queue of uploads to be read: beside those of jobs, so that a large file holds up no chart if operators
give it a worker of its own."""
MAX_ATTEMPTS = 3
"""So often an upload is read before it is given up: a file that takes its reader down does so each time."""


class Dataset(models.Model):
    """A table of somebody's. Charts name it; its rows are those of its current version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=100, help_text="What charts call it: small letters, digits and _.")
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    current = models.ForeignKey(
        "renderer.DatasetVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+",
        help_text="The newest version that could be read.",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[OwnedQuerySet[Dataset]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(name="dataset_once_per_name", fields=("owner", "name")),)

    def __str__(self) -> str:
        return self.title or self.name


class VersionStatus(models.TextChoices):
    """How far an upload is. Only ``jobs/datasets.py`` moves it."""

    READING = "reading", "Being read"
    """It waits for a worker, or one reads it. Left by that worker, or by whoever finds that it died."""
    READY = "ready", "Ready"
    """Its rows can be drawn. Final."""
    FAILED = "failed", "Not readable"
    """It is no table as it stands; ``message`` says why. Final."""


class DatasetVersion(models.Model):
    """One upload of a dataset, and the Parquet file that it became."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1, in the order in which they came.")
    status = models.CharField(max_length=8, choices=VersionStatus, default=VersionStatus.READING)
    message = models.CharField(max_length=500, blank=True, help_text="Why it could not be read.")
    notes: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)

    upload = models.FileField(max_length=200, blank=True, help_text="What was sent, until it is read.")
    upload_bytes = models.BigIntegerField(default=0)
    source_name = models.CharField(max_length=200, blank=True, help_text="What the file was called. Never a path here.")
    format = models.CharField(max_length=8, blank=True)
    types: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True, help_text="What columns are to be read as."
    )
    draws = models.BooleanField(default=False, help_text="Whether its charts are drawn again when it is ready.")
    request_id = models.CharField(max_length=64, blank=True)

    file = models.FileField(max_length=200, blank=True, help_text="The rows, as Parquet.")
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    columns: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file: equal digests are equal rows.")
    data_at = models.DateTimeField(null=True, help_text="Since when the dataset has just these rows.")

    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    worker = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="Who read it last: with a lease, it is theirs.",
    )
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("dataset", "-number")
        constraints = (
            models.UniqueConstraint(name="dataset_version_once_per_number", fields=("dataset", "number")),
            models.CheckConstraint(
                name="dataset_version_has_file_when_ready", condition=~Q(status=VersionStatus.READY) | ~Q(file="")
            ),
        )
        indexes = (
            models.Index(
                fields=("created_at",), name="dataset_version_reading", condition=Q(status=VersionStatus.READING)
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number} of {self.dataset_id}"


class ChartDataset(models.Model):
    """A chart reads the dataset of this name. By name: a dataset that is deleted and uploaded again is meant, too."""

    id = models.BigAutoField(primary_key=True)
    chart = models.ForeignKey(Chart, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="chart_dataset_once", fields=("chart", "name")),)

    def __str__(self) -> str:
        return self.name
