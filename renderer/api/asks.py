"""Asks: the one answer to every request for a picture, whichever noun it came through."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db.models import QuerySet, UUIDField
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
from renderer.models.statements import Slot, Statement


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
    user = user_of(request)
    if with_recipe:
        job = RenderJob.objects.for_user(user).select_related("owner").filter(pk=job_id).first()
    else:
        job = _JOB[user.is_staff].first(owner=user.pk, job=job_id)
    if job is None:
        raise Http404
    return job


def respond_at_once(request: HttpRequest, asked: Enqueued, wait: int | None = None) -> HttpResponse:
    """The same with things as they are now."""
    was_there = not asked.created and asked.job.status == Status.SUCCEEDED
    # What was made in this moment is known, too; who has waited wants to know what came of it.
    is_known = was_there or (asked.created and not wait)
    job = asked.job if is_known else look_again(request, asked.job.pk)
    user = user_of(request)
    chart = _CHART[user.is_staff].first(owner=user.pk, chart=job.target_id) if job.target_model == CHART else None
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


def _jobs(is_staff: bool) -> QuerySet[RenderJob]:
    rows = RenderJob.objects.owned_by(Slot("owner", get_user_model()._meta.pk), or_nobody=is_staff)
    return rows.filter(pk=Slot("job", UUIDField())).defer("recipe").order_by()


def _charts(is_staff: bool) -> QuerySet[Chart]:
    rows = Chart.objects.owned_by(Slot("owner", get_user_model()._meta.pk), or_nobody=is_staff)
    return rows.filter(pk=Slot("chart", UUIDField()), is_draft=False).defer("spec").order_by()


# By whether the user is staff, who also see what is nobody's.
_JOB = {is_staff: Statement(partial(_jobs, is_staff)) for is_staff in (False, True)}
_CHART = {is_staff: Statement(partial(_charts, is_staff)) for is_staff in (False, True)}
