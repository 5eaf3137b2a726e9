"""What the pages of the admin have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from renderer import audit

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ModelAdmin
    from django.contrib.admin import TabularInline as TabularInline
else:

    class ModelAdmin(admin.ModelAdmin):
        """Django's, which can say of which model it is to type checkers only."""

        def __class_getitem__(cls, model: object) -> type[ModelAdmin]:
            return cls

    class TabularInline(admin.TabularInline):
        """The same."""

        def __class_getitem__(cls, models: object) -> type[TabularInline]:
            return cls


class ReadOnly(ModelAdmin[Any]):
    """Rows that nobody writes by hand: their state is the work of the lifecycle."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody; what may be done is done by actions."""
        return False

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        """Of several rows Django tells nobody, so they are told here."""
        entries = super().log_deletions(request, queryset)
        if len(entries) > 1:
            for entry in entries:
                audit.administered(entry)
        return entries

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may run the actions: whoever may change such rows."""
        return super().has_change_permission(request)


def link_to(row: models.Model | None, text: str = "") -> SafeString | str:
    """A link to a row's own page in the admin."""
    if row is None:
        return "–"
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, text or str(row))


def job_link(pk: UUID | None) -> SafeString | str:
    """A link to a job, of which no more than the id was read: its recipe may be megabytes of data."""
    if pk is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("admin:renderer_renderjob_change", args=[pk]), pk)


def block(text: str) -> SafeString | str:
    """A text with its lines."""
    return format_html("<pre>{}</pre>", text) if text else "–"


def tell(model_admin: ModelAdmin[Any], request: HttpRequest, count: int, what: str, rest: int, why: str) -> None:
    """Say to how many rows something was done, and why the rest was left alone."""
    if count:
        model_admin.message_user(request, f"{what}: {count}.", messages.SUCCESS)
    if rest:
        model_admin.message_user(request, f"Left alone: {rest} ({why}).", messages.WARNING)
