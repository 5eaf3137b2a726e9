"""Access in the admin: tokens, and the keys of requests that may come twice."""

from __future__ import annotations

from django.contrib import admin

from renderer.admin.base import ModelAdmin, ReadOnly
from renderer.models import (
    ApiToken,
    KeptAnswer,
)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, ModelAdmin[ApiToken]):
    """API tokens: to be seen and revoked (deleted). A secret is shown to its owner alone, who makes it on the pages."""

    list_display = ("name", "hint", "owner", "scopes", "created_at", "expires_at", "last_used_at")
    list_filter = ("created_at", "expires_at", "last_used_at")
    list_select_related = ("owner",)
    search_fields = ("name", "hint", "owner__username")
    fields = ("id", "name", "hint", "owner", "scopes", "created_at", "expires_at", "last_used_at")


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnly, ModelAdmin[KeptAnswer]):
    """Idempotency-Keys of the last day; deleted, a key may be used for something else."""

    list_display = ("key", "owner", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("key", "owner__username")
    fields = ("id", "key", "owner", "job_id", "batch_id", "status", "location", "created_at")
