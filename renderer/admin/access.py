"""Access in the admin: tokens, workspaces and their members, and the keys of requests that may come twice."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from renderer.admin.base import ModelAdmin, ReadOnly, TabularInline
from renderer.models import (
    ApiToken,
    KeptAnswer,
    Membership,
    Workspace,
)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, ModelAdmin[ApiToken]):
    """API tokens: to be seen and revoked (deleted). A secret is shown to its owner alone, who makes it on the pages."""

    list_display = ("name", "hint", "owner", "made_by", "scopes", "created_at", "expires_at", "last_used_at")
    list_filter = ("created_at", "expires_at", "last_used_at")
    list_select_related = ("owner", "made_by")
    search_fields = ("name", "hint", "owner__username")
    fields = ("id", "name", "hint", "owner", "made_by", "scopes", "created_at", "expires_at", "last_used_at")


@admin.register(Membership)
class MembershipAdmin(ReadOnly, ModelAdmin[Membership]):
    """Who is in which workspace: to be seen and ended (deleted). Roles are mended on the workspace's own page."""

    list_display = ("workspace", "user", "role", "created_at")
    list_filter = ("role", "created_at")
    list_select_related = ("workspace", "user")
    search_fields = ("workspace__name", "user__username")
    fields = ("id", "workspace", "user", "role", "created_at")


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnly, ModelAdmin[KeptAnswer]):
    """Idempotency-Keys of the last day; deleted, a key may be used for something else."""

    list_display = ("key", "owner", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("key", "owner__username")
    fields = ("id", "key", "owner", "job_id", "batch_id", "version_id", "status", "location", "created_at")


class MembershipInline(TabularInline[Membership, Workspace]):
    """Who is in a workspace: the way back in, if its last owner is gone."""

    model = Membership
    extra = 0
    fields = ("user", "role")
    autocomplete_fields = ("user",)


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin[Workspace]):
    """Workspaces and their members. They are made on the pages, and deleted there when they are empty."""

    list_display = ("name", "account", "created_at")
    list_select_related = ("account",)
    search_fields = ("name", "memberships__user__username")
    fields = ("id", "name", "account", "created_at")
    readonly_fields = ("id", "account", "created_at")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: an account is made with it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: its charts' files would stay."""
        return False
