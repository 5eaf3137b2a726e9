"""Batches in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from renderer.admin.base import ModelAdmin, ReadOnly, job_link, tell
from renderer.jobs import batches
from renderer.models import (
    Batch,
    BatchItem,
)


@admin.register(Batch)
class BatchAdmin(ReadOnly, ModelAdmin[Batch]):
    """Batches."""

    list_display = ("label", "owner", "total", "created_at", "cancelled_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("id", "name", "request_id", "owner__username")
    actions = ("cancel",)
    fields = ("id", "name", "owner", "total", "progress", "request_id", "created_at", "cancelled_at")
    readonly_fields = ("id", "progress")

    @admin.display(description="progress")
    def progress(self, batch: Batch) -> str:
        """How many charts are in which state."""
        counts = batches.progress(batch).counts
        return ", ".join(f"{n} {state}" for state, n in counts.items() if n)

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Batch]) -> None:
        """Stop what has not ended, and what nobody else waits for."""
        stopped = sum(batches.cancel(batch) for batch in rows)
        tell(self, request, stopped, "Jobs cancelled", 0, "")


@admin.register(BatchItem)
class BatchItemAdmin(ReadOnly, ModelAdmin[BatchItem]):
    """The charts of batches."""

    list_display = ("batch", "position", "chart_id", "job_link", "is_own")
    list_filter = ("is_own",)
    list_select_related = ("batch",)
    search_fields = ("batch__id", "chart__id", "job__id")
    fields = ("id", "batch", "position", "chart", "job_link", "is_own")
    readonly_fields = ("id", "job_link")

    @admin.display(description="job")
    def job_link(self, item: BatchItem) -> SafeString | str:
        """Who draws it."""
        return job_link(item.job_id)
