"""Health: whether everything that draws is there, and what to do where it is not.

Staff see it all; anybody else what it means for them, without the names of machines. The broker and the storage are
asked through ``readiness``, in threads that have a moment to answer: what hangs does not hang the page.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.files.storage import FileSystemStorage, default_storage
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from renderer import health as checks
from renderer import readiness
from renderer.health import Finding
from renderer.jobs import notices, pace, queues, tallies
from renderer.jobs.overviews import percentile
from renderer.jobs.queues import Standing
from renderer.models import Attempt, RenderJob, Tally, Worker
from renderer.models.job import FINAL, Stage, Status
from renderer.models.worker import State as WorkerState
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.live import Live
from renderer.web.overviews import shown as overviews
from renderer.web.words import State

EVERY: Final = 5
SAMPLE: Final = 2000
"""So many of the newest attempts, and of the jobs that ended last, say how fast it goes."""
LATELY: Final = timedelta(hours=1)
GONE: Final = timedelta(hours=1)
"""So long a worker that was lost is still shown."""

_TODO: Final = {
    "database": checks.TODO_DATABASE,
    "migrations": checks.TODO_MIGRATE,
    "broker": checks.TODO_BROKER,
    "storage": checks.TODO_STORAGE,
}
_WELL: Final = {
    "database": "answers",
    "migrations": "all tables are there",
    "broker": "answers",
    "storage": "takes files",
}
_FULL: Final = "There is no room for new ones at present. Those that are there stay."
_WORKER: Final = {
    WorkerState.ALIVE: State("succeeded", "Alive"),
    WorkerState.DEAF: State("failed", "Takes no work"),
    WorkerState.STOPPING: State("queued", "Stopping"),
    WorkerState.LOST: State("failed", "Lost"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was looked at, for a list."""

    name: str
    says: str
    todo: str = ""

    @property
    def state(self) -> State:
        """The word beside it."""
        return State("failed", "Look at this") if self.todo else State("succeeded", "Well")


@dataclass(frozen=True, slots=True)
class Doing:
    """What a worker draws at the moment."""

    job: RenderJob
    is_visible: bool
    """Whether whoever looks may open it."""

    @property
    def stage(self) -> str:
        """How far it is."""
        return words.WORKING[Stage(self.job.stage)] if self.job.stage else "Working"


@dataclass(frozen=True, slots=True)
class Hand:
    """One worker process with its children."""

    worker: Worker
    state: State
    doing: list[Doing]
    drawn: int
    """Attempts that it ended lately, of those that were sampled."""

    @property
    def queues(self) -> str:
        """What it draws from, as a list that can be broken into lines."""
        return ", ".join(self.worker.queues.split(","))


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast it goes lately."""

    jobs: int
    is_capped: bool
    per_minute: float
    failed: int
    waits: tuple[timedelta, timedelta] | None
    draws: tuple[timedelta, timedelta] | None
    """The median and the 95th percentile."""


@require_GET
@signed_in
def health(request: SignedInRequest) -> HttpResponse:
    """Everything at a glance."""
    return render(request, "renderer/health.html", {"live": _live(request).html(request)})


@require_GET
@fragment
def health_live(request: SignedInRequest) -> HttpResponse:
    """The same, again and again."""
    return _live(request).answer(request)


def _live(request: SignedInRequest) -> Live:
    now = timezone.now()
    context = _for_staff(request, now) if request.user.is_staff else _for_anybody(now)
    template = "renderer/_health.html" if request.user.is_staff else "renderer/_health_plain.html"
    return Live(name="health", template=template, url=reverse("health-live"), every=EVERY, context=context)


def _for_staff(request: SignedInRequest, now: datetime) -> dict[str, Any]:
    missing = readiness.examine()
    found = [_ready(name, missing) for name in readiness.PARTS]
    paused = queues.paused()
    found += [_part(checks.look_at_workers()), _part(checks.look_at_queues()), _part(checks.look_at_beat())]
    lately = list(Attempt.objects.order_by("-pk").values_list("worker", "ended_at")[:SAMPLE])
    return {
        "parts": found,
        "ill": sum(bool(part.todo) for part in found),
        "no_worker": words.no_worker(now),
        "no_beat": words.no_beat(now),
        "queues": [_Row(one, one.queue in paused, now) for one in queues.standings(now)],
        "hands": _hands(request, now, lately),
        "beat": notices.beat_seen(),
        "speed": _speed(now),
        "space": _space(),
        "totals": _totals(),
        "overviews": overviews(request, everyone=True),
    }


class _Row:
    """A queue in its table."""

    def __init__(self, standing: Standing, is_paused: bool, now: datetime) -> None:
        self.standing = standing
        self.is_paused = is_paused
        self.waits = now - standing.oldest if standing.oldest else None


def _for_anybody(now: datetime) -> dict[str, Any]:
    missing = readiness.examine()
    no_worker, no_beat = notices.no_worker(now), notices.no_beat(now)
    paused = [queue.label.lower() for queue in queues.paused()]
    kept = "What you ask for is kept, and drawn when it is back."
    tables = missing.get("database") or missing.get("migrations")
    found = [
        Part("Drawing", no_worker.message, kept) if no_worker else Part("Drawing", _soon(now)),
        Part("Schedules", no_beat.message, kept) if no_beat else Part("Schedules", "They run."),
        Part("Messages", "New charts reach the workers late at present.", kept)
        if "broker" in missing
        else Part("Messages", "New charts reach the workers at once."),
        Part("Pictures", _FULL if _is_full(missing) else "They cannot be stored at present.", kept)
        if "storage" in missing
        else Part("Pictures", "They can be stored."),
        Part("Data", "It cannot be read in full at present.", kept) if tables else Part("Data", "It can be read."),
    ]
    return {"parts": found, "ill": sum(bool(part.todo) for part in found), "paused": paused}


def _soon(now: datetime) -> str:
    seconds = pace.seconds_for(1, now)
    return f"A chart is mostly drawn within {seconds} second{'' if seconds == 1 else 's'}, once it is its turn."


def _ready(name: str, missing: dict[str, str]) -> Part:
    says = missing.get(name)
    if says is None:
        return Part(name, _WELL[name])
    return Part(name, says, checks.TODO_FULL if name == "storage" and _is_full(missing) else _TODO[name])


def _is_full(missing: dict[str, str]) -> bool:
    return missing.get("storage") == readiness.FULL


def _part(finding: Finding) -> Part:
    return Part(finding.name, finding.says, finding.todo)


def _hands(request: SignedInRequest, now: datetime, lately: Sequence[tuple[str, datetime | None]]) -> list[Hand]:
    drawn = Counter(name for name, ended in lately if ended and ended > now - LATELY)
    running: dict[str, list[RenderJob]] = {}
    for job in RenderJob.objects.filter(status=Status.RUNNING).defer("recipe").order_by("started_at"):
        running.setdefault(job.worker, []).append(job)
    return [
        Hand(
            worker,
            _WORKER[worker.state(now)],
            [Doing(job, job.owner_id in (None, request.account.pk)) for job in running.get(worker.name, [])],
            drawn[worker.name],
        )
        for worker in Worker.objects.filter(seen_at__gt=now - GONE)
    ]


def _speed(now: datetime) -> Speed:
    ended = RenderJob.objects.filter(status__in=FINAL, finished_at__gt=now - LATELY).order_by("-finished_at")
    rows = list(ended.values_list("status", "created_at", "started_at", "finished_at")[:SAMPLE])
    waits = [(started - created).total_seconds() for _, created, started, _ in rows if started]
    draws = [
        (finished - started).total_seconds()
        for status, _, started, finished in rows
        if started and finished and status == Status.SUCCEEDED
    ]
    oldest = rows[-1][3] if len(rows) == SAMPLE else None
    minutes = max((now - (oldest or now - LATELY)).total_seconds() / 60, 1 / 60)
    return Speed(
        len(rows),
        len(rows) == SAMPLE,
        round(len(rows) / minutes, 1),
        sum(status == Status.FAILED for status, *_ in rows),
        _two(waits),
        _two(draws),
    )


def _two(seconds: list[float]) -> tuple[timedelta, timedelta] | None:
    if not seconds:
        return None
    return timedelta(seconds=percentile(seconds, 50)), timedelta(seconds=percentile(seconds, 95))


@dataclass(frozen=True, slots=True)
class Space:
    """What is left where pictures are stored."""

    place: str
    free: int
    total: int

    @property
    def used(self) -> int:
        """Of a hundred."""
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def _space() -> Space | None:
    """Only a storage that is a folder says how much room there is."""
    if not isinstance(default_storage, FileSystemStorage):
        return None
    try:
        usage = shutil.disk_usage(default_storage.location)
    except OSError:  # it is not there: the storage's own line says so
        return None
    return Space(str(default_storage.location), usage.free, usage.total)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was ever counted."""

    jobs: list[tuple[str, int]]
    until: datetime | None


def _totals() -> Totals:
    counts: Counter[str] = Counter()
    for labels, numbers in Tally.objects.filter(name=tallies.JOBS).values_list("labels", "numbers"):
        counts[labels.split(" ")[tallies.COUNTERS[tallies.JOBS].index("status")]] += int(numbers[0])
    until = Tally.objects.filter(name=tallies.CURSOR).values_list("counted_until", flat=True).first()
    return Totals([(words.STATES[status], counts[status]) for status in FINAL if counts[status]], until)
