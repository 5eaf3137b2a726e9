"""Jobs: the list, and one job with its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import lifecycle, queues
from renderer.jobs.again import again
from renderer.jobs.targets import Target
from renderer.models import Chart, Overview, RenderJob
from renderer.models.job import ACTIVE, FINAL, Reason, Status, Trigger
from renderer.spec.errors import SpecError
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.live import Live, pace
from renderer.web.overviews import shown as overviews
from renderer.web.room import room
from renderer.web.sieve import SINCE, Sieve, many
from renderer.web.story import spans_of, story_of
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
    """One of the filters above the list. ``address`` is the query that it leads to."""

    key: str
    label: str
    count: str
    address: str
    is_chosen: bool


@require_GET
@signed_in
def jobs(request: SignedInRequest) -> HttpResponse:
    """All jobs of a person, the newest first."""
    context = {
        "live": _jobs_live(request).html(request),
        "sieve": Sieve.read(request.GET),
        "triggers": Trigger.choices,
        "reasons": Reason.choices,
        "times": [(key, label) for key, (label, _) in SINCE.items()],
    }
    return render(request, "renderer/jobs.html", context)


@require_GET
@fragment
def jobs_live(request: SignedInRequest) -> HttpResponse:
    """The list, again and again: new jobs may come at any time."""
    return _jobs_live(request).answer(request)


def _jobs_live(request: SignedInRequest) -> Live:
    now = timezone.now()
    mine = RenderJob.objects.for_user(request.account)
    sieve = Sieve.read(request.GET)
    rows = sieve.sift(mine, now)
    before = uuid_or_none(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.defer("recipe")[: A_PAGE + 1])
    counts = sieve.counts(mine, now)
    shown = found[:A_PAGE]
    matching = counts[sieve.status] if sieve.status else sum(counts.values())
    return Live(
        name="jobs",
        template="renderer/_jobs.html",
        url=reverse("jobs-live", query=sieve.values | ({"before": str(before)} if before else {})),
        every=2 if any(counts[status] for status in ACTIVE) else 10,
        context={
            "lines": _lines(request, shown),
            "filters": _filters(sieve, counts),
            "sieve": sieve,
            "only": _only(request, sieve),
            "is_sifted": bool(sieve.values),
            "matching": many(matching),
            "is_many": matching > 1,
            "may_retry": any(counts[status] for status in FINAL if sieve.status in ("", status)),
            "may_cancel": any(counts[status] for status in ACTIVE if sieve.status in ("", status)),
            "older": shown[-1].pk if len(found) > A_PAGE else None,
            "is_first": not before,
            "no_worker": words.no_worker(now) if counts[Status.QUEUED] else None,
            "paused": queues.paused(),
            "overviews": overviews(request),
        },
    )


def _filters(sieve: Sieve, counts: dict[str, int]) -> list[Filter]:
    every = [Filter("", "All", many(sum(counts.values())), sieve.but(status="").address, not sieve.status)]
    return every + [
        Filter(key, words.STATES[Status(key)], many(n), sieve.but(status=key).address, key == sieve.status)
        for key, n in counts.items()
    ]


def _only(request: SignedInRequest, sieve: Sieve) -> str:
    """What the list is narrowed to, in words: a chart, a schedule or a batch of one's own."""
    if sieve.chart:
        found = Chart.objects.for_user(request.account).defer("spec", "params").filter(pk=sieve.chart).first()
        return f"the chart “{found.label}”" if found else "a chart that is not there"
    if sieve.schedule:
        return "one schedule"
    return "one batch" if sieve.batch else ""


MOST = {"retry": 500, "cancel": 10_000}
"""So many jobs are changed at once, the newest of them: what one request can do while somebody waits."""


@require_POST
@signed_in
def bulk(request: SignedInRequest) -> HttpResponse:
    """Retry or cancel those that were ticked, or all that the list shows; asks first if they are more than one."""
    verb = "retry" if request.POST.get("verb") == "retry" else "cancel"
    sieve = Sieve.read(request.POST)
    mine = RenderJob.objects.for_user(request.account)
    ids = [pk for text in request.POST.getlist("job")[: MOST[verb]] if (pk := uuid_or_none(text))]
    chosen = sieve.sift(mine, timezone.now()) if request.POST.get("all") else mine.filter(pk__in=ids)
    chosen = chosen.filter(status__in=FINAL if verb == "retry" else ACTIVE).order_by("-pk")
    back = f"{reverse('jobs')}?{sieve.address}" if sieve.values else reverse("jobs")
    n = chosen.order_by()[: MOST[verb] + 1].count()
    if not n:
        messages.info(request, f"Tick the jobs first: there is nothing to {verb}.")
        return redirect(back)
    if n > 1 and not request.POST.get("sure"):
        context = {"verb": verb, "n": min(n, MOST[verb]), "is_capped": n > MOST[verb], "sieve": sieve, "back": back}
        return render(request, "renderer/jobs_sure.html", context | {"ids": ids, "all": request.POST.get("all", "")})
    if verb == "cancel":
        newest = list(chosen.values_list("pk", flat=True)[: MOST[verb]])
        stopped = lifecycle.cancel_all(RenderJob.objects.filter(pk__in=newest))
        messages.success(request, f"{stopped:,} {'job' if stopped == 1 else 'jobs'} cancelled or asked to stop.")
    else:
        _retry(request, chosen[: MOST[verb]])
    return redirect(back)


def _retry(request: SignedInRequest, jobs: QuerySet[RenderJob]) -> None:
    """A new job for each target of these; the newest speaks for it. Those that cannot be drawn again are counted."""
    made, refused, targets = 0, 0, set[Target]()
    with room(request):
        for job in jobs:
            if (target := Target.of_job(job)) in targets:
                continue
            targets.add(target)
            try:
                made += again(job, trigger=Trigger.RETRY).created
            except SpecError:
                refused += 1
    if made:
        messages.success(request, f"{made:,} {'job is' if made == 1 else 'jobs are'} waiting to be drawn.")
    if refused:
        messages.warning(request, f"{refused:,} cannot be drawn again: open one of them to see why.")
    if not made and not refused:
        messages.info(request, "They are waiting to be drawn already.")


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
    prefetch_related_objects([row], "attempts")
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
            "spans": spans_of(row, now),
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
    """Where the picture goes, in words: ``shop.store 3 · revenue_chart``. What the pages have drawn for themselves is
    called that."""
    if job.target_model == Overview._meta.label_lower:
        return "Overview of jobs, for the pages"
    return f"{job.target_model} {job.target_id} · {job.target_field}"


def _job(request: SignedInRequest, pk: UUID) -> RenderJob:
    return get_object_or_404(RenderJob.objects.for_user(request.account).select_related("schedule"), pk=pk)
