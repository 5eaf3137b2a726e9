"""Delivery: one event on its way to one webhook."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from renderer.models.owned import new_id
from renderer.models.webhook import Event, Webhook


class DeliveryStatus(models.TextChoices):
    """How far it is."""

    WAITING = "waiting", "Waiting"
    """For its first attempt, or for the next one. It stays here while an attempt runs: the attempt holds it by moving
    ``next_attempt_at`` on, so that it comes due again by itself should the worker die."""
    DELIVERED = "delivered", "Delivered"
    """The receiver answered 2xx. Stays until upkeep deletes it, or somebody has it delivered again."""
    FAILED = "failed", "Failed"
    """No attempt is left, or the webhook is off. As the one before."""


class Delivery(models.Model):
    """Written in the transaction of what it tells: the row is the outbox, and no event is lost."""

    webhook_id: UUID

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(editable=False, help_text="The same for all webhooks, and in every attempt.")
    type = models.CharField(max_length=32, choices=Event)
    payload = models.TextField(help_text="The body, byte by byte as it is signed and sent.")
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True, help_text="So long an attempt holds it; nothing while none does.")
    worker = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="Who attempted it last: held, it is theirs."
    )
    last_attempt_at = models.DateTimeField(null=True)
    last_ms = models.PositiveIntegerField(null=True, help_text="How long the last attempt took.")
    last_status = models.PositiveSmallIntegerField(null=True, help_text="What the receiver answered last.")
    message = models.CharField(max_length=300, blank=True, help_text="What came of the last attempt, in a sentence.")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Delivery]]

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=("webhook", "event_id"), name="delivery_once"),
            models.CheckConstraint(
                name="delivery_finished",
                condition=Q(status=DeliveryStatus.WAITING, finished_at=None, next_attempt_at__isnull=False)
                | Q(~Q(status=DeliveryStatus.WAITING), finished_at__isnull=False, next_attempt_at=None),
            ),
        )
        indexes = (
            models.Index(fields=("next_attempt_at",), name="delivery_due", condition=Q(status=DeliveryStatus.WAITING)),
            models.Index(fields=("finished_at",), name="delivery_finished_at"),
            models.Index(fields=("held_until",), name="delivery_held", condition=Q(held_until__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
