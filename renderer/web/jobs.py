"""Jobs: the list, and one job with its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import lifecycle, queues
from renderer.jobs.again import again
from renderer.models import Chart, RenderJob
from renderer.models.job import ACTIVE, Status
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.live import Live, pace
from renderer.web.room import room
from renderer.web.story import steps_of, story_of
from renderer.web.words import State

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One job in a list."""

    job: RenderJob
    chart: Chart | None

    @property
    def label(self) -> str:
        """What is drawn: the chart's name, or the target of a project's own."""
        return self.chart.label if self.chart else target_label(self.job)

    @property
    def state(self) -> State:
        """The word beside it."""
        return words.state_of(self.job)


@dataclass(frozen=True, slots=True)
class Filter:
    """One of the filters above the list."""

    key: str
    label: str
    count: int
    is_chosen: bool


@require_GET
@signed_in
def jobs(request: SignedInRequest) -> HttpResponse:
    """All jobs of a person, the newest first."""
    return render(request, "renderer/jobs.html", {"live": _jobs_live(request).html(request)})


@require_GET
@fragment
def jobs_live(request: SignedInRequest) -> HttpResponse:
    """The list, again and again: new jobs may come at any time."""
    return _jobs_live(request).answer(request)


def _jobs_live(request: SignedInRequest) -> Live:
    mine = RenderJob.objects.for_user(request.account)
    chosen = request.GET.get("status", "")
    rows = mine.filter(status=chosen) if chosen in Status.values else mine
    before = uuid_or_none(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.defer("recipe")[: A_PAGE + 1])
    counts = dict(mine.order_by().values_list("status").annotate(n=Count("pk")))
    filters = [Filter("", "All", sum(counts.values()), chosen not in Status.values)]
    filters += [Filter(key, words.STATES[Status(key)], counts.get(key, 0), key == chosen) for key in Status.values]
    query = ({"status": chosen} if chosen in Status.values else {}) | ({"before": str(before)} if before else {})
    shown = found[:A_PAGE]
    return Live(
        name="jobs",
        template="renderer/_jobs.html",
        url=reverse("jobs-live", query=query),
        every=2 if any(counts.get(status) for status in ACTIVE) else 10,
        context={
            "lines": _lines(request, shown),
            "filters": filters,
            "status": chosen if chosen in Status.values else "",
            "older": shown[-1].pk if len(found) > A_PAGE else None,
            "is_first": not before,
            "no_worker": words.no_worker(timezone.now()) if counts.get(Status.QUEUED) else None,
            "paused": queues.paused(),
        },
    )


def _lines(request: SignedInRequest, rows: Sequence[RenderJob]) -> list[Line]:
    """The jobs with the charts that they draw, in one query."""
    ids = {job.target_id for job in rows if job.target_model == Chart._meta.label_lower}
    charts = Chart.objects.for_user(request.account, drafts=True).only("name", "title", "figure", "is_draft")
    by_target = {str(pk): chart for pk, chart in charts.in_bulk(list(ids)).items()}
    return [Line(job, by_target.get(job.target_id)) for job in rows]


@require_GET
@signed_in
def job(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One job."""
    row = _job(request, pk)
    (line,) = _lines(request, [row])
    live = _job_live(request, row, timezone.now()).html(request)
    return render(request, "renderer/job.html", {"job": row, "line": line, "live": live})


@require_GET
@fragment
def job_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How a job stands, while it can change."""
    return _job_live(request, _job(request, pk), timezone.now()).answer(request)


def _job_live(request: SignedInRequest, row: RenderJob, now: datetime) -> Live:
    (line,) = _lines(request, [row])
    return Live(
        name="job",
        template="renderer/_job.html",
        url=reverse("job-live", args=[row.pk]),
        every=pace(row, now),
        about=str(row.pk),
        context={
            "job": row,
            "line": line,
            "sentence": words.sentence(row, now),
            "advice": words.advice(row),
            "no_worker": words.no_worker(now) if row.status == Status.QUEUED else None,
            "events": story_of(row, for_operator=request.user.is_staff),
            "steps": steps_of(row),
            "for_operator": request.user.is_staff,
        },
    )


@require_POST
@signed_in
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop a job."""
    if not lifecycle.cancel(_job(request, pk)):
        messages.info(request, "It had ended already.")
    return redirect("job", pk)


@require_POST
@signed_in
def retry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask once more for what a job that ended was about; that is a new job."""
    row = _job(request, pk)
    if not row.is_final:
        messages.info(request, "It has not ended yet.")
        return redirect("job", pk)
    with room(request):
        row = again(row).job
    return redirect("job", row.pk)


def target_label(job: RenderJob) -> str:
    """Where the picture goes, in words: ``shop.store 3 · revenue_chart``."""
    return f"{job.target_model} {job.target_id} · {job.target_field}"


def _job(request: SignedInRequest, pk: UUID) -> RenderJob:
    return get_object_or_404(RenderJob.objects.for_user(request.account).select_related("schedule"), pk=pk)
