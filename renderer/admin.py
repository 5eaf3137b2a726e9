"""The admin: every row to be looked at by operators, and the few things they may do, through the same verbs as all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from renderer.jobs import batches, charts, cron, datasets, lifecycle, queues, schedules
from renderer.jobs.again import again
from renderer.jobs.targets import Target
from renderer.models import (
    ApiToken,
    Attempt,
    Batch,
    BatchItem,
    Beat,
    Chart,
    ChartDataset,
    Dataset,
    DatasetVersion,
    Delivery,
    KeptAnswer,
    Origin,
    PausedQueue,
    RenderJob,
    Rendition,
    Run,
    Schedule,
    ShareLink,
    Tally,
    Variant,
    Webhook,
    Worker,
)
from renderer.models.job import Queue, Trigger
from renderer.web import links, words
from renderer.web.room import room
from renderer.webhooks import deliveries, hooks

if TYPE_CHECKING:
    ChartAdminBase = admin.ModelAdmin[Chart]
    JobAdminBase = admin.ModelAdmin[RenderJob]
    AttemptAdminBase = admin.ModelAdmin[Attempt]
    RenditionAdminBase = admin.ModelAdmin[Rendition]
    OriginAdminBase = admin.ModelAdmin[Origin]
    AnswerAdminBase = admin.ModelAdmin[KeptAnswer]
    ScheduleAdminBase = admin.ModelAdmin[Schedule]
    TokenAdminBase = admin.ModelAdmin[ApiToken]
    ShareLinkAdminBase = admin.ModelAdmin[ShareLink]
    VariantAdminBase = admin.ModelAdmin[Variant]
    WorkerAdminBase = admin.ModelAdmin[Worker]
    DatasetAdminBase = admin.ModelAdmin[Dataset]
    VersionAdminBase = admin.ModelAdmin[DatasetVersion]
    ReaderAdminBase = admin.ModelAdmin[ChartDataset]
    VersionInlineBase = admin.TabularInline[DatasetVersion, Dataset]
    RunAdminBase = admin.ModelAdmin[Run]
    BatchAdminBase = admin.ModelAdmin[Batch]
    BatchItemAdminBase = admin.ModelAdmin[BatchItem]
    BeatAdminBase = admin.ModelAdmin[Beat]
    TallyAdminBase = admin.ModelAdmin[Tally]
    QueueAdminBase = admin.ModelAdmin[PausedQueue]
    WebhookAdminBase = admin.ModelAdmin[Webhook]
    DeliveryAdminBase = admin.ModelAdmin[Delivery]
    AttemptInlineBase = admin.TabularInline[Attempt, RenderJob]
    RenditionInlineBase = admin.TabularInline[Rendition, RenderJob]
    Base = admin.ModelAdmin[Any]
else:
    ChartAdminBase = JobAdminBase = AttemptAdminBase = RenditionAdminBase = admin.ModelAdmin
    ScheduleAdminBase = TokenAdminBase = WorkerAdminBase = TallyAdminBase = QueueAdminBase = Base = admin.ModelAdmin
    RunAdminBase = BatchAdminBase = BatchItemAdminBase = BeatAdminBase = admin.ModelAdmin
    OriginAdminBase = ShareLinkAdminBase = VariantAdminBase = WebhookAdminBase = DeliveryAdminBase = admin.ModelAdmin
    AnswerAdminBase = DatasetAdminBase = VersionAdminBase = ReaderAdminBase = admin.ModelAdmin
    AttemptInlineBase = RenditionInlineBase = VersionInlineBase = admin.TabularInline


class ReadOnly(Base):
    """Rows that nobody writes by hand: their state is the work of the lifecycle."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody; what may be done is done by actions."""
        return False

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


def _done(model_admin: Base, request: HttpRequest, count: int, what: str, rest: int, why: str) -> None:
    if count:
        model_admin.message_user(request, f"{what}: {count}.", messages.SUCCESS)
    if rest:
        model_admin.message_user(request, f"Left alone: {rest} ({why}).", messages.WARNING)


@admin.register(Chart)
class ChartAdmin(ReadOnly, ChartAdminBase):
    """Charts."""

    list_display = ("label", "owner", "figure", "rendered_at", "checked_at", "created_at")
    list_filter = ("created_at", ("figure", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("id", "name", "title", "figure", "owner__username")
    actions = ("draw",)
    fields = (
        "id", "name", "title", "owner", "picture", "alt", "state", "latest_jobs", "figure", "params", "recipe",
        "formats", "recipe_key", "rendered_at", "checked_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("id", "picture", "state", "latest_jobs", "recipe")

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
        _done(self, request, made, "Queued", rows.count() - made, "being drawn already")

    def delete_model(self, request: HttpRequest, obj: Chart) -> None:
        """With its jobs and files."""
        charts.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Chart]) -> None:
        """Each with its jobs and files."""
        for chart in queryset:
            charts.delete(chart)


class AttemptInline(AttemptInlineBase):
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


class RenditionInline(RenditionInlineBase):
    """The files of a job."""

    model = Rendition
    fields = readonly_fields = ("format", "scale", "theme", "on_target", "width", "height", "bytes", "sha256")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(RenderJob)
class RenderJobAdmin(ReadOnly, JobAdminBase):
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
        _done(self, request, made, "Queued again", rows.count() - made, "not ended yet")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, rows: QuerySet[RenderJob]) -> None:
        """Stop what has not ended."""
        stopped = sum(lifecycle.cancel(job) for job in rows)
        _done(self, request, stopped, "Cancelled", rows.count() - stopped, "ended already")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, AttemptAdminBase):
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
class RenditionAdmin(ReadOnly, RenditionAdminBase):
    """Files."""

    list_display = ("id", "job_id", "format", "scale", "theme", "on_target", "width", "height", "bytes")
    list_filter = ("format", "on_target", "theme")
    search_fields = ("job__id", "sha256", "file")


@admin.register(Schedule)
class ScheduleAdmin(ReadOnly, ScheduleAdminBase):
    """Schedules."""

    list_display = (
        "chart", "cron", "timezone", "is_active", "next_due_at", "failures", "paused_reason", "missed_runs", "owner",
    )  # fmt: skip
    list_filter = ("is_active", ("paused_reason", admin.EmptyFieldListFilter), "missed_runs", "timezone")
    list_select_related = ("chart", "owner")
    search_fields = ("id", "cron", "chart__name", "chart__title", "owner__username")
    actions = ("pause", "resume", "run_now")
    readonly_fields = ("words_of_it", "history")

    @admin.display(description="in words")
    def words_of_it(self, schedule: Schedule) -> str:
        """The cron line as a sentence."""
        return cron.in_words(schedule.cron)

    @admin.display(description="last runs")
    def history(self, schedule: Schedule) -> SafeString | str:
        """What became of its last moments."""
        runs = schedule.runs.select_related("job").defer("job__recipe")[:20]
        lines = ((link_to(run, str(run)), run.note) for run in runs)
        return format_html_join("", "<div>{} {}</div>", lines) or "–"

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Let nothing come due."""
        self._each(request, rows, "Paused", schedules.pause)

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Go on with the next moment."""
        self._each(request, rows, "Resumed", schedules.resume)

    @admin.action(description="Run now", permissions=["operate"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Draw their charts, beside their own runs."""
        self._each(request, rows, "Queued", schedules.run_now)

    def _each(
        self, request: HttpRequest, rows: QuerySet[Schedule], what: str, verb: Callable[[Schedule], object]
    ) -> None:
        done = 0
        with room(request):
            for schedule in rows.select_related("chart", "owner"):
                verb(schedule)
                done += 1
        _done(self, request, done, what, 0, "")


@admin.register(Run)
class RunAdmin(ReadOnly, RunAdminBase):
    """What became of the moments of schedules."""

    list_display = ("schedule", "due_at", "outcome", "note", "started_at", "finished_at", "job_link")
    list_filter = ("outcome", "due_at")
    list_select_related = ("schedule",)
    search_fields = ("id", "schedule__id", "job__id", "note")
    fields = ("id", "schedule", "due_at", "outcome", "note", "job_link", "created_at", "started_at", "finished_at")
    readonly_fields = ("id", "job_link")

    @admin.display(description="job")
    def job_link(self, run: Run) -> SafeString | str:
        """Who drew it."""
        return job_link(run.job_id)


@admin.register(Batch)
class BatchAdmin(ReadOnly, BatchAdminBase):
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
        _done(self, request, stopped, "Jobs cancelled", 0, "")


@admin.register(BatchItem)
class BatchItemAdmin(ReadOnly, BatchItemAdminBase):
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


@admin.register(Beat)
class BeatAdmin(ReadOnly, BeatAdminBase):
    """When ticks last came."""

    list_display = ("name", "seen_at")
    search_fields = ("name",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, TokenAdminBase):
    """API tokens: to be seen and revoked (deleted). A secret is shown to its owner alone, who makes it on the pages."""

    list_display = ("name", "hint", "owner", "scopes", "created_at", "expires_at", "last_used_at")
    list_filter = ("created_at", "expires_at", "last_used_at")
    list_select_related = ("owner",)
    search_fields = ("name", "hint", "owner__username")
    fields = ("id", "name", "hint", "owner", "scopes", "created_at", "expires_at", "last_used_at")


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnly, AnswerAdminBase):
    """Idempotency-Keys of the last day; deleted, a key may be used for something else."""

    list_display = ("key", "owner", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("key", "owner__username")
    fields = ("id", "key", "owner", "job_id", "batch_id", "status", "location", "created_at")


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnly, ShareLinkAdminBase):
    """Share links: to be seen and ended (deleted). Their secrets are known to those who have them."""

    list_display = ("__str__", "variant", "owner", "created_at", "expires_at", "revoked_at", "uses", "last_used_at")
    list_filter = ("created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("owner", "variant")
    search_fields = ("name", "hint", "owner__username")
    fields = (
        "id", "name", "hint", "variant", "owner", "created_at", "expires_at", "revoked_at", "uses", "last_used_at",
    )  # fmt: skip


@admin.register(Variant)
class VariantAdmin(ReadOnly, VariantAdminBase):
    """Charts in other formats, sizes and themes."""

    list_display = ("__str__", "format", "width", "scale", "theme")
    list_filter = ("format", "width", "theme")
    search_fields = ("id", "chart__id", "chart__owner__username")
    fields = ("id", "chart", "format", "width", "scale", "theme")


@admin.register(Origin)
class OriginAdmin(ReadOnly, OriginAdminBase):
    """Last good answers of URLs that charts read; deleted, they are fetched anew. Their bodies are shown to nobody."""

    list_display = ("address", "owner", "content_type", "fetched_at", "used_at")
    list_filter = ("fetched_at", "used_at")
    list_select_related = ("owner",)
    search_fields = ("address", "owner__username")
    fields = ("id", "address", "owner", "content_type", "etag", "last_modified", "sha256", "fetched_at", "used_at")


@admin.register(Webhook)
class WebhookAdmin(ReadOnly, WebhookAdminBase):
    """Webhooks: to be seen, switched off and on, deleted. Their secrets are shown to nobody."""

    list_display = ("__str__", "owner", "is_active", "failures", "failing_since", "disabled_reason", "created_at")
    list_filter = ("is_active", "created_at")
    list_select_related = ("owner",)
    search_fields = ("id", "name", "url", "owner__username")
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
        _done(self, request, len(found), what, 0, "")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, DeliveryAdminBase):
    """Deliveries to webhooks."""

    list_display = ("type", "webhook", "status", "attempts", "last_status", "message", "next_attempt_at", "created_at")
    list_filter = ("status", "type", "created_at")
    list_select_related = ("webhook",)
    search_fields = ("id", "event_id", "webhook__url", "webhook__owner__username")
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
        _done(self, request, again, "Sent once more", len(found) - again, "waiting already")


@admin.register(Worker)
class WorkerAdmin(ReadOnly, WorkerAdminBase):
    """Worker processes and their last sign of life."""

    list_display = ("name", "state", "queues", "concurrency", "started_at", "seen_at")
    list_filter = ("seen_at",)
    search_fields = ("name",)

    @admin.display(description="state")
    def state(self, worker: Worker) -> str:
        """What it is now."""
        return worker.state(timezone.now()).label


@admin.register(Tally)
class TallyAdmin(ReadOnly, TallyAdminBase):
    """What /metrics has counted."""

    list_display = ("name", "labels", "numbers", "counted_until")
    list_filter = ("name",)
    search_fields = ("name", "labels")


@admin.register(PausedQueue)
class PausedQueueAdmin(QueueAdminBase):
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


class VersionInline(VersionInlineBase):
    """The uploads of a dataset."""

    model = DatasetVersion
    fields = readonly_fields = ("number", "status", "message", "format", "rows", "bytes", "created_at", "finished_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Dataset)
class DatasetAdmin(ReadOnly, DatasetAdminBase):
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
class DatasetVersionAdmin(ReadOnly, VersionAdminBase):
    """Uploads, those that failed among them."""

    list_display = ("dataset", "number", "status", "message", "format", "rows", "bytes", "attempt", "created_at")
    list_filter = ("status", "format", "created_at")
    list_select_related = ("dataset",)
    search_fields = ("id", "dataset__name", "source_name", "sha256", "request_id", "message")
    exclude = ("columns", "file", "upload")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a version goes when newer ones take its place, or with its dataset."""
        return False


@admin.register(ChartDataset)
class ChartDatasetAdmin(ReadOnly, ReaderAdminBase):
    """Which chart reads which dataset."""

    list_display = ("name", "chart")
    list_select_related = ("chart",)
    search_fields = ("name", "chart__id", "chart__name", "chart__title")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: it follows the chart's recipe."""
        return False
