"""Schedules in the admin, with their runs."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from renderer.admin.base import ModelAdmin, ReadOnly, job_link, link_to, tell
from renderer.jobs import cron, schedules
from renderer.models import (
    Run,
    Schedule,
)
from renderer.web.room import room


@admin.register(Schedule)
class ScheduleAdmin(ReadOnly, ModelAdmin[Schedule]):
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
        tell(self, request, done, what, 0, "")


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin[Run]):
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
