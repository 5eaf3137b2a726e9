"""Schedules: when a chart is drawn again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone as clock
from ninja import Router, Status
from pydantic import Field

from renderer.api.asks import respond
from renderer.api.bodies import Body, Nothing, read, takes
from renderer.api.choosing import closed
from renderer.api.links import link
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.requests import user_of
from renderer.api.responses import must_match, reply, reply_or_304
from renderer.api.shapes import Asked, Shape
from renderer.jobs import schedules
from renderer.jobs.enqueue import Enqueued
from renderer.models import Chart, Schedule
from renderer.models.job import Trigger
from renderer.models.schedule import MissedRuns
from renderer.spec import SpecError

router = Router(tags=["schedules"])

Missed = Literal["skip", "once", "all"]
SHOWN_RUNS = 5


class ScheduleLinks(Shape):
    """Where to go from a schedule."""

    self: str
    chart: str
    run: str


class ScheduleOut(Shape):
    """A cron line and a time zone for one chart."""

    id: UUID
    chart: UUID
    cron: str
    timezone: str
    missed_runs: str
    """What becomes of moments that passed while nothing ran: `skip` them, draw `once`, or draw `all`."""
    is_active: bool
    next_runs: list[datetime]
    """The next moments, in UTC; none while it is paused."""
    created_at: datetime
    links: ScheduleLinks

    @classmethod
    def of(cls, row: Schedule) -> ScheduleOut:
        """The shape of a row."""
        after = clock.now()
        runs = schedules.next_runs(row.cron, row.timezone, after=after, count=SHOWN_RUNS) if row.is_active else []
        return cls(
            id=row.pk,
            chart=row.chart_id,
            cron=row.cron,
            timezone=row.timezone,
            missed_runs=row.missed_runs,
            is_active=row.is_active,
            next_runs=runs,
            created_at=row.created_at,
            links=ScheduleLinks(
                self=link("schedule", schedule_id=row.pk),
                chart=link("chart", chart_id=row.chart_id),
                run=link("run_schedule", schedule_id=row.pk),
            ),
        )


class Schedules(Page):
    """One page of schedules."""

    items: list[ScheduleOut]


class ScheduleIn(Body):
    """A new schedule."""

    chart: UUID = Field(strict=False)
    cron: str = Field(description="Five fields: minute, hour, day of month, month, day of week.")
    timezone: str = Field(default="UTC", description="An IANA name, such as Europe/Berlin.")
    missed_runs: Missed = "once"


class ScheduleChange(Body):
    """What is to become different."""

    cron: str | None = None
    timezone: str | None = None
    missed_runs: Missed | None = None
    is_active: bool | None = Field(default=None, description="False pauses it.")


@router.get("", response=Schedules, url_name="schedules")
def list_schedules(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your schedules, newest first."""
    closed(request, list_schedules)
    found, following = page(Schedule.objects.for_user(user_of(request)), cursor, limit)
    return reply_or_304(request, Schedules(items=[ScheduleOut.of(row) for row in found], next_cursor=following))


@router.post("", response={201: ScheduleOut}, url_name="schedules", openapi_extra=takes(ScheduleIn))
@once
def create_schedule(request: HttpRequest) -> HttpResponse:
    """Put one of your charts on a schedule."""
    body = read(request, ScheduleIn)
    user = user_of(request)
    chart = Chart.objects.for_user(user).defer("spec").filter(pk=body.chart).first()
    if chart is None:
        raise SpecError.at("/chart", "no chart of yours has this id")
    row = schedules.create(user, chart, cron=body.cron, tz=body.timezone, missed_runs=MissedRuns(body.missed_runs))
    return reply(ScheduleOut.of(row), status=201, headers={"Location": link("schedule", schedule_id=row.pk)})


@router.get("/{uuid:schedule_id}", response={200: ScheduleOut, 304: None}, url_name="schedule")
def get_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """One schedule."""
    return reply_or_304(request, ScheduleOut.of(_find(request, schedule_id)))


@router.patch("/{uuid:schedule_id}", response=ScheduleOut, url_name="schedule", openapi_extra=takes(ScheduleChange))
def change_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Change a schedule, pause it or let it go on."""
    row = _find(request, schedule_id)
    must_match(request, lambda: ScheduleOut.of(row))
    body = read(request, ScheduleChange)
    with transaction.atomic():
        if body.cron is not None or body.timezone is not None or body.missed_runs is not None:
            missed = None if body.missed_runs is None else MissedRuns(body.missed_runs)
            schedules.change(row, cron=body.cron, tz=body.timezone, missed_runs=missed)
        if body.is_active is not None and body.is_active != row.is_active:
            (schedules.resume if body.is_active else schedules.pause)(row)
    return reply(ScheduleOut.of(row))


@router.delete("/{uuid:schedule_id}", response={204: None}, url_name="schedule")
def delete_schedule(request: HttpRequest, schedule_id: UUID) -> Status[None]:
    """Delete a schedule. What it has drawn stays."""
    row = _find(request, schedule_id)
    must_match(request, lambda: ScheduleOut.of(row))
    row.delete()
    return Status(204, None)


@router.post(
    "/{uuid:schedule_id}/run",
    response={201: Asked, 202: Asked},
    url_name="run_schedule",
    openapi_extra=takes(Nothing, required=False),
)
async def run_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Draw its chart now, besides its own runs."""
    return await respond(request, await sync_to_async(_run)(request, schedule_id))


@once
def _run(request: HttpRequest, schedule_id: UUID) -> Enqueued:
    read(request, Nothing)
    return schedules.run_now(_find(request, schedule_id), trigger=Trigger.API)


def _find(request: HttpRequest, schedule_id: UUID) -> Schedule:
    rows = Schedule.objects.for_user(user_of(request)).select_related("chart", "owner")
    row = rows.filter(pk=schedule_id).first()
    if row is None:
        raise Http404
    return row
