"""Webhooks in the admin, with their deliveries."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from renderer.admin.base import ModelAdmin, ReadOnly, tell
from renderer.models import (
    Delivery,
    Webhook,
)
from renderer.webhooks import deliveries, hooks


@admin.register(Webhook)
class WebhookAdmin(ReadOnly, ModelAdmin[Webhook]):
    """Webhooks: to be seen, switched off and on, deleted. Their secrets are shown to nobody."""

    list_display = ("__str__", "owner", "is_active", "failures", "failing_since", "disabled_reason", "created_at")
    list_filter = ("is_active", "created_at")
    list_select_related = ("owner",)
    search_fields = ("id", "name", "owner__username")
    actions = ("switch_off", "switch_on")
    fields = (
        "id", "name", "owner", "url", "events", "is_active", "failures", "failing_since", "disabled_at",
        "disabled_reason", "previous_until", "created_at",
    )  # fmt: skip

    @admin.action(description="Switch off", permissions=["operate"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Webhook]) -> None:
        """Send nothing more there."""
        self._each(request, rows.filter(is_active=True), "Switched off", hooks.switch_off)

    @admin.action(description="Switch on", permissions=["operate"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Webhook]) -> None:
        """Send what happens from now on."""
        self._each(request, rows.filter(is_active=False), "Switched on", hooks.switch_on)

    def _each(
        self, request: HttpRequest, rows: QuerySet[Webhook], what: str, verb: Callable[[Webhook], object]
    ) -> None:
        found = list(rows)
        for hook in found:
            verb(hook)
        tell(self, request, len(found), what, 0, "")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin[Delivery]):
    """Deliveries to webhooks."""

    list_display = ("type", "webhook", "status", "attempts", "last_status", "message", "next_attempt_at", "created_at")
    list_filter = ("status", "type", "created_at")
    list_select_related = ("webhook",)
    search_fields = ("id", "event_id", "webhook__name", "webhook__owner__username")
    actions = ("redeliver",)
    fields = (
        "id", "event_id", "webhook", "type", "payload", "status", "attempts", "next_attempt_at", "last_attempt_at",
        "last_ms", "last_status", "message", "created_at", "finished_at",
    )  # fmt: skip

    @admin.action(description="Deliver again", permissions=["operate"])
    def redeliver(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        """Send them once more."""
        found = list(rows)
        again = sum(deliveries.redeliver(row) for row in found)
        tell(self, request, again, "Sent once more", len(found) - again, "waiting already")
