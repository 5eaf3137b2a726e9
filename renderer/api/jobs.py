"""Jobs: what became of an ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from renderer.api import door, openapi, preferences, streams, waiting
from renderer.api.asks import look_again, respond
from renderer.api.bodies import Nothing, read, takes
from renderer.api.choosing import Before, Order, Since, closed, made_between
from renderer.api.looks import State, state_of
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.requests import request_id, user_of
from renderer.api.responses import etag_of, reply, reply_or_304, unchanged
from renderer.api.shapes import CHART, Asked, JobDetail, JobOut, Shape, StatusName, job_detail
from renderer.jobs import lifecycle, progress
from renderer.jobs.again import again
from renderer.jobs.enqueue import Enqueued
from renderer.models import RenderJob
from renderer.models.job import Status

router = Router(tags=["jobs"])


QueueName = Literal["interactive", "bulk", "scheduled", "fetch", "upkeep"]
TriggerName = Literal["api", "web", "code", "schedule", "data", "retry"]
ReasonName = Literal[
    "spec_error", "data_error", "figure_error", "too_large", "timeout", "worker_lost", "storage_error", "internal"
]


class Jobs(Page):
    """One page of jobs."""

    items: list[JobOut]


class JobCounts(Shape):
    """How many there are."""

    total: int
    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int


@router.get("", response={200: Jobs, 304: None}, url_name="jobs")
def list_jobs(
    request: HttpRequest,
    status: StatusName | None = None,
    chart: Annotated[UUID | None, Query(description="Only those of this chart.")] = None,
    queue: QueueName | None = None,
    trigger: TriggerName | None = None,
    reason: ReasonName | None = None,
    since: Since = None,
    before: Before = None,
    order: Order = "newest",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> HttpResponse:
    """Your jobs, newest first."""
    closed(request, list_jobs)
    rows = _chosen(request, chart=chart, queue=queue, trigger=trigger, since=since, before=before)
    if status:
        rows = rows.filter(status=status)
    if reason:
        rows = rows.filter(reason=reason)
    found, following = page(rows.defer("recipe"), cursor, limit, newest_first=order == "newest")
    return reply_or_304(request, Jobs(items=[JobOut.of(job) for job in found], next_cursor=following))


@router.get("/counts", response={200: JobCounts, 304: None}, url_name="job_counts")
def count_jobs(
    request: HttpRequest,
    chart: Annotated[UUID | None, Query(description="Only those of this chart.")] = None,
    queue: QueueName | None = None,
    trigger: TriggerName | None = None,
    since: Since = None,
    before: Before = None,
) -> HttpResponse:
    """How many of your jobs are in which status, of those that the filters leave."""
    closed(request, count_jobs)
    rows = _chosen(request, chart=chart, queue=queue, trigger=trigger, since=since, before=before)
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    by_status = {status.value: found.get(status.value, 0) for status in Status}
    return reply_or_304(request, JobCounts(total=sum(by_status.values()), **by_status))


@router.get("/{uuid:job_id}", response={200: JobDetail, 304: None}, url_name="job", openapi_extra=openapi.WAITS)
async def get_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job. Ask again after `Retry-After` seconds, with `If-None-Match`: 304 as long as nothing changed.

    With `Prefer: wait=N` (at most 30) the answer comes when the job has ended, or, together with `If-None-Match`, as
    soon as its status, stage or attempt is another one; at the latest after N seconds.
    """
    wait = preferences.wait(request)
    if wait and (worth := await sync_to_async(_worth_waiting_for)(request, job_id)):
        owner, enough = worth
        await waiting.until(job_id, enough, owner=owner, seconds=wait)
        return await door.through(lambda: sync_to_async(_show)(request, job_id, wait))
    # One step into a thread and back costs as much as a query: an ordinary poll takes one.
    return await sync_to_async(_show)(request, job_id, wait)


@router.get(
    "/{uuid:job_id}/events",
    response={200: None, 204: None},
    url_name="job_events",
    openapi_extra=openapi.stream(
        "`ready` first, which says how things stand, then one event for each change: `queued`, `started`, `advanced`, "
        "`cancelling`, `retried`, `rescued`, `released`, and at last `succeeded`, `failed`, `cancelled` or `expired`, "
        "after which it ends."
    ),
)
async def get_job_events(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """What becomes of one job, as server-sent events, until it has ended.

    With `Last-Event-ID` it goes on where the client stopped; if that is too long ago it begins with `reset`, which says
    how things stand, as `ready` does. 204, after which a browser does not come back, if the client has heard the end.
    """
    return await streams.of_job(request, await sync_to_async(_find)(request, job_id))


@router.post(
    "/{uuid:job_id}/cancel",
    response={200: JobDetail, 202: JobDetail},
    url_name="cancel_job",
    openapi_extra=takes(Nothing, required=False),
)
def cancel_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Cancel a job. One that waits is cancelled at once (200); one that runs is asked to stop (202).

    409 if it has ended: `job_status` says how.
    """
    read(request, Nothing)
    job = _find(request, job_id)
    took_effect = lifecycle.cancel(job)
    job = _find(request, job_id)
    if not took_effect:
        raise ApiProblem("job_is_final", f"This job has {job.status}; it cannot be cancelled.", job_status=job.status)
    return reply(job_detail(job), status=200 if job.is_final else 202)


@router.post(
    "/{uuid:job_id}/retry",
    response={202: Asked | JobDetail},
    url_name="retry_job",
    openapi_extra=takes(Nothing, required=False) | openapi.WAITS,
)
async def retry_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Draw once more what a job that has ended was about: a new job. 409 while it is waiting or running."""
    return await respond(request, await sync_to_async(_retry)(request, job_id))


def _chosen(
    request: HttpRequest,
    *,
    chart: UUID | None,
    queue: str | None,
    trigger: str | None,
    since: Since,
    before: Before,
) -> QuerySet[RenderJob]:
    rows = RenderJob.objects.for_user(user_of(request))
    if chart:
        rows = rows.filter(target_model=CHART, target_field="image", target_id=str(chart))
    if queue:
        rows = rows.filter(queue=queue)
    if trigger:
        rows = rows.filter(trigger=trigger)
    return made_between(rows, since, before)


def poll(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """``get_job`` for somebody who does not wait."""
    return _show(request, job_id, None)


@once
def _retry(request: HttpRequest, job_id: UUID) -> Enqueued:
    read(request, Nothing)
    job = look_again(request, job_id, with_recipe=True)
    if not job.is_final:
        raise ApiProblem("job_is_active", f"This job is {job.status}; wait, or cancel it.", job_status=job.status)
    return again(job, request_id=request_id(request))


def _find(request: HttpRequest, job_id: UUID) -> RenderJob:
    return look_again(request, job_id)


def _worth_waiting_for(request: HttpRequest, job_id: UUID) -> tuple[int | None, Callable[[State], bool]] | None:
    """Whose job it is, and what the client would wait for: the end, or anything it does not know yet. None if it is
    there already."""
    job = _find(request, job_id)
    if job.is_final:
        return None
    if "If-None-Match" not in request.headers:
        return job.owner_id, lambda state: state.is_final
    if not unchanged(request, etag_of(reply(job_detail(job)).content)):
        return None
    known = state_of(job)
    return job.owner_id, lambda state: state != known


def _show(request: HttpRequest, job_id: UUID, wait: int | None) -> HttpResponse:
    job = _find(request, job_id)
    detail = job_detail(job)
    headers = preferences.applied(request, wait)
    if not job.is_final:
        headers["Retry-After"] = str(progress.retry_after(job, position=detail.queue_position))
    return reply_or_304(request, detail, headers=headers)
