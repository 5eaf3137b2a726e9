"""Batches: up to a thousand charts in one call, one status, one file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router
from pydantic import Field

from renderer.api import openapi, preferences, waiting
from renderer.api.bodies import MAX_DEPTH, Name, Nothing, check, document, read, takes
from renderer.api.charts import Files, MaxAge, Spec, read_recipe
from renderer.api.choosing import closed
from renderer.api.links import image_link, link
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.requests import request_id, user_of
from renderer.api.responses import etag_of, reply, reply_or_304, unchanged
from renderer.api.shapes import Shape
from renderer.api.zips import zipped
from renderer.jobs import batches
from renderer.jobs.archive import archive_of
from renderer.jobs.batches import Progress
from renderer.models import Batch, BatchItem, Rendition
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from renderer.spec import Problem, SpecError
from renderer.spec.errors import show

if TYPE_CHECKING:
    from django.contrib.auth.models import User

router = Router(tags=["batches"])

ItemState = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired", "deleted"]
LOOK_AGAIN = 2
"""Seconds until it makes sense to ask again."""
Counts = tuple[tuple[str, int], ...]


class ItemIn(Files):
    """One chart of a batch: either `spec`, or `figure` with its `params`."""

    spec: Spec = None
    figure: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    name: Name = ""


class BatchIn(Files):
    """Charts to be drawn. `formats`, `scales` and `themes` hold for those that do not name their own."""

    charts: list[Any] = Field(min_length=1, max_length=batches.MOST)
    name: Name = ""
    max_age: MaxAge | None = None


class BatchLinks(Shape):
    """Where to go from a batch; null where there is nothing to be done."""

    self: str
    cancel: str | None
    zip: str | None
    """What is drawn of it, as one file."""


class BatchOut(Shape):
    """Many charts, asked for in one call."""

    id: UUID
    name: str
    total: int
    finished: int
    """Charts for which nothing will change any more."""
    progress: float
    """From 0 to 1."""
    is_done: bool
    counts: dict[ItemState, int]
    """How many charts are in each state. `deleted`: the chart, or the job, is not kept any more."""
    created_at: datetime
    cancelled_at: datetime | None
    finished_at: datetime | None
    links: BatchLinks

    @classmethod
    def of(cls, batch: Batch, progress: Progress, **more: Any) -> Self:
        """The shape of a row and how far it is."""
        return cls(
            id=batch.pk,
            name=batch.name,
            total=batch.total,
            finished=progress.finished,
            progress=round(progress.finished / batch.total, 4),
            is_done=progress.is_done,
            counts=progress.counts,
            created_at=batch.created_at,
            cancelled_at=batch.cancelled_at,
            finished_at=progress.finished_at,
            links=BatchLinks(
                self=link("batch", batch_id=batch.pk),
                cancel=None if progress.is_done else link("cancel_batch", batch_id=batch.pk),
                zip=link("batch_zip", batch_id=batch.pk) if progress.counts["succeeded"] else None,
            ),
            **more,
        )


class ItemLinks(Shape):
    """Where to go from a chart of a batch; null where there is nothing."""

    chart: str | None
    job: str | None
    image: str | None
    """Its picture, by the hash of its content."""


class ItemOut(Shape):
    """One chart of a batch."""

    position: int
    """Its place in what was sent, from 0."""
    status: ItemState
    chart: UUID | None
    title: str
    reason: str | None
    message: str
    is_own: bool
    """False if its job was on its way before, or if its picture was there."""
    job: UUID | None
    links: ItemLinks

    @classmethod
    def of(cls, item: BatchItem, file: Rendition | None) -> ItemOut:
        """The shape of a row that was read with its chart and job."""
        job, chart = item.job, item.chart
        return cls(
            position=item.position,
            status=batches.state_of(item),
            chart=item.chart_id,
            title=chart.label if chart else "",
            reason=(job.reason if job else "") or None,
            message=job.message if job else "",
            is_own=item.is_own,
            job=item.job_id,
            links=ItemLinks(
                chart=link("chart", chart_id=chart.pk) if chart else None,
                job=link("job", job_id=job.pk) if job else None,
                image=image_link(chart.pk, file) if chart and file else None,
            ),
        )


class BatchDetail(BatchOut):
    """A batch, with a page of its charts in the order in which they were sent."""

    items: list[ItemOut]
    next_cursor: str | None
    """Send it as `cursor` for the page after this one; null on the last."""


class Batches(Page):
    """One page of batches."""

    items: list[BatchOut]


# Items are checked one by one, so that each names its own place; to the documentation they are what they are.
_TAKES = takes(BatchIn)
_TAKES["requestBody"]["content"]["application/json"]["schema"]["properties"]["charts"]["items"] = (
    ItemIn.model_json_schema()
)
StateQuery = Annotated[ItemState | None, Query(description="Only the charts in this state.")]


@router.get("", response={200: Batches, 304: None}, url_name="batches")
def list_batches(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your batches, newest first, without their charts."""
    closed(request, list_batches)
    found, following = page(Batch.objects.for_user(user_of(request)), cursor, limit)
    how_far = batches.progresses(found)
    items = [BatchOut.of(batch, how_far[batch.pk]) for batch in found]
    return reply_or_304(request, Batches(items=items, next_cursor=following))


@router.post(
    "", response={202: BatchDetail, 201: BatchDetail}, url_name="batches", openapi_extra=_TAKES | openapi.WAITS
)
async def create_batch(request: HttpRequest) -> HttpResponse:
    """Save up to 1,000 charts and draw them.

    All or none: with one wrong field anywhere nothing is made, and each is named at its place (`/charts/17/spec/...`).
    Equal charts without a name are one chart; what is on its way already is joined, and a picture that is there
    counts as drawn. 202: `Location` is the batch. 201: all of it was there, or `Prefer: wait=N` saw the end.
    """
    wait = preferences.wait(request)
    batch = await sync_to_async(_create)(request)
    if wait:
        await waiting.watch(lambda: _look(batch), _is_done, seconds=wait)
    return await sync_to_async(_created)(request, batch, wait)


@router.get("/{uuid:batch_id}", response={200: BatchDetail, 304: None}, url_name="batch", openapi_extra=openapi.WAITS)
async def get_batch(
    request: HttpRequest, batch_id: UUID, status: StateQuery = None, limit: Limit = 50, cursor: Cursor = ""
) -> HttpResponse:
    """One batch: how many charts are in which state, and a page of them.

    As with a job: `If-None-Match`, `Retry-After`, and `Prefer: wait=N` (at most 30), which waits for the end or,
    together with `If-None-Match`, for any chart to change its state.
    """
    wait = preferences.wait(request)
    find_batch = sync_to_async(_find)
    batch = await find_batch(request, batch_id)
    if wait and (enough := await sync_to_async(_worth_waiting_for)(request, batch, status, limit, cursor)):
        await waiting.watch(lambda: _look(batch), enough, seconds=wait)
        batch = await find_batch(request, batch_id)
    return await sync_to_async(_show)(request, batch, status, limit, cursor, wait)


@router.post(
    "/{uuid:batch_id}/cancel",
    response={200: BatchDetail, 202: BatchDetail},
    url_name="cancel_batch",
    openapi_extra=takes(Nothing, required=False),
)
def cancel_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Cancel what of a batch has not ended: what waits at once, what runs between two stages (202 until it has).

    What others wait for as well goes on. 409 if all of it has ended.
    """
    read(request, Nothing)
    batch = _find(request, batch_id)
    if batches.progress(batch).is_done:
        raise ApiProblem("batch_is_done", "All of this batch has ended; nothing of it can be cancelled.")
    batches.cancel(batch)
    detail = _detail(batch)
    return reply(detail, status=200 if detail.is_done else 202)


@router.get(
    "/{uuid:batch_id}/zip",
    url_name="batch_zip",
    response={200: None},
    openapi_extra={
        "responses": {200: {"description": "The pictures, and manifest.json.", "content": {"application/zip": {}}}}
    },
)
def get_zip(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """What is drawn of a batch as one ZIP file, named after the charts' titles. `manifest.json` in it tells of each
    chart which files are its own, and why others have none."""
    archive = archive_of(_find(request, batch_id))
    if not archive.files:
        raise ApiProblem("no_picture", "Nothing of this batch is drawn, or it is not kept any more.")
    return zipped(request, archive)


@once
def _create(request: HttpRequest) -> Batch:
    # A spec stands three levels deep in what is sent, where it stands one level deep in POST /charts.
    sent = document(request, depth=MAX_DEPTH + 2)
    body, problems = check(sent, BatchIn)
    user = user_of(request)
    wanted: list[tuple[Recipe, str]] = []
    charts = sent.get("charts")
    if isinstance(charts, list) and len(charts) <= batches.MOST:
        shared = {name: sent[name] for name in Files.model_fields if name in sent} if body else {}
        for i, item in enumerate(charts):
            try:
                wanted.append(_read_item(user, item, shared))
            except SpecError as error:
                problems += [Problem(f"/charts/{i}{found.pointer}", found.message) for found in error.problems]
    if body is None or problems:
        raise SpecError(problems)
    return batches.create(
        user,
        wanted,
        name=body.name,
        trigger=Trigger.API,
        max_age=None if body.max_age is None else timedelta(seconds=body.max_age),
        request_id=request_id(request),
    )


def _read_item(user: User, item: object, shared: dict[str, Any]) -> tuple[Recipe, str]:
    if not isinstance(item, dict):
        raise SpecError.at("", f"must be an object, not {show(item)}")
    whole = {**shared, **item}
    body, problems = check(whole, ItemIn)
    recipe = read_recipe(user, whole, body, problems)
    assert body, "problems of the body are raised by read_recipe"
    return recipe, body.name


def _created(request: HttpRequest, batch: Batch, wait: int | None) -> HttpResponse:
    detail = _detail(batch)
    headers = preferences.applied(request, wait, accepted=not detail.is_done) | {
        "Location": link("batch", batch_id=batch.pk)
    }
    if detail.is_done:
        return reply(detail, status=201, headers=headers)
    return reply(detail, status=202, headers=headers | {"Retry-After": str(LOOK_AGAIN)})


def _show(
    request: HttpRequest, batch: Batch, status: str | None, limit: int, cursor: str, wait: int | None
) -> HttpResponse:
    detail = _detail(batch, status, limit, cursor)
    headers = preferences.applied(request, wait)
    if not detail.is_done:
        headers["Retry-After"] = str(LOOK_AGAIN)
    return reply_or_304(request, detail, headers=headers)


def _detail(batch: Batch, status: str | None = None, limit: int = 50, cursor: str = "") -> BatchDetail:
    rows = BatchItem.objects.filter(batch=batch)
    if status:
        rows = batches.in_state(rows, status)
    rows = rows.select_related("chart", "job").defer("chart__spec", "chart__params", "job__recipe")
    found, following = page(rows, cursor, limit, newest_first=False)
    shown = {item.chart.drawn_by_id for item in found if item.chart and item.chart.image}
    files = {file.job_id: file for file in Rendition.objects.filter(job__in=shown - {None}, on_target=True)}
    items = [
        ItemOut.of(item, files.get(item.chart.drawn_by_id) if item.chart and item.chart.drawn_by_id else None)
        for item in found
    ]
    return BatchDetail.of(batch, batches.progress(batch), items=items, next_cursor=following)


def _look(batch: Batch) -> Counts:
    return tuple(batches.progress(batch).counts.items())


def _is_done(counts: Counts) -> bool:
    return all(batches.is_final(status) for status, n in counts if n)


def _worth_waiting_for(
    request: HttpRequest, batch: Batch, status: str | None, limit: int, cursor: str
) -> Callable[[Counts], bool] | None:
    """What the client would wait for: the end, or anything it does not know yet. None if it is there already."""
    known = _look(batch)
    if _is_done(known):
        return None
    if "If-None-Match" not in request.headers:
        return _is_done
    if not unchanged(request, etag_of(reply(_detail(batch, status, limit, cursor)).content)):
        return None
    return lambda counts: counts != known


def _find(request: HttpRequest, batch_id: UUID) -> Batch:
    batch = Batch.objects.for_user(user_of(request)).filter(pk=batch_id).first()
    if batch is None:
        raise Http404
    return batch
