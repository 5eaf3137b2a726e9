"""Schedules: what is drawn again, and when."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import schedules as verbs
from renderer.models import Chart, Schedule
from renderer.models.schedule import MissedRuns
from renderer.spec.errors import SpecError
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import chart_page
from renderer.web.forms import ScheduleForm, refuse
from renderer.web.room import room
from renderer.web.summaries import summaries
from renderer.web.upcoming import RUNS, upcoming


@require_GET
@signed_in
def schedules(request: SignedInRequest) -> HttpResponse:
    """All schedules of a person, by when they come due; paused ones last."""
    now = timezone.now()
    rows = list(Schedule.objects.for_user(request.user).select_related("chart").defer("chart__spec", "chart__params"))
    rows.sort(key=lambda schedule: (schedule.next_due_at is None, schedule.next_due_at or now))
    charts = {row.chart_id: row.chart for row in rows}
    shown = {summary.chart.pk: summary for summary in summaries(list(charts.values()))}
    lines = [(upcoming(row, now), shown[row.chart_id]) for row in rows]
    return render(request, "renderer/schedules.html", {"lines": lines})


@require_POST
@signed_in
def create(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Put a chart on a schedule."""
    chart = get_object_or_404(Chart.objects.for_user(request.user).select_related("drawn_by"), pk=pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            verbs.create(
                request.user,
                chart,
                cron=form.cleaned_data["cron"],
                tz=form.cleaned_data["timezone"],
                missed_runs=MissedRuns(form.cleaned_data["missed_runs"]),
            )
        except SpecError as error:
            refuse(form, error.problems)
        else:
            messages.success(request, "It is on a schedule now.")
            return redirect("chart", pk)
    return chart_page(request, chart, form, status=422)


@require_GET
@fragment
def preview(request: SignedInRequest) -> HttpResponse:
    """The next runs of a line that is being typed, or what is wrong with it."""
    context: dict[str, object] = {}
    try:
        context["runs"] = verbs.next_runs(
            request.GET.get("cron", "").strip(),
            request.GET.get("timezone", "").strip() or "UTC",
            after=timezone.now(),
            count=RUNS,
        )
    except SpecError as error:
        context["problems"] = error.problems
    return render(request, "renderer/_runs_preview.html", context)


@require_POST
@signed_in
def pause(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Let nothing come due until it is resumed."""
    verbs.pause(_schedule(request, pk))
    return redirect("schedules")


@require_POST
@signed_in
def resume(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Go on with the next moment."""
    verbs.resume(_schedule(request, pk))
    return redirect("schedules")


@require_POST
@signed_in
def run(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Draw its chart now, beside its own runs."""
    schedule = _schedule(request, pk)
    with room(request):
        verbs.run_now(schedule)
    return redirect("chart", schedule.chart_id)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take a chart off its schedule. Its pictures and past runs stay."""
    schedule = _schedule(request, pk)
    schedule.delete()
    messages.success(request, f"“{schedule.chart.label}” is no longer drawn on that schedule.")
    return redirect("schedules")


def _schedule(request: SignedInRequest, pk: UUID) -> Schedule:
    return get_object_or_404(Schedule.objects.for_user(request.user).select_related("chart"), pk=pk)
