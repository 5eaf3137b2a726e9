"""People in the admin: second factors, single sign-on, copies, and the audit log.

Sessions are not there: the address of a row would be the key that signs somebody in.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from renderer.accounts import factors
from renderer.admin.base import ModelAdmin, ReadOnly
from renderer.jobs import exports
from renderer.models import AuditEntry, Export, Identity, SecondFactor


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnly, ModelAdmin[SecondFactor]):
    """Who has one. Deleted, for somebody who has lost app and recovery codes, their password alone signs them in."""

    list_display = ("user", "confirmed_at", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "confirmed_at", "created_at")

    def delete_model(self, request: HttpRequest, obj: SecondFactor) -> None:
        """With a line in its owner's log."""
        factors.switch_off(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SecondFactor]) -> None:
        """With a line in each owner's log."""
        for factor in queryset.select_related("user"):
            factors.switch_off(factor.user)


@admin.register(Identity)
class IdentityAdmin(ReadOnly, ModelAdmin[Identity]):
    """Who signs in by the provider of single sign-on; deleted, that is another person there."""

    list_display = ("user", "issuer", "subject", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "subject")
    fields = ("id", "user", "issuer", "subject", "created_at")


@admin.register(Export)
class ExportAdmin(ReadOnly, ModelAdmin[Export]):
    """Copies that people asked for. They are downloaded by their owners alone."""

    list_display = ("owner", "status", "done", "total", "bytes", "created_at", "finished_at")
    list_filter = ("status", "created_at")
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    fields = ("id", "owner", "status", "message", "done", "total", "bytes", "attempt", "created_at", "finished_at")

    def delete_model(self, request: HttpRequest, obj: Export) -> None:
        """With its file."""
        with transaction.atomic():
            exports.drop(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        """With their files."""
        with transaction.atomic():
            for export in queryset:
                exports.drop(export)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin[AuditEntry]):
    """The audit log: to be read, and by nobody changed."""

    list_display = ("at", "action", "object", "actor_name", "owner", "via", "address")
    list_filter = ("action", "at")
    list_select_related = ("owner",)
    search_fields = ("object", "actor_name", "owner__username", "request_id")
    fields = ("id", "at", "action", "object", "actor", "actor_name", "owner", "via", "address", "request_id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
