"""Export: a copy of everything that an owner has, made in the background."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from renderer.models.owned import OwnedQuerySet, new_id

KEPT: Final = timedelta(days=7)
"""So long it can be downloaded."""


class ExportStatus(models.TextChoices):
    """How far it is. Only ``accounts/exports.py`` moves it."""

    WAITING = "waiting", "Waiting"
    """For a worker, or one makes it. Left by that worker, or by whoever finds that it died."""
    READY = "ready", "Ready"
    """It can be downloaded. Final."""
    FAILED = "failed", "Failed"
    """``message`` says why. Final."""


class Export(models.Model):
    """One ZIP file, asked for once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.WAITING)
    message = models.CharField(max_length=300, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Things that are in it by now.")
    total = models.PositiveIntegerField(default=0)
    file = models.FileField(max_length=200, blank=True)
    bytes = models.BigIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    worker = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="Who made it last: with a lease, it is theirs.",
    )
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[OwnedQuerySet[Export]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                name="export_one_at_a_time", fields=("owner",), condition=models.Q(status=ExportStatus.WAITING)
            ),
        )

    def __str__(self) -> str:
        return f"export of {self.owner}"

    @property
    def percent(self) -> int:
        """How much of it is there."""
        return min(100, 100 * self.done // self.total) if self.total else 0
