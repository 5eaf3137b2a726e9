"""A load, and what came of it: charts are asked for at a rate, or by so many who each wait for theirs.

Over HTTP it measures the whole way, from here; without an address it asks as a project's own code does, in this
process, and waits for workers all the same. When a picture was ready is read from the job's row, or over HTTP from the
job, so both count the same.
"""

from __future__ import annotations

import itertools
import random
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from json import dumps, loads
from typing import TYPE_CHECKING, Any, Final

from django.db import connections
from django.utils import timezone

from renderer.jobs import charts
from renderer.models import Chart, RenderJob, Worker
from renderer.models.job import ACTIVE, Queue, Status, Trigger
from renderer.models.worker import LOST_AFTER
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib.auth.models import User
NAME: Final = "Load test"
KINDS: Final[dict[str, dict[str, Any]]] = {
    "bar": {"kind": "bar", "x": "name", "y": "sum(value)"},
    "line": {"kind": "line", "x": "n", "y": "value", "color": "name"},
    "scatter": {"kind": "scatter", "x": "n", "y": "value"},
    "histogram": {"kind": "histogram", "x": "value"},
    "heatmap": {"kind": "heatmap", "x": "n", "y": "name", "color": "value"},
}
MOST_WAITING: Final = 256
"""Threads, at most, of those who ask at a rate: answers that are slow must not slow the asks down."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for."""

    seconds: float
    rate: float = 0
    """Asks in a second, whatever the answers take; 0: closed, ``users`` ask one after the other."""
    users: int = 4
    kinds: Sequence[str] = tuple(KINDS)
    duplicates: float = 0.1
    """The part of the asks for a picture that is on its way already: they join its job."""
    patience: float = 120
    """Seconds to wait for the last pictures, after the last ask."""


@dataclass(slots=True)
class Result:
    """What came of it."""

    seconds: float = 0
    posts: list[float] = field(default_factory=list)
    """Seconds until each ask was answered."""
    answers: Counter[str] = field(default_factory=Counter)
    jobs: set[str] = field(default_factory=set)
    joined: int = 0
    ready: list[float] = field(default_factory=list)
    """Seconds from each job's ask to its picture."""
    drawn_at: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    workers: Counter[str] = field(default_factory=Counter)
    ages: list[tuple[float, float]] = field(default_factory=list)
    """Moments, and for how long the oldest job had been waiting then."""

    @property
    def per_second(self) -> float:
        """Pictures, from the first ask to the last of them."""
        return len(self.ready) / max(self.drawn_at) if self.drawn_at else 0.0


def spec(kind: str, number: int) -> dict[str, Any]:
    """A small chart that no other number has."""
    dice = random.Random(number)
    rows = [{"n": n, "name": "abc"[n % 3], "value": round(dice.uniform(0, 100), 1)} for n in range(30)]
    return {**KINDS[kind], "title": f"{NAME} {number}", "data": {"values": rows}}


Ask = Callable[[dict[str, Any]], tuple[str, str]]
"""Asks for a chart; returns what was answered, and the job's id if there is one."""


def over_http(address: str, token: str) -> Ask:
    """As a program elsewhere asks."""

    def ask(wanted: dict[str, Any]) -> tuple[str, str]:
        request = urllib.request.Request(  # noqa: S310 - the operator names it
            f"{address.rstrip('/')}/api/v1/charts",
            data=dumps({"spec": wanted}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # nosec B310 # noqa: S310 - the same
                return str(answer.status), str(loads(answer.read())["job"]["id"])
        except urllib.error.HTTPError as error:
            with error:
                return str(error.code), ""
        except OSError as error:
            return f"no answer ({type(error).__name__})", ""

    return ask


def in_process(owner: User) -> Ask:
    """As a project's own code asks."""

    def ask(wanted: dict[str, Any]) -> tuple[str, str]:
        chart, _ = charts.create(owner, Recipe.from_spec(wanted))
        asked = charts.render(chart, trigger=Trigger.CODE, queue=Queue.INTERACTIVE)
        return "202", str(asked.job.pk)

    return ask


def run(load: Load, ask: Ask) -> Result:
    """Ask, wait, and count."""
    result, lock, numbers = Result(), threading.Lock(), itertools.count(random.randrange(10**9) * 1000)
    began, start = timezone.now(), time.monotonic()
    last: list[dict[str, Any]] = []

    def one() -> None:
        with lock:
            number = next(numbers)
            again = bool(last) and random.random() < load.duplicates
            wanted = last[0] if again else spec(load.kinds[number % len(load.kinds)], number)
            last[:] = [wanted]
        sent = time.monotonic()
        try:
            said, job = ask(wanted)
        finally:
            connections.close_all()
        with lock:
            result.posts.append(time.monotonic() - sent)
            result.answers[said] += 1
            result.joined += bool(job) and job in result.jobs
            if job:
                result.jobs.add(job)

    def user() -> None:
        while time.monotonic() - start < load.seconds:
            one()

    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(result, stop, start))
    watcher.start()
    try:
        with ThreadPoolExecutor(load.users if not load.rate else MOST_WAITING) as threads:
            if load.rate:
                asks = [threads.submit(one) for _ in _ticks(start, load)]
            else:
                asks = [threads.submit(user) for _ in range(load.users)]
        for asked in asks:
            asked.result()  # raises what it raised
        result.seconds = time.monotonic() - start
        mine = RenderJob.objects.filter(pk__in=result.jobs)
        end = time.monotonic() + load.patience
        while RenderJob.objects.filter(status__in=ACTIVE, pk__in=result.jobs).exists() and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        stop.set()
        watcher.join()
    for status, reason, asked_at, finished, worker in mine.values_list(
        "status", "reason", "created_at", "finished_at", "worker"
    ):
        if status in ACTIVE:
            result.unfinished += 1
        elif status != Status.SUCCEEDED:
            result.failed[reason or status] += 1
        elif finished is not None:
            result.ready.append((finished - asked_at).total_seconds())
            result.drawn_at.append((finished - began).total_seconds())
            result.workers[worker] += 1
    return result


def _ticks(start: float, load: Load) -> Iterator[int]:
    """The asks of an open loop, each at its moment."""
    for n in range(max(1, int(load.seconds * load.rate))):
        time.sleep(max(0.0, start + n / load.rate - time.monotonic()))
        yield n


def _watch(result: Result, stop: threading.Event, start: float) -> None:
    try:
        while not stop.wait(0.25):
            oldest: datetime | None = (
                RenderJob.objects.filter(status=Status.QUEUED, available_at__lte=timezone.now())
                .order_by("available_at")
                .values_list("available_at", flat=True)
                .first()
            )
            age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
            result.ages.append((time.monotonic() - start, max(0.0, age)))
    finally:
        connections.close_all()


def delete_of(owner: User) -> None:
    """Take away whoever asked, and the charts with their pictures. What still waits is cancelled."""
    for chart in Chart.objects.filter(owner=owner):
        charts.delete(chart)
    owner.delete()


def workers() -> int:
    """How many are alive."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - LOST_AFTER).count()


def percentile(values: Sequence[float], share: int) -> float:
    """By rank; 0 of nothing."""
    return sorted(values)[min(len(values) - 1, share * len(values) // 100)] if values else 0.0


def report(result: Result, load: Load) -> dict[str, Any]:
    """A figure of the run, as a chart spec: pictures in each second, and how long the oldest job waited."""
    whole = int(max([*result.drawn_at, result.seconds])) + 1
    drawn = Counter(int(at) for at in result.drawn_at)
    ages: dict[int, float] = {}
    for at, age in result.ages:
        ages[int(at)] = max(ages.get(int(at), 0.0), age)
    ready = [round(1000 * statistics.median(result.ready))] if result.ready else [0]
    values = [{"second": n, "drawn": drawn[n], "oldest": round(ages.get(n, 0.0), 2)} for n in range(whole)]
    how = f"{load.rate:g} asks a second" if load.rate else f"{load.users} asking one after the other"
    by = f"{len(result.workers)} worker{'' if len(result.workers) == 1 else 's'}"
    return {
        "title": f"{result.per_second:.1f} charts a second by {by}",
        "subtitle": f"{how}; half of the pictures were there in {ready[0]:,} ms or less",
        "data": {"values": values},
        "panels": [
            {
                "layers": [{"kind": "area", "x": "second", "y": "drawn"}],
                "axes": {"x": {"title": "Seconds"}, "y": {"title": "Charts a second"}},
            },
            {
                "layers": [{"kind": "line", "x": "second", "y": "oldest"}],
                "axes": {"x": {"title": "Seconds"}, "y": {"title": "Oldest waits, s"}},
            },
        ],
    }
