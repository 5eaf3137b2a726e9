"""The story of a job: what happened to it and when, told in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django_celery_results.models import TaskResult

from renderer.models import Attempt, RenderJob
from renderer.models.job import WELL, Queue, Reason, Stage, Status, Trigger
from renderer.web import words


@dataclass(frozen=True, slots=True)
class Event:
    """One moment. ``key`` is its colour: a status, or nothing."""

    at: datetime
    title: str
    detail: str = ""
    key: str = ""
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the attempt that succeeded, as a part of a bar that is 100 wide."""

    name: str
    milliseconds: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a job's life, as a part of a bar that is 100 wide. ``key`` is its colour."""

    name: str
    length: timedelta
    x: float
    width: float
    key: str


THINNEST = 0.8
"""What is shorter than this part of a hundred is drawn so wide, so that it is seen."""

_ASKED = {
    Trigger.API: "Asked for over the HTTP API",
    Trigger.WEB: "Asked for on a page",
    Trigger.CODE: "Asked for by the project’s own code",
    Trigger.SCHEDULE: "Due by its schedule",
    Trigger.DATA: "Its data changed",
    Trigger.RETRY: "Asked for once more",
}


def asked(job: RenderJob) -> str:
    """Why a job was made."""
    return _ASKED[Trigger(job.trigger)]


def story_of(job: RenderJob, *, for_operator: bool) -> list[Event]:
    """Everything that is known to have happened to a job. Workers and tracebacks are for operators only."""
    attempts = list(job.attempts.all())
    tracebacks = _tracebacks(attempts) if for_operator else {}
    events = [Event(job.created_at, asked(job), f"Queue: {Queue(job.queue).label.lower()}")]
    for attempt in attempts:
        worker = f"Worker {attempt.worker}" if for_operator else ""
        events.append(Event(attempt.started_at, f"Attempt {attempt.number} began", worker, Status.RUNNING))
        if attempt.ended_at and attempt.number < job.attempt:
            events.append(_end_of(attempt, attempt.ended_at, tracebacks.get(attempt.task_id, "")))
    if job.cancel_requested_at:
        events.append(Event(job.cancel_requested_at, "Asked to stop", key=Status.CANCELLED))
    if job.finished_at:
        last = attempts[-1].task_id if attempts else ""
        took = f"after {words.duration(job.took)} of work" if job.took and job.status != Status.EXPIRED else ""
        detail = job.message or took
        events.append(Event(job.finished_at, Status(job.status).label, detail, job.status, tracebacks.get(last, "")))
    elif attempts and (ended_at := attempts[-1].ended_at):
        events.append(_end_of(attempts[-1], ended_at, tracebacks.get(attempts[-1].task_id, "")))
    return sorted(events, key=lambda event: event.at)


def steps_of(job: RenderJob) -> list[Step]:
    """Where the time of the attempt that succeeded went."""
    total = sum(job.timings.values()) or 1.0
    steps, x = [], 0.0
    for name, value in ((stage.value, job.timings[stage]) for stage in Stage if stage in job.timings):
        width = 100 * value / total
        steps.append(Step(_stage(name), value, round(x, 3), round(width, 3)))
        x += width
    return steps


def spans_of(job: RenderJob, now: datetime) -> list[Span]:
    """Its whole life in stretches, one after the other: waiting, each attempt, and of the last one its stages."""
    stretches = [stretch for stretch in _stretches(job, now) if stretch[2] >= stretch[1]]
    if not stretches:
        return []
    first = stretches[0][1]
    whole = max((end - first for _, _, end, _ in stretches), default=timedelta()) or timedelta(microseconds=1)
    spans = []
    for name, begin, end, key in stretches:
        width = max(THINNEST, 100 * ((end - begin) / whole))
        x = min(100 * ((begin - first) / whole), 100 - width)
        spans.append(Span(name, end - begin, round(max(x, 0.0), 3), round(min(width, 100.0), 3), key))
    return spans


def _stretches(job: RenderJob, now: datetime) -> Iterator[tuple[str, datetime, datetime, str]]:
    since, waits = job.created_at, "Waiting"
    attempts = list(job.attempts.all())
    for attempt in attempts:
        yield waits, since, attempt.started_at, "queued"
        end = attempt.ended_at or job.finished_at or now
        of_more = f"Attempt {attempt.number}"
        if attempt is attempts[-1] and job.timings and job.status == Status.SUCCEEDED:
            yield from _stages(job, attempt.started_at, end)
        else:
            yield of_more, attempt.started_at, end, Status.RUNNING if end is now else Status.FAILED
        since, waits = end, "Waiting again"
    if not attempts or (not job.is_final and attempts[-1].ended_at):
        yield waits, since, job.finished_at or now, "queued"


def _stages(job: RenderJob, begin: datetime, end: datetime) -> Iterator[tuple[str, datetime, datetime, str]]:
    """The stages that were timed, and what else there was of the attempt."""
    for stage in Stage:
        if stage.value in job.timings:
            after = begin + timedelta(milliseconds=job.timings[stage.value])
            yield stage.label, begin, after, stage.value
            begin = after
    if end - begin > timedelta(milliseconds=1):
        yield "Writing it down", begin, end, "storing"


def traceback_of(job: RenderJob) -> str:
    """The traceback of the last attempt, for operators; nothing if Celery's result backend keeps none."""
    attempt = job.attempts.last()
    result = attempt.task_result if attempt else None
    return str(result.traceback or "") if result else ""


def _tracebacks(attempts: list[Attempt]) -> dict[str, str]:
    results = TaskResult.objects.filter(task_id__in=[a.task_id for a in attempts if a.outcome not in WELL])
    return {task_id: traceback or "" for task_id, traceback in results.values_list("task_id", "traceback")}


def _end_of(attempt: Attempt, at: datetime, traceback: str) -> Event:
    return Event(at, f"Attempt {attempt.number} ended", _in_words(attempt.outcome), Status.FAILED, traceback)


def _in_words(outcome: str) -> str:
    """How an attempt ended, without the words that are for programs: ``failed for now: timeout``."""
    said, _, reason = outcome.rpartition(": ")
    return f"{said.capitalize()}: {Reason(reason).label.lower()}" if reason in Reason.values else outcome.capitalize()


def _stage(name: str) -> str:
    return Stage(name).label if name in Stage.values else name.replace("_", " ").capitalize()
