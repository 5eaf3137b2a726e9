"""Batches: the list, and one batch while it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.api.links import link
from renderer.jobs import batches as verbs
from renderer.jobs.batches import Progress
from renderer.models import Batch, BatchItem
from renderer.models.job import Status
from renderer.web import links, words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.jobs import Filter
from renderer.web.links import Picture
from renderer.web.live import Live
from renderer.web.words import State

A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the bar of a batch that is 100 wide."""

    key: str
    label: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A batch in the list."""

    batch: Batch
    progress: Progress

    @property
    def parts(self) -> list[Part]:
        """The pieces of its bar, in the order in which work goes on: what is done stands first."""
        order = ("succeeded", "failed", "cancelled", "expired", "deleted", "running", "queued")
        parts, x = [], 0.0
        for key in order:
            if n := self.progress.counts[key]:
                width = 100 * n / self.progress.total
                parts.append(Part(key, label_of(key), n, round(x, 3), round(width, 3)))
                x += width
        return parts

    @property
    def state(self) -> State:
        """The word beside it."""
        if not self.progress.is_done:
            if not (self.progress.counts["running"] or self.progress.finished):
                return State("queued", "Waiting")
            # What others wait for as well goes on: a cancelled batch may draw for a while.
            return State(
                "running", "Stopping" if self.progress.counts["running"] and self.batch.cancelled_at else "Drawing"
            )
        if self.progress.counts["failed"]:
            return State("failed", "Done, with failures")
        return State("cancelled", "Cancelled") if self.batch.cancelled_at else State("succeeded", "Ready")


@dataclass(frozen=True, slots=True)
class Card:
    """One chart of a batch."""

    item: BatchItem
    state: State
    picture: Picture | None

    @property
    def label(self) -> str:
        """What is drawn."""
        return self.item.chart.label if self.item.chart else f"Chart {self.item.position + 1}"


def label_of(key: str) -> str:
    """The word for a state of an item."""
    return "Deleted" if key == verbs.DELETED else words.STATES[Status(key)]


@require_GET
@signed_in
def batches(request: SignedInRequest) -> HttpResponse:
    """All batches of a person, the newest first."""
    return render(request, "renderer/batches.html", {"live": _batches_live(request).html(request)})


@require_GET
@fragment
def batches_live(request: SignedInRequest) -> HttpResponse:
    """The list, while one of them is drawn."""
    return _batches_live(request).answer(request)


def _batches_live(request: SignedInRequest) -> Live:
    rows = Batch.objects.for_user(request.account)
    before = uuid_or_none(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: A_PAGE + 1])
    shown = found[:A_PAGE]
    how_far = verbs.progresses(shown)
    lines = [Line(batch, how_far[batch.pk]) for batch in shown]
    return Live(
        name="batches",
        template="renderer/_batches.html",
        url=reverse("batches-live") + (f"?before={before}" if before else ""),
        every=2 if any(not line.progress.is_done for line in lines) else 0,
        context={
            "lines": lines,
            "older": shown[-1].pk if len(found) > A_PAGE else None,
            "is_first": not before,
            "docs": link("openapi-view"),
            "no_worker": _no_worker(lines),
        },
    )


@require_GET
@signed_in
def batch(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One batch."""
    row = _batch(request, pk)
    return render(request, "renderer/batch.html", {"batch": row, "live": _batch_live(request, row).html(request)})


@require_GET
@fragment
def batch_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How far a batch is, while it is drawn."""
    return _batch_live(request, _batch(request, pk)).answer(request)


def _batch_live(request: SignedInRequest, row: Batch) -> Live:
    line = Line(row, verbs.progress(row))
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in verbs.STATES else ""
    after = uuid_or_none(request.GET.get("after", ""))
    items = BatchItem.objects.filter(batch=row).select_related("chart", "job")
    if chosen:
        items = verbs.in_state(items, chosen)
    if after:
        items = items.filter(pk__gt=after)
    found = list(items.defer("chart__spec", "chart__params", "job__recipe").order_by("pk")[: A_PAGE + 1])
    shown = found[:A_PAGE]
    pictures = links.pictures([item.chart for item in shown if item.chart])
    filters = [Filter("", "All", str(row.total), "", not chosen)]
    filters += [
        Filter(part.key, part.label, str(part.count), f"status={part.key}", part.key == chosen) for part in line.parts
    ]
    query = ({"status": chosen} if chosen else {}) | ({"after": str(after)} if after else {})
    return Live(
        name="batch",
        template="renderer/_batch.html",
        url=reverse("batch-live", args=[row.pk], query=query),
        every=0 if line.progress.is_done else 2,
        context={
            "batch": row,
            "line": line,
            "cards": [_card(item, pictures) for item in shown],
            "filters": filters,
            "status": chosen,
            "after": shown[-1].pk if len(found) > A_PAGE else None,
            "is_first": not after,
            "zip": link("batch_zip", batch_id=row.pk) if line.progress.counts["succeeded"] else "",
            "no_worker": _no_worker([line]),
        },
    )


@require_POST
@signed_in
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop what of a batch has not ended, and what nobody else waits for."""
    if not verbs.cancel(_batch(request, pk)):
        messages.info(request, "There was nothing left to cancel.")
    return redirect("batch", pk)


def _card(item: BatchItem, pictures: dict[UUID, Picture]) -> Card:
    key = verbs.state_of(item)
    state = State("none", "Deleted") if key == verbs.DELETED else words.state_of(item.job)
    return Card(item, state, pictures.get(item.chart_id) if item.chart_id else None)


def _no_worker(lines: list[Line]) -> words.NoWorker | None:
    waiting = any(line.progress.counts["queued"] for line in lines)
    return words.no_worker(timezone.now()) if waiting else None


def _batch(request: SignedInRequest, pk: UUID) -> Batch:
    return get_object_or_404(Batch.objects.for_user(request.account), pk=pk)
