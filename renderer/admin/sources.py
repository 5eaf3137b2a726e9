"""Sources in the admin: datasets with their versions, and what is kept of URLs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from renderer.admin.base import ModelAdmin, ReadOnly, TabularInline
from renderer.jobs import datasets
from renderer.models import (
    Dataset,
    DatasetVersion,
    Origin,
)


class VersionInline(TabularInline[DatasetVersion, Dataset]):
    """The uploads of a dataset."""

    model = DatasetVersion
    fields = readonly_fields = ("number", "status", "message", "format", "rows", "bytes", "created_at", "finished_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Dataset)
class DatasetAdmin(ReadOnly, ModelAdmin[Dataset]):
    """Datasets: what there is, and how much of it. Their rows are shown to their owner alone, by the API."""

    list_display = ("name", "title", "owner", "rows", "size", "updated_at")
    list_filter = ("updated_at",)
    list_select_related = ("owner", "current")
    search_fields = ("id", "name", "title", "owner__username")
    fields = ("id", "name", "title", "description", "owner", "rows", "size", "created_at", "updated_at")
    readonly_fields = ("id", "rows", "size")
    inlines = (VersionInline,)

    def delete_model(self, request: HttpRequest, obj: Dataset) -> None:
        """With its files."""
        datasets.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Dataset]) -> None:
        """With their files."""
        for dataset in queryset:
            datasets.delete(dataset)

    @admin.display(description="rows")
    def rows(self, dataset: Dataset) -> str:
        """Of the current version."""
        return f"{dataset.current.rows:,}" if dataset.current else "–"

    @admin.display(description="size")
    def size(self, dataset: Dataset) -> str:
        """Of the current version."""
        return filesizeformat(dataset.current.bytes) if dataset.current else "–"


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnly, ModelAdmin[DatasetVersion]):
    """Uploads, those that failed among them."""

    list_display = ("dataset", "number", "status", "message", "format", "rows", "bytes", "attempt", "created_at")
    list_filter = ("status", "format", "created_at")
    list_select_related = ("dataset",)
    search_fields = ("id", "dataset__name", "source_name", "sha256", "request_id", "message")
    exclude = ("columns", "file", "upload")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a version goes when newer ones take its place, or with its dataset."""
        return False


@admin.register(Origin)
class OriginAdmin(ReadOnly, ModelAdmin[Origin]):
    """Last good answers of URLs that charts read; deleted, they are fetched anew. Their bodies are shown to nobody."""

    list_display = ("address", "owner", "content_type", "fetched_at", "used_at")
    list_filter = ("fetched_at", "used_at")
    list_select_related = ("owner",)
    search_fields = ("address", "owner__username")
    fields = ("id", "address", "owner", "content_type", "etag", "last_modified", "sha256", "fetched_at", "used_at")
