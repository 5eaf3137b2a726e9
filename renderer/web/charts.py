"""Charts: the gallery, and one chart with its picture, its runs and what can be done with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import charts, lifecycle
from renderer.jobs.targets import Target
from renderer.models import Chart, Schedule, ShareLink
from renderer.models.job import Status, Trigger
from renderer.web import links, words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.forms import CRON_EXAMPLES, ScheduleForm, ShareForm, zones
from renderer.web.live import Live, pace
from renderer.web.room import room
from renderer.web.snippets import snippets
from renderer.web.starters import written
from renderer.web.story import traceback_of
from renderer.web.summaries import Summary, summaries
from renderer.web.upcoming import glances

RUNS = 10


@require_GET
@signed_in
def chart(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One chart."""
    row = find(request, pk)
    return chart_page(request, row, ScheduleForm())


def chart_page(
    request: SignedInRequest,
    row: Chart,
    schedule_form: ScheduleForm,
    status: int = 200,
    *,
    share_form: ShareForm | None = None,
    share_url: str = "",
) -> HttpResponse:
    """A chart's page, with forms that may have come back with errors, and a new link, which is shown this once."""
    now = timezone.now()
    live, summary = _chart_live(request, row, now)
    schedules = list(Schedule.objects.for_user(request.account).filter(chart=row))
    active = any(schedule.is_active for schedule in schedules)
    context = {
        "chart": row,
        "summary": summary,
        "live": live.html(request),
        "frame": _frame(row),
        "spec_text": written(row.spec) if row.spec is not None else "",
        "schedules": glances(schedules, now),
        "no_beat": words.no_beat(now) if active else None,
        "schedule_form": schedule_form,
        "opens": request.GET.get("open", ""),
        "cron_examples": CRON_EXAMPLES,
        "zones": zones(),
        "snippets": snippets(row, f"{request.scheme}://{request.get_host()}"),
        "share_form": share_form or ShareForm(auto_id=ShareForm.ids),
        "share_url": share_url,
        "shares": ShareLink.objects.for_user(request.account)
        .filter(ShareLink.living(), variant__chart=row)
        .select_related("variant"),
    }
    return render(request, "renderer/chart.html", context, status=status)


@require_GET
@fragment
def chart_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How a chart stands, while it is drawn."""
    live, _ = _chart_live(request, find(request, pk), timezone.now())
    return live.answer(request)


def _chart_live(request: SignedInRequest, row: Chart, now: datetime) -> tuple[Live, Summary]:
    (summary,) = summaries([row])
    files = links.downloads(row) if summary.picture else []
    job = summary.job
    failed = job is not None and job.status == Status.FAILED
    live = Live(
        name="status",
        template="renderer/_chart_status.html",
        url=reverse("chart-live", args=[row.pk]),
        every=pace(job, now),
        about=str(row.pk),
        context={
            "summary": summary,
            "chart": row,
            "job": job,
            "sentence": words.sentence(job, now) if job else "",
            "advice": words.advice(job) if job else "",
            "warnings": row.drawn_by.warnings if row.drawn_by else [],
            "traceback": traceback_of(job) if job and failed and request.user.is_staff else "",
            "no_worker": words.no_worker(now) if job and job.status == Status.QUEUED else None,
            "downloads": files,
            "in_themes": links.in_themes(files),
            "versions": links.versions_of(row) if summary.picture else [],
            "runs": Target.of(row, "image").jobs().defer("recipe")[:RUNS],
        },
    )
    return live, summary


@require_POST
@signed_in
def draw(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Draw a chart again, even if nothing of its recipe changed."""
    row = find(request, pk)
    with room(request):
        enqueued = charts.render(row, trigger=Trigger.WEB, force=True)
        if not enqueued.created:
            messages.info(request, "It is being drawn already.")
    return redirect("chart", pk)


@require_POST
@signed_in
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop every job that still works on a chart."""
    active = Target.of(find(request, pk), "image").jobs().filter(status__in=(Status.QUEUED, Status.RUNNING))
    if not sum(lifecycle.cancel(job) for job in active.defer("recipe")):
        messages.info(request, "There was nothing left to cancel.")
    return redirect("chart", pk)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Delete a chart, with its jobs and files."""
    row = find(request, pk)
    charts.delete(row)
    messages.success(request, f"Deleted “{row.label}”.")
    return redirect("gallery")


def uuid_or_none(text: str) -> UUID | None:
    """An id out of a query string; nothing if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def find(request: SignedInRequest, pk: UUID) -> Chart:
    """A chart of whose account it is. Raises Http404."""
    rows = Chart.objects.for_user(request.account).select_related("drawn_by").defer("drawn_by__recipe")
    return get_object_or_404(rows, pk=pk)


def _frame(row: Chart) -> tuple[int, int]:
    """How much room the first picture gets, in CSS pixels: what the spec asks for, so that nothing moves later."""
    image = (row.spec or {}).get("image")
    size = [image.get(side) if isinstance(image, dict) else None for side in ("width", "height")]
    width, height = (value if isinstance(value, int) and 0 < value <= 8192 else None for value in size)
    return width or 800, height or 500
