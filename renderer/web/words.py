"""What pages say about a job, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from renderer.jobs import notices, pace, queues
from renderer.jobs.progress import is_overdue, queue_position
from renderer.models import DatasetVersion, RenderJob, Run, dataset
from renderer.models.dataset import VersionStatus
from renderer.models.job import Queue, Reason, Stage, Status
from renderer.models.run import Outcome

ADVICE: dict[Reason, str] = {
    Reason.SPEC_ERROR: "Edit the spec where the message says so, then save it: it is drawn again at once.",
    Reason.DATA_ERROR: "Look at the data that the chart reads: can they be reached, are the rows there, and are "
    "numbers numbers?",
    Reason.FIGURE_ERROR: "Its figure function has to be mended, or called with other parameters. Whoever runs this "
    "installation finds the traceback in the job.",
    Reason.TOO_LARGE: "Ask for fewer pixels, or draw less data: aggregate it, or show a part of it.",
    Reason.TIMEOUT: "Draw less data, or try again when the system is less busy.",
    Reason.WORKER_LOST: "Mostly this means that it needs more memory than a worker has. Draw less data, or try again.",
    Reason.STORAGE_ERROR: "The chart is fine. Try again when there is space and the storage can be reached.",
    Reason.INTERNAL: "The fault is ours, not yours. Try again; if it stays, tell whoever runs this installation.",
}
"""What a person can do about each reason of a failure."""

WORKING: dict[Stage, str] = {
    Stage.LOADING: "Reading the data",
    Stage.DRAWING: "Drawing the picture",
    Stage.ENCODING: "Making the files",
    Stage.STORING: "Putting the picture in its place",
}


STATES: dict[Status, str] = {
    Status.QUEUED: "Waiting",
    Status.RUNNING: "Drawing",
    Status.SUCCEEDED: "Ready",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Expired",
}
"""What people call each status."""


@dataclass(frozen=True, slots=True)
class State:
    """A word, and a key for its colour: ``none queued running succeeded failed cancelled expired``."""

    key: str
    label: str


def state_of(job: RenderJob | None, *, has_picture: bool = False) -> State:
    """How a chart stands, from its latest job."""
    if job is None:
        return State("succeeded", "Ready") if has_picture else State("none", "Not drawn yet")
    if job.status == Status.RUNNING and job.cancel_requested_at:
        return State(job.status, "Stopping")
    return State(job.status, STATES[Status(job.status)])


def sentence(job: RenderJob, now: datetime) -> str:
    """What goes on with a job, or how it ended."""
    match job.status:
        case Status.QUEUED if job.available_at > now:
            return f"{_sentence(job.message)}Attempt {job.attempt + 1} of {job.max_attempts} follows in a moment."
        case Status.QUEUED:
            before = queue_position(job)
            if queues.is_paused(job.queue):
                return f"The queue {job.queue} is paused: it is drawn when that goes on."
            if not before:
                return "Next in line."
            if before >= pace.COUNTED:
                return f"{pace.COUNTED:,} jobs or more are before it."
            return f"{before} {'job is' if before == 1 else 'jobs are'} before it."
        case Status.RUNNING if job.cancel_requested_at:
            return "Asked to stop; it will, at the end of this step."
        case Status.RUNNING if is_overdue(job, now):
            return "It takes longer than a job may, and is stopped unless it ends in the next moments."
        case Status.RUNNING:
            doing = WORKING[Stage(job.stage)] if job.stage else "Working"
            again = f" (attempt {job.attempt} of {job.max_attempts})" if job.attempt > 1 else ""
            return f"{doing}{again}."
        case Status.SUCCEEDED:
            return job.message  # only where the picture is not its own
        case _:
            return job.message


def advice(job: RenderJob) -> str:
    """What to do about a failed job; nothing for any other."""
    return ADVICE[Reason(job.reason)] if job.reason else ""


@dataclass(frozen=True, slots=True)
class NoWorker:
    """Nobody is there to draw: since when (never, if None), and how to start somebody."""

    seen: datetime | None
    command: str


def no_worker(now: datetime) -> NoWorker | None:
    """Whether waiting is in vain: no worker was seen lately."""
    found = notices.no_worker(now)
    return NoWorker(found.seen_at, worker_command()) if found else None


@dataclass(frozen=True, slots=True)
class NoBeat:
    """Nobody ticks, so nothing comes due: since when (never, if None), and how to start somebody."""

    seen: datetime | None
    command: str


def no_beat(now: datetime) -> NoBeat | None:
    """Whether schedules stand still: there is a worker, and no tick came to it lately."""
    found = notices.no_beat(now)
    return NoBeat(found.seen_at, f"celery -A {_project()} beat") if found else None


def worker_command() -> str:
    """How a worker of this project is started."""
    return f"celery -A {_project()} worker -Q {','.join((*Queue.values, dataset.QUEUE))}"


def _project() -> str:
    """The package whose Celery app it is: that of the settings and urls."""
    return str(settings.ROOT_URLCONF.partition(".")[0])


OUTCOMES: dict[Outcome, State] = {
    Outcome.PENDING: State("queued", "Not ended"),
    Outcome.SUCCEEDED: State("succeeded", "Drawn"),
    Outcome.UNCHANGED: State("unchanged", "Unchanged"),
    Outcome.FAILED: State("failed", "Failed"),
    Outcome.CANCELLED: State("cancelled", "Cancelled"),
    Outcome.EXPIRED: State("expired", "Expired"),
    Outcome.SKIPPED: State("skipped", "Missed"),
}
"""What people call what became of a run, and its colour."""


def state_of_run(run: Run) -> State:
    """How a run stands. Until a tick has settled it, its job knows better."""
    if run.outcome == Outcome.PENDING and run.job:
        return State("succeeded", "Drawn") if run.job.status == Status.SUCCEEDED else state_of(run.job)
    return OUTCOMES[Outcome(run.outcome)]


def state_of_version(version: DatasetVersion) -> State:
    """How far an upload is."""
    match version.status:
        case VersionStatus.READING:
            return State("running", "Being read") if version.lease_expires_at else State("queued", "Waiting to be read")
        case VersionStatus.READY:
            return State("succeeded", "Ready")
        case _:
            return State("failed", "Not readable")


def duration(length: timedelta) -> str:
    """A length of time as a person says it: ``340 ms``, ``4.2 s``, ``3 min 5 s``, ``2 h 10 min``."""
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}. " if text else ""


def kind(name: str) -> str:
    """What people call a kind of chart; of a figure function it is empty."""
    return name.replace("_", " ").replace("-", " ").capitalize() if name else "Figure function"
