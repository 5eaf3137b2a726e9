"""Schedules: what is drawn again, and when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import cron
from renderer.jobs import schedules as verbs
from renderer.models import Chart, Run, Schedule
from renderer.models.run import Outcome
from renderer.spec.errors import SpecError
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import chart_page, uuid_or_none
from renderer.web.forms import CRON_EXAMPLES, ScheduleForm, refuse, zones
from renderer.web.live import Live
from renderer.web.room import room
from renderer.web.summaries import summaries
from renderer.web.upcoming import RUNS, glances

A_PAGE = 50


@require_GET
@signed_in
def schedules(request: SignedInRequest) -> HttpResponse:
    """All schedules of a person, by when they come due; paused ones last."""
    now = timezone.now()
    rows = list(
        Schedule.objects.for_user(request.account).select_related("chart").defer("chart__spec", "chart__params")
    )
    rows.sort(key=lambda schedule: (schedule.next_due_at is None, schedule.next_due_at or now))
    charts = {row.chart_id: row.chart for row in rows}
    shown = {summary.chart.pk: summary for summary in summaries(list(charts.values()))}
    lines = [(glance, shown[glance.schedule.chart_id]) for glance in glances(rows, now)]
    context = {"lines": lines} | (_silence(now) if any(row.is_active for row in rows) else {})
    return render(request, "renderer/schedules.html", context)


@require_GET
@signed_in
def schedule(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One schedule: what it does, when it runs next, and what became of its runs."""
    row = _schedule(request, pk)
    return _page(request, row, ScheduleForm.of(row))


@require_GET
@fragment
def schedule_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What became of its runs, while one of them has not ended."""
    return _history(request, _schedule(request, pk)).answer(request)


@require_POST
@signed_in
def change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Change a schedule; from now on the new plan counts."""
    row = _schedule(request, pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            verbs.change(row, **form.plan())
        except SpecError as error:
            refuse(form, error.problems)
        else:
            messages.success(request, "It is changed.")
            return redirect("schedule", pk)
    return _page(request, _schedule(request, pk), form, status=422)


def _page(request: SignedInRequest, row: Schedule, form: ScheduleForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    (glance,) = glances([row], now)
    zone = cron.zone_of(row.timezone)
    context = {
        "schedule": row,
        "glance": glance,
        "next": [(run, run.at.astimezone(zone)) for run in glance.runs],
        "offset": verbs.offset(row),
        "live": _history(request, row).html(request),
        "schedule_form": form,
        "cron_examples": CRON_EXAMPLES,
        "zones": zones(),
    }
    return render(request, "renderer/schedule.html", context | _silence(now), status=status)


def _history(request: SignedInRequest, row: Schedule) -> Live:
    before = uuid_or_none(request.GET.get("before", ""))
    rows = Run.objects.filter(schedule=row).select_related("job").defer("job__recipe")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: A_PAGE + 1])
    shown = found[:A_PAGE]
    return Live(
        name="runs",
        template="renderer/_schedule_runs.html",
        url=reverse("schedule-live", args=[row.pk]) + (f"?before={before}" if before else ""),
        every=5 if any(run.outcome == Outcome.PENDING for run in shown) else 0,
        context={
            "runs": [(run, words.state_of_run(run)) for run in shown],
            "older": shown[-1].pk if len(found) > A_PAGE else None,
            "is_first": not before,
        },
    )


def _silence(now: datetime) -> dict[str, object]:
    """Why schedules may stand still."""
    no_worker = words.no_worker(now)
    return {"no_worker": no_worker, "no_beat": None if no_worker else words.no_beat(now)}


@require_POST
@signed_in
def create(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Put a chart on a schedule."""
    chart = get_object_or_404(Chart.objects.for_user(request.account).select_related("drawn_by"), pk=pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            verbs.create(request.account, chart, **form.plan())
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
    line = request.GET.get("cron", "").strip()
    zone = request.GET.get("timezone", "").strip() or "UTC"
    try:
        context["runs"] = verbs.preview(line, zone, after=timezone.now(), count=RUNS)
        context["words"] = cron.in_words(line)
    except SpecError as error:
        context["problems"] = error.problems
    return render(request, "renderer/_runs_preview.html", context)


@require_POST
@signed_in
def pause(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Let nothing come due until it is resumed."""
    verbs.pause(_schedule(request, pk))
    return _back(request, pk)


@require_POST
@signed_in
def resume(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Go on with the next moment."""
    verbs.resume(_schedule(request, pk))
    return _back(request, pk)


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


def _back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """To the schedule's own page if it was done there, else to the list."""
    return redirect("schedule", pk) if request.GET.get("from") == "page" else redirect("schedules")


def _schedule(request: SignedInRequest, pk: UUID) -> Schedule:
    return get_object_or_404(Schedule.objects.for_user(request.account).select_related("chart"), pk=pk)
