"""Asks: the one answer to every request for a picture, whichever noun it came through."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse

from renderer.api import door, preferences, waiting
from renderer.api.links import link
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import CHART, Asked, chart_out, job_detail
from renderer.jobs import progress
from renderer.jobs.enqueue import Enqueued
from renderer.models import Chart, RenderJob
from renderer.models.job import Status


async def respond(request: HttpRequest, asked: Enqueued) -> HttpResponse:
    """200 if the picture was there already, also if a job has found that out; 201 if it was drawn while the client
    waited; else 202.

    So 200 and 201 say that there is a picture, and 202 that the job is the place to look: also when it failed within
    the time that the client would wait.
    """
    wait = preferences.wait(request)
    if wait and not asked.job.is_final:
        await waiting.until(asked.job.pk, lambda state: state.is_final, owner=asked.job.owner_id, seconds=wait)
        return await door.through(lambda: sync_to_async(respond_at_once)(request, asked, wait))
    return await sync_to_async(respond_at_once)(request, asked, wait)


def look_again(request: HttpRequest, job_id: UUID, *, with_recipe: bool = False) -> RenderJob:
    """The job as it is now, if it is this user's. Without its recipe, which may be megabytes of data."""
    rows = RenderJob.objects.for_user(user_of(request))
    job = (rows.select_related("owner") if with_recipe else rows.defer("recipe")).filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


def respond_at_once(request: HttpRequest, asked: Enqueued, wait: int | None = None) -> HttpResponse:
    """The same with things as they are now."""
    was_there = not asked.created and asked.job.status == Status.SUCCEEDED
    job = asked.job if was_there else look_again(request, asked.job.pk)
    charts = Chart.objects.for_user(user_of(request)).defer("spec")
    chart = charts.filter(pk=job.target_id).first() if job.target_model == CHART else None
    detail = job_detail(job)
    headers = preferences.applied(request, wait, accepted=job.status != Status.SUCCEEDED)
    if job.status == Status.SUCCEEDED:
        status = 200 if was_there or job.unchanged else 201
        if chart:
            headers["Location"] = link("chart", chart_id=chart.pk)
    else:
        status = 202
        headers["Location"] = link("job", job_id=job.pk)
    if not job.is_final:
        headers["Retry-After"] = str(progress.retry_after(job, position=detail.queue_position))
    shape = Asked(chart=chart_out(chart, job), job=detail) if chart else detail
    return reply(shape, status=status, headers=headers)
