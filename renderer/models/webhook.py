"""Webhook: an address that is told what became of somebody's jobs and schedules."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from renderer.models.owned import OwnedQuerySet, new_id
from renderer.models.sealed import SealedText


class Event(models.TextChoices):
    """What is told. The words are part of the payload, and never change their meaning."""

    RENDER_SUCCEEDED = "render.succeeded", "A chart was drawn"
    RENDER_FAILED = "render.failed", "A chart could not be drawn"
    RENDER_CANCELLED = "render.cancelled", "A job was cancelled"
    RENDER_EXPIRED = "render.expired", "A job was not drawn in time"
    SCHEDULE_PAUSED = "schedule.paused", "A schedule was paused"
    TEST = "webhook.test", "A test"


SUBSCRIBABLE: Final = tuple(event for event in Event if event is not Event.TEST)
"""What a webhook may want to hear of; a test comes to every one that is tested."""


def all_events() -> list[str]:
    """What a webhook hears of by default."""
    return [event.value for event in SUBSCRIBABLE]


class Webhook(models.Model):
    """Where one owner's events go. Its secret is not here: ``renderer.webhooks.keys`` makes it from a seed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=100, blank=True)
    url = SealedText(max_length=2048, help_text="Encrypted: for many a receiver whoever knows its address may write.")
    events = models.JSONField(default=all_events)

    seed = models.CharField(max_length=64, editable=False, help_text="What the secret is made from.")
    previous_seed = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(
        null=True, editable=False, help_text="So long the secret before the last rotation signs, too."
    )

    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed in a row, up to the last.")
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=300, blank=True, help_text="Why it was switched off by itself.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OwnedQuerySet[Webhook]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name or self.url
