"""The story of a job: what happened to it and when, told in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django_celery_results.models import TaskResult

from renderer.models import Attempt, RenderJob
from renderer.models.job import Queue, Stage, Status, Trigger
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


def traceback_of(job: RenderJob) -> str:
    """The traceback of the last attempt, for operators; nothing if Celery's result backend keeps none."""
    attempt = job.attempts.last()
    result = attempt.task_result if attempt else None
    return str(result.traceback or "") if result else ""


def _tracebacks(attempts: list[Attempt]) -> dict[str, str]:
    results = TaskResult.objects.filter(task_id__in=[attempt.task_id for attempt in attempts])
    return {task_id: traceback or "" for task_id, traceback in results.values_list("task_id", "traceback")}


def _end_of(attempt: Attempt, at: datetime, traceback: str) -> Event:
    return Event(at, f"Attempt {attempt.number} ended", attempt.outcome, Status.FAILED, traceback)


def _stage(name: str) -> str:
    return Stage(name).label if name in Stage.values else name.replace("_", " ").capitalize()
