"""Charts in the admin: the charts, their other looks, links to them, and which datasets they read."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from renderer.admin.base import ModelAdmin, ReadOnly, block, link_to, tell
from renderer.jobs import charts, tags
from renderer.jobs.targets import Target
from renderer.models import (
    Chart,
    ChartDataset,
    ShareLink,
    Tag,
    Variant,
)
from renderer.models.job import Trigger
from renderer.web import links, words
from renderer.web.room import room


@admin.register(Chart)
class ChartAdmin(ReadOnly, ModelAdmin[Chart]):
    """Charts."""

    list_display = ("label", "owner", "kind", "figure", "rendered_at", "checked_at", "created_at")
    list_filter = ("created_at", "kind", ("figure", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("id", "name", "title", "figure", "tags__name", "owner__username")
    actions = ("draw",)
    fields = (
        "id", "name", "title", "owner", "picture", "alt", "state", "latest_jobs", "kind", "tag_names",
        "figure", "params", "recipe", "formats", "recipe_key", "rendered_at", "checked_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("id", "picture", "state", "latest_jobs", "tag_names", "recipe")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chart]:
        """Without the specs in lists: they may carry their data."""
        rows = super().get_queryset(request)
        listed = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("_changelist")
        return rows.defer("spec", "params") if listed else rows

    def get_fields(self, request: HttpRequest, obj: Chart | None = None) -> Any:
        """Without the picture of somebody else: the API shows it to its owner alone."""
        mine = obj is not None and obj.owner == request.user
        return [name for name in super().get_fields(request, obj) if name != "picture" or mine]

    @admin.display(description="state")
    def state(self, chart: Chart) -> str:
        """The word of its latest job."""
        job = Target.of(chart, "image").jobs().defer("recipe").first()
        return words.state_of(job, has_picture=bool(chart.image)).label

    @admin.display(description="picture")
    def picture(self, chart: Chart) -> SafeString | str:
        """The last good one, from the address that everybody gets it from."""
        shown = links.pictures([chart]).get(chart.pk)
        if shown is None:
            return "–"
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}">', shown.url, shown.alt, shown.width // 2, shown.height // 2
        )

    @admin.display(description="latest jobs")
    def latest_jobs(self, chart: Chart) -> SafeString | str:
        """Its last ten."""
        jobs = Target.of(chart, "image").jobs().defer("recipe")[:10]
        lines = [link_to(job, f"{job.created_at:%Y-%m-%d %H:%M:%S}: {job.status}") for job in jobs]
        return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))

    @admin.display(description="tags")
    def tag_names(self, chart: Chart) -> str:
        """Words to find it by."""
        return ", ".join(tags.of([chart]).get(chart.pk, [])) or "–"

    @admin.display(description="spec")
    def recipe(self, chart: Chart) -> SafeString | str:
        """The spec."""
        return block(json.dumps(chart.spec, indent=2, ensure_ascii=False) if chart.spec is not None else "")

    @admin.action(description="Render again", permissions=["operate"])
    def draw(self, request: HttpRequest, rows: QuerySet[Chart]) -> None:
        """Have them drawn."""
        made = 0
        with room(request):
            for chart in rows:
                made += charts.render(chart, trigger=Trigger.WEB, force=True).created
        tell(self, request, made, "Queued", rows.count() - made, "being drawn already")

    def delete_model(self, request: HttpRequest, obj: Chart) -> None:
        """With its jobs and files."""
        charts.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Chart]) -> None:
        """Each with its jobs and files."""
        for chart in queryset:
            charts.delete(chart)


@admin.register(Variant)
class VariantAdmin(ReadOnly, ModelAdmin[Variant]):
    """Charts in other formats, sizes and themes."""

    list_display = ("__str__", "format", "width", "scale", "theme")
    list_filter = ("format", "width", "theme")
    search_fields = ("id", "chart__id", "chart__owner__username")
    fields = ("id", "chart", "format", "width", "scale", "theme")


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnly, ModelAdmin[ShareLink]):
    """Share links: to be seen and ended (deleted). Their secrets are known to those who have them."""

    list_display = ("__str__", "variant", "owner", "created_at", "expires_at", "revoked_at", "uses", "last_used_at")
    list_filter = ("created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("owner", "variant")
    search_fields = ("name", "hint", "owner__username")
    fields = (
        "id", "name", "hint", "variant", "owner", "created_at", "expires_at", "revoked_at", "uses", "last_used_at",
    )  # fmt: skip


@admin.register(Tag)
class TagAdmin(ReadOnly, ModelAdmin[Tag]):
    """Words on charts."""

    list_display = ("name", "chart", "owner")
    list_select_related = ("chart", "owner")
    search_fields = ("name", "chart__id", "owner__username")


@admin.register(ChartDataset)
class ChartDatasetAdmin(ReadOnly, ModelAdmin[ChartDataset]):
    """Which chart reads which dataset."""

    list_display = ("name", "chart")
    list_select_related = ("chart",)
    search_fields = ("name", "chart__id", "chart__name", "chart__title")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: it follows the chart's recipe."""
        return False
