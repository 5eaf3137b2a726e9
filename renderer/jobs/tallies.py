"""Tallies: finished jobs and deliveries, counted once and for good, from their rows.

From the rows and not in the processes: workers are killed, recycled and on other machines, and a counter in Redis goes
with Redis. What is counted is added to the table ``Tally`` in windows of time that follow each other; the row that says
how far they go moves by a guarded UPDATE in the same transaction, so any number of processes may count at once and each
job is counted once. Jobs are deleted later, by retention or with their chart; the counters stay and never go down.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.fields.json import KT

from renderer.models import Delivery, RenderJob, Rendition, Tally
from renderer.models.job import FINAL

SETTLED: Final = timedelta(seconds=30)
"""A window ends this long ago: by then what was to finish in it is committed, also where the database was busy and
where the clocks of the machines differ a little."""
BATCH: Final = 2000
"""Jobs of one window, at most: a transaction of some tens of milliseconds."""
CURSOR: Final = "counted"

JOBS: Final = "jobs"
ATTEMPTS: Final = "attempts"
PICTURES: Final = "pictures"
BYTES: Final = "bytes"
DELIVERIES: Final = "deliveries"
QUEUE_TIME: Final = "queue_time"
STAGE_TIME: Final = "stage_time"
DRAW_TIME: Final = "draw_time"

COUNTERS: Final[Mapping[str, tuple[str, ...]]] = {
    JOBS: ("queue", "kind", "status", "reason"),
    ATTEMPTS: ("queue",),
    PICTURES: ("format",),
    BYTES: ("format",),
    DELIVERIES: ("status",),
}
HISTOGRAMS: Final[Mapping[str, tuple[str, ...]]] = {
    QUEUE_TIME: ("queue",),
    STAGE_TIME: ("stage",),
    DRAW_TIME: ("kind",),
}
"""What is counted, with the names of its labels."""
BUCKETS: Final[Mapping[str, tuple[float, ...]]] = {
    QUEUE_TIME: (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600),
    STAGE_TIME: (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    DRAW_TIME: (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
}
"""Upper bounds in seconds. Changing them would mix up what was counted before."""

Counts = dict[tuple[str, str], list[float]]


def count(now: datetime) -> int:
    """Count what has finished since the last time. Returns how many jobs this call has counted."""
    total, until = 0, now - SETTLED
    while (counted := _count_window(until)) is not None:
        total += counted
        if counted < BATCH:
            break
    return total


def numbers() -> dict[str, list[tuple[list[str], list[float]]]]:
    """Everything counted so far: for each name, the values of its labels with its numbers."""
    found: dict[str, list[tuple[list[str], list[float]]]] = {}
    for name, labels, values in Tally.objects.filter(counted_until=None).values_list("name", "labels", "numbers"):
        found.setdefault(name, []).append((_split(labels), values))
    return found


def _count_window(until: datetime) -> int | None:
    """One window, in one transaction. None if there is nothing to do, or somebody else does it."""
    cursor, _ = Tally.objects.get_or_create(name=CURSOR, labels="", defaults={"counted_until": until})
    since = cursor.counted_until
    if since is None or since >= until:
        return None
    finished = RenderJob.objects.filter(status__in=FINAL, finished_at__gt=since, finished_at__lte=until)
    with transaction.atomic():
        ends = list(finished.order_by("finished_at").values_list("finished_at", flat=True)[: BATCH + 1])
        if len(ends) > BATCH and ends[BATCH - 1] is not None:
            until = ends[BATCH - 1]
            finished = finished.filter(finished_at__lte=until)
        if not Tally.objects.filter(pk=cursor.pk, counted_until=since).update(counted_until=until):
            return None
        counts = _deliveries(since, until)
        if ends:
            counts |= _counts(finished)
        if counts:
            _add(counts)
    return min(len(ends), BATCH)


def _counts(finished: Any) -> Counts:
    counts: Counts = defaultdict(lambda: [0.0])
    rows = finished.values_list(
        "queue", KT("recipe__spec__kind"), KT("recipe__figure"), "status", "reason", "attempt", "created_at",
        "started_at", "timings",
    )  # fmt: skip
    for queue, of_spec, figure, status, reason, attempts, created, started, timings in rows:
        kind = "figure" if figure else of_spec or "panels"
        counts[JOBS, _join(queue, kind, status, reason)][0] += 1
        counts[ATTEMPTS, queue][0] += attempts
        if started is not None:
            _observe(counts, QUEUE_TIME, queue, (started - created).total_seconds())
        for stage, ms in timings.items():
            _observe(counts, STAGE_TIME, stage, ms / 1000)
        if "drawing" in timings:
            _observe(counts, DRAW_TIME, kind, timings["drawing"] / 1000)
    files = Rendition.objects.asked_for().filter(job__in=finished)
    sizes = files.values_list("format").annotate(n=Count("id"), size=Sum("bytes"))
    for name, n, size in sizes:
        counts[PICTURES, name][0] += n
        counts[BYTES, name][0] += size
    return counts


def _deliveries(since: datetime, until: datetime) -> Counts:
    """Those that ended. One that is sent once more ends, and counts, once more."""
    ended = Delivery.objects.filter(finished_at__gt=since, finished_at__lte=until).order_by()
    return {(DELIVERIES, status): [n] for status, n in ended.values_list("status").annotate(n=Count("id"))}


def _observe(counts: Counts, name: str, labels: str, value: float) -> None:
    bounds = BUCKETS[name]
    values = counts.setdefault((name, labels), [0.0] * (len(bounds) + 2))
    values[0] += value
    values[1 + bisect_left(bounds, value)] += 1


def _add(counts: Counts) -> None:
    """To what was counted before. Nobody else does it now: the row of the cursor is ours until the commit."""
    known = {(tally.name, tally.labels): tally for tally in Tally.objects.filter(counted_until=None)}
    for key, more in counts.items():
        tally = known.setdefault(key, Tally(name=key[0], labels=key[1], numbers=[0.0] * len(more)))
        tally.numbers = [round(before + new, 6) for before, new in zip(tally.numbers, more, strict=True)]
    new = [known[key] for key in counts if known[key]._state.adding]
    changed = [known[key] for key in counts if not known[key]._state.adding]
    Tally.objects.bulk_create(new)
    Tally.objects.bulk_update(changed, ["numbers"], batch_size=100)


def _join(*values: str) -> str:
    """Label values are words of ours, without spaces; an empty one is a hyphen."""
    return " ".join(value or "-" for value in values)


def _split(labels: str) -> list[str]:
    return ["" if value == "-" else value for value in labels.split(" ")]
