"""Jobs in the admin, with their attempts and files, and the queues that are paused."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from renderer.admin.base import ModelAdmin, ReadOnly, TabularInline, block, job_link, link_to, tell
from renderer.jobs import lifecycle, queues
from renderer.jobs.again import again
from renderer.jobs.targets import Target
from renderer.models import (
    Attempt,
    PausedQueue,
    RenderJob,
    Rendition,
)
from renderer.models.job import Queue
from renderer.web.room import room


class AttemptInline(TabularInline[Attempt, RenderJob]):
    """The attempts of a job."""

    model = Attempt
    fields = readonly_fields = ("number", "worker", "started_at", "ended_at", "outcome", "result")
    extra = 0
    can_delete = False

    @admin.display(description="task result")
    def result(self, attempt: Attempt) -> SafeString | str:
        """Celery's, with the traceback."""
        return link_to(attempt.task_result, attempt.task_id)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class RenditionInline(TabularInline[Rendition, RenderJob]):
    """The files of a job."""

    model = Rendition
    fields = readonly_fields = (
        "format",
        "scale",
        "theme",
        "on_target",
        "is_thumbnail",
        "width",
        "height",
        "bytes",
        "sha256",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(RenderJob)
class RenderJobAdmin(ReadOnly, ModelAdmin[RenderJob]):
    """Jobs. Their state moves by the lifecycle's verbs alone."""

    list_display = (
        "id", "status", "reason", "target", "trigger", "queue", "attempt", "owner", "created_at", "waited", "took",
    )  # fmt: skip
    list_filter = ("status", "reason", "unchanged", "queue", "trigger", "created_at", "target_model")
    list_select_related = ("owner",)
    search_fields = ("id", "target_id", "content_key", "request_id", "message", "worker", "owner__username")
    actions = ("retry", "cancel")
    inlines = (AttemptInline, RenditionInline)
    exclude = ("recipe", "target_model", "target_id", "target_field", "schedule")
    readonly_fields = ("id", "onto", "scheduled", "figure", "what", "traceback")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RenderJob]:
        """Without the recipes in lists: they may carry their data."""
        rows = super().get_queryset(request)
        listed = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("_changelist")
        return rows.defer("recipe") if listed else rows

    @admin.display(description="target")
    def target(self, job: RenderJob) -> str:
        """Where the picture goes."""
        return f"{job.target_model} {job.target_id} · {job.target_field}"

    @admin.display(description="target")
    def onto(self, job: RenderJob) -> SafeString | str:
        """Where the picture goes, as a link where the admin knows the model."""
        try:
            row = Target.of_job(job).row().first()
        except LookupError:  # the app is not installed any more
            row = None
        if row is None or not admin.site.is_registered(type(row)):
            return self.target(job)
        return link_to(row, self.target(job))

    @admin.display(description="schedule")
    def scheduled(self, job: RenderJob) -> SafeString | str:
        """What it came due by."""
        return link_to(job.schedule)

    @admin.display(description="recipe")
    def what(self, job: RenderJob) -> SafeString | str:
        """What is drawn."""
        return block(json.dumps(job.recipe, indent=2, ensure_ascii=False))

    @admin.display(description="traceback")
    def traceback(self, job: RenderJob) -> SafeString | str:
        """Of its last attempt."""
        attempt = job.attempts.last()
        result = attempt.task_result if attempt else None
        return block(str(result.traceback or "") if result else "")

    @admin.action(description="Try again", permissions=["operate"])
    def retry(self, request: HttpRequest, rows: QuerySet[RenderJob]) -> None:
        """Ask once more for what ended; each is a new job."""
        made = 0
        with room(request):
            for job in rows:
                made += job.is_final and again(job).created
        tell(self, request, made, "Queued again", rows.count() - made, "not ended yet")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, rows: QuerySet[RenderJob]) -> None:
        """Stop what has not ended."""
        stopped = sum(lifecycle.cancel(job) for job in rows)
        tell(self, request, stopped, "Cancelled", rows.count() - stopped, "ended already")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, ModelAdmin[Attempt]):
    """Attempts."""

    list_display = ("job_link", "number", "worker", "started_at", "ended_at", "outcome", "task_id")
    list_filter = ("started_at",)
    search_fields = ("job__id", "task_id", "worker")
    fields = ("job_link", "number", "worker", "started_at", "ended_at", "outcome", "task_id", "result", "traceback")
    readonly_fields = ("job_link", "result", "traceback")

    @admin.display(description="job")
    def job_link(self, attempt: Attempt) -> SafeString | str:
        """Its job."""
        return job_link(attempt.job_id)

    @admin.display(description="task result")
    def result(self, attempt: Attempt) -> SafeString | str:
        """Celery's."""
        return link_to(attempt.task_result, attempt.task_id)

    @admin.display(description="traceback")
    def traceback(self, attempt: Attempt) -> SafeString | str:
        """What Celery's result backend kept."""
        result = attempt.task_result
        return block(str(result.traceback or "") if result else "")


@admin.register(Rendition)
class RenditionAdmin(ReadOnly, ModelAdmin[Rendition]):
    """Files."""

    list_display = ("id", "job_id", "format", "scale", "theme", "on_target", "width", "height", "bytes")
    list_filter = ("format", "on_target", "is_thumbnail", "theme")
    search_fields = ("job__id", "sha256", "file")


@admin.register(PausedQueue)
class PausedQueueAdmin(ModelAdmin[PausedQueue]):
    """Queues that are paused: to add a row pauses one, to delete it lets the queue go on."""

    list_display = ("queue", "paused_at")
    fields = ("queue",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: there is nothing to be changed about it."""
        return False

    def save_model(self, request: HttpRequest, obj: PausedQueue, form: Any, change: bool) -> None:
        """Pause it."""
        queues.pause(Queue(obj.queue))

    def delete_model(self, request: HttpRequest, obj: PausedQueue) -> None:
        """Let it go on."""
        queues.resume(Queue(obj.queue))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PausedQueue]) -> None:
        """Let them go on."""
        for row in queryset:
            queues.resume(Queue(row.queue))
