"""Schedules: when a chart is drawn again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone as clock
from ninja import Router, Status
from pydantic import Field

from renderer.api import openapi
from renderer.api.asks import respond
from renderer.api.bodies import Body, Moment, Nothing, read, takes
from renderer.api.choosing import closed
from renderer.api.links import link
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.requests import request_id, user_of
from renderer.api.responses import must_match, reply, reply_or_304
from renderer.api.shapes import Asked, NoticeOut, Shape
from renderer.jobs import cron, notices, schedules
from renderer.jobs.enqueue import Enqueued
from renderer.jobs.notices import Notice
from renderer.jobs.schedules import Plan
from renderer.models import Chart, Run, Schedule
from renderer.models.job import Trigger
from renderer.models.run import Outcome
from renderer.models.schedule import MissedRuns
from renderer.spec import SpecError

router = Router(tags=["schedules"])

Missed = Literal["skip", "once", "all"]
OutcomeName = Literal["pending", "succeeded", "unchanged", "failed", "cancelled", "expired", "skipped"]
SHOWN_RUNS = 5


class ScheduleLinks(Shape):
    """Where to go from a schedule."""

    self: str
    chart: str
    run: str
    runs: str
    pause: str | None
    resume: str | None


class UpcomingOut(Shape):
    """A moment to come."""

    at: datetime
    note: str
    """What daylight saving does to it, such as `02:30 does not exist on 28 March: runs at 03:00`; mostly empty."""


class ScheduleOut(Shape):
    """A cron line and a time zone for one chart."""

    id: UUID
    chart: UUID
    cron: str
    words: str
    """The cron line as a sentence."""
    timezone: str
    missed_runs: Missed
    """What becomes of moments that passed while nothing ran: `skip` them, draw `once`, or draw `all`."""
    jitter: int
    """Seconds. It runs later than its line says by a part of this, always the same part: `offset`."""
    offset: int
    skip_unchanged: bool
    ends_at: datetime | None
    max_runs: int | None
    runs_made: int
    is_active: bool
    pause_after: int
    failures: int
    """Failed runs in a row, up to the last."""
    paused_at: datetime | None
    paused_reason: str
    """Why it paused by itself; empty if somebody paused it."""
    next_runs: list[datetime]
    """The next moments, in UTC; none while it is paused, or when it has come to its end."""
    upcoming: list[UpcomingOut]
    """The same, with notes on daylight saving."""
    notices: list[NoticeOut]
    """Why it may stand still; mostly empty."""
    created_at: datetime
    links: ScheduleLinks

    @classmethod
    def of(cls, row: Schedule, found: list[Notice] | None = None) -> ScheduleOut:
        """The shape of a row, with notices that were looked for already, or are looked for now."""
        now = clock.now()
        runs = schedules.upcoming(row, after=now, count=SHOWN_RUNS)
        return cls(
            id=row.pk,
            chart=row.chart_id,
            cron=row.cron,
            words=cron.in_words(row.cron),
            timezone=row.timezone,
            missed_runs=row.missed_runs,
            jitter=row.jitter,
            offset=round(schedules.offset(row).total_seconds()),
            skip_unchanged=row.skip_unchanged,
            ends_at=row.ends_at.astimezone(UTC) if row.ends_at else None,
            max_runs=row.max_runs,
            runs_made=row.runs_made,
            is_active=row.is_active,
            pause_after=row.pause_after,
            failures=row.failures,
            paused_at=row.paused_at,
            paused_reason=row.paused_reason,
            next_runs=[run.at for run in runs],
            upcoming=[UpcomingOut(at=run.at, note=run.note) for run in runs],
            notices=NoticeOut.all_of(notices.of_schedules(now) if found is None else found),
            created_at=row.created_at,
            links=ScheduleLinks(
                self=link("schedule", schedule_id=row.pk),
                chart=link("chart", chart_id=row.chart_id),
                run=link("run_schedule", schedule_id=row.pk),
                runs=link("schedule_runs", schedule_id=row.pk),
                pause=link("pause_schedule", schedule_id=row.pk) if row.is_active else None,
                resume=None if row.is_active else link("resume_schedule", schedule_id=row.pk),
            ),
        )


class Schedules(Page):
    """One page of schedules."""

    items: list[ScheduleOut]


class RunLinks(Shape):
    """Where to go from a run."""

    job: str | None


class RunOut(Shape):
    """What became of one moment of a schedule."""

    id: UUID
    due_at: datetime | None
    """Null if it was run by hand."""
    outcome: OutcomeName
    """`pending` until its job has ended; `unchanged`: nothing had changed, so nothing was drawn; `skipped`: missed."""
    unchanged: bool
    note: str
    """What there is to say about it: why it failed, or that it was late."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    job: UUID | None
    """Null if there was none, or if it is not kept any more."""
    status: str | None
    """The job's."""
    links: RunLinks

    @classmethod
    def of(cls, run: Run) -> RunOut:
        """The shape of a row that was read with its job."""
        job = run.job
        return cls(
            id=run.pk,
            due_at=run.due_at,
            outcome=run.outcome,
            unchanged=run.outcome == Outcome.UNCHANGED,
            note=run.note,
            created_at=run.created_at,
            started_at=run.started_at or (job.started_at if job and run.outcome == Outcome.PENDING else None),
            finished_at=run.finished_at,
            job=run.job_id,
            status=job.status if job else None,
            links=RunLinks(job=link("job", job_id=job.pk) if job else None),
        )


class Runs(Page):
    """One page of runs."""

    items: list[RunOut]


Cron = Annotated[str, Field(description="Five fields: minute, hour, day of month, month, day of week.")]
Zone = Annotated[str, Field(description="An IANA name, such as Europe/Berlin.")]
Jitter = Annotated[
    int,
    Field(
        ge=0,
        le=schedules.MOST_JITTER,
        description="Seconds. It runs later than its line says by a part of this, always the same part.",
    ),
]
PauseAfter = Annotated[
    int, Field(ge=0, le=schedules.MOST_FAILURES, description="Failed runs in a row until it pauses; 0: never.")
]
SkipUnchanged = Annotated[bool, Field(description="Draw nothing when it would give just the picture that is there.")]
MaxRuns = Annotated[int, Field(ge=1, le=1_000_000, description="Nothing comes due after so many runs.")]


class ScheduleIn(Body):
    """A new schedule."""

    chart: UUID = Field(strict=False)
    cron: Cron
    timezone: Zone = "UTC"
    missed_runs: Missed = "once"
    jitter: Jitter = 0
    skip_unchanged: SkipUnchanged = True
    pause_after: PauseAfter = 5
    ends_at: Moment | None = None
    max_runs: MaxRuns | None = None


class ScheduleChange(Body):
    """What is to become different. `ends_at` and `max_runs` may be null: no end."""

    cron: Cron = ""
    timezone: Zone = ""
    missed_runs: Missed = "once"
    jitter: Jitter = 0
    skip_unchanged: SkipUnchanged = True
    pause_after: PauseAfter = 5
    ends_at: Moment | None = None
    max_runs: MaxRuns | None = None
    is_active: bool = Field(default=True, description="False pauses it.")


@router.get("", response={200: Schedules, 304: None}, url_name="schedules")
def list_schedules(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your schedules, newest first."""
    closed(request, list_schedules)
    rows, following = page(Schedule.objects.for_user(user_of(request)), cursor, limit)
    found = notices.of_schedules(clock.now()) if rows else []
    return reply_or_304(request, Schedules(items=[ScheduleOut.of(row, found) for row in rows], next_cursor=following))


@router.post("", response={201: ScheduleOut}, url_name="schedules", openapi_extra=takes(ScheduleIn) | openapi.ONCE)
@once
def create_schedule(request: HttpRequest) -> HttpResponse:
    """Put one of your charts on a schedule."""
    body = read(request, ScheduleIn)
    user = user_of(request)
    chart = Chart.objects.for_user(user).defer("spec").filter(pk=body.chart).first()
    if chart is None:
        raise SpecError.at("/chart", "no chart of yours has this id")
    row = schedules.create(user, chart, **_plan(body, set(ScheduleIn.model_fields)))
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
        if plan := _plan(body, body.model_fields_set):
            schedules.change(row, **plan)
        if "is_active" in body.model_fields_set and body.is_active != row.is_active:
            (schedules.resume if body.is_active else schedules.pause)(row)
    return reply(ScheduleOut.of(row))


@router.post(
    "/{uuid:schedule_id}/pause",
    response=ScheduleOut,
    url_name="pause_schedule",
    openapi_extra=takes(Nothing, required=False),
)
def pause_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Let nothing come due until it is resumed. One that is paused stays as it is."""
    return _switch(request, schedule_id, active=False)


@router.post(
    "/{uuid:schedule_id}/resume",
    response=ScheduleOut,
    url_name="resume_schedule",
    openapi_extra=takes(Nothing, required=False),
)
def resume_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Go on with the next moment; failed runs are counted from zero. One that is active stays as it is."""
    return _switch(request, schedule_id, active=True)


@router.get("/{uuid:schedule_id}/runs", response={200: Runs, 304: None}, url_name="schedule_runs")
def list_runs(
    request: HttpRequest,
    schedule_id: UUID,
    outcome: OutcomeName | None = None,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> HttpResponse:
    """What became of its moments, the newest first: drawn, unchanged, failed, missed."""
    rows = Run.objects.filter(schedule=_find(request, schedule_id))
    if outcome:
        rows = rows.filter(outcome=outcome)
    found, following = page(rows.select_related("job").defer("job__recipe"), cursor, limit)
    return reply_or_304(request, Runs(items=[RunOut.of(run) for run in found], next_cursor=following))


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
    openapi_extra=takes(Nothing, required=False) | openapi.WAITS,
)
async def run_schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Draw its chart now, besides its own runs."""
    return await respond(request, await sync_to_async(_run)(request, schedule_id))


@once
def _run(request: HttpRequest, schedule_id: UUID) -> Enqueued:
    read(request, Nothing)
    return schedules.run_now(_find(request, schedule_id), trigger=Trigger.API, request_id=request_id(request))


def _switch(request: HttpRequest, schedule_id: UUID, *, active: bool) -> HttpResponse:
    read(request, Nothing)
    row = _find(request, schedule_id)
    if row.is_active != active:
        (schedules.resume if active else schedules.pause)(row)
    return reply(ScheduleOut.of(row))


def _plan(body: ScheduleIn | ScheduleChange, names: set[str]) -> Plan:
    """Those fields of a body that make a schedule's plan."""
    plan: Plan = {}
    if "cron" in names:
        plan["cron"] = body.cron
    if "timezone" in names:
        plan["tz"] = body.timezone
    if "missed_runs" in names:
        plan["missed_runs"] = MissedRuns(body.missed_runs)
    if "jitter" in names:
        plan["jitter"] = body.jitter
    if "skip_unchanged" in names:
        plan["skip_unchanged"] = body.skip_unchanged
    if "pause_after" in names:
        plan["pause_after"] = body.pause_after
    if "ends_at" in names:
        plan["ends_at"] = body.ends_at
    if "max_runs" in names:
        plan["max_runs"] = body.max_runs
    return plan


def _find(request: HttpRequest, schedule_id: UUID) -> Schedule:
    rows = Schedule.objects.for_user(user_of(request)).select_related("chart", "owner")
    row = rows.filter(pk=schedule_id).first()
    if row is None:
        raise Http404
    return row
