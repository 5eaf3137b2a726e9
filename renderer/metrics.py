"""Metrics for Prometheus: what is counted of requests in this process, and, read from the database at each scrape,
everything about jobs, queues and workers of all machines.

With ``PROMETHEUS_MULTIPROC_DIR`` in the environment before this is imported, each process keeps what it counts of
requests in a file of its own there, and any of them answers for all, each with its process id as a label: a process
that ends takes its own counters with it, and makes no others go down.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from renderer.jobs import notices, queues, tallies
from renderer.models import Delivery, Worker
from renderer.models.delivery import DeliveryStatus
from renderer.models.job import Queue
from renderer.models.worker import LOST_AFTER

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FILE: Final = re.compile(r"(?:counter|histogram)_(\d+)\.db")

_own = CollectorRegistry()
_requests = Counter("figpress_http_requests", "Requests answered.", ("method", "route", "status"), registry=_own)
_seconds = Histogram(
    "figpress_http_request_seconds",
    "How long requests took; long polls take as long as they wait.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request was answered. Routes are patterns of URLs: there are only so many."""
    route = route or "none"
    _requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


def text() -> bytes:
    """Everything, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(Jobs())
    registry.register(Requests())
    return generate_latest(registry)


class Requests(Collector):
    """What all web processes of this machine have counted."""

    def collect(self) -> Iterable[Metric]:
        """From the registry of this process or, with a directory, from every process's files."""
        folder = os.environ.get(DIRECTORY)
        if not folder:
            yield from _own.collect()
            return
        merge: Any = MultiProcessCollector.merge  # it has no types
        together: dict[str, Metric] = {}
        for process, files in _files_by_process(Path(folder)).items():
            merged: list[Metric] = merge([str(file) for file in files])
            for metric in merged:
                into = together.setdefault(metric.name, metric)
                samples = [_of_process(sample, process) for sample in metric.samples]
                into.samples = samples if into is metric else [*into.samples, *samples]
        yield from together.values()


def _files_by_process(folder: Path) -> dict[int, list[Path]]:
    """The files of the living. Those of the dead are removed: their series end, as they do when a process ends."""
    found: dict[int, list[Path]] = {}
    for file in sorted(folder.glob("*.db")):
        if (name := _FILE.fullmatch(file.name)) is None:
            continue
        process = int(name[1])
        if _is_alive(process):
            found.setdefault(process, []).append(file)
        else:
            with suppress(FileNotFoundError):  # somebody else is scraped in this moment
                file.unlink()
    return found


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, as somebody else
    return True


def _of_process(sample: Sample, process: int) -> Sample:
    return sample._replace(labels={**sample.labels, "process": str(process)})


class Jobs(Collector):
    """Queues, jobs, workers: from the database, for all machines."""

    def collect(self) -> Iterable[Metric]:
        """Counts what finished lately, then reads. If the database is away, that is all there is to say."""
        up = GaugeMetricFamily("figpress_database_up", "Whether the database answers: 1 or 0.")
        metrics: list[Metric] = []
        try:
            metrics = [*_now(), *_so_far()]
        except DatabaseError:
            up.add_metric([], 0)
        else:
            up.add_metric([], 1)
        yield up
        yield from metrics


def _now() -> Iterator[Metric]:
    now = timezone.now()
    queued = GaugeMetricFamily("figpress_jobs_queued", "Jobs that wait.", labels=("queue",))
    oldest = GaugeMetricFamily(
        "figpress_oldest_queued_seconds", "How long the oldest job waits that may be drawn. Scale on this.",
        labels=("queue",),
    )  # fmt: skip
    running = GaugeMetricFamily("figpress_jobs_running", "Jobs that are being drawn.", labels=("queue",))
    for one in queues.standings(now):
        queue = one.queue.value
        queued.add_metric([queue], one.waiting)
        oldest.add_metric([queue], (now - one.oldest).total_seconds() if one.oldest else 0)
        running.add_metric([queue], one.running)
    yield from (queued, oldest, running)
    yield from _workers()
    yield from _beat()
    yield from _deliveries(now)


def _workers() -> Iterator[Metric]:
    alive = list(Worker.objects.filter(seen_at__gt=timezone.now() - LOST_AFTER))
    yield GaugeMetricFamily("figpress_workers", "Workers that are alive.", value=len(alive))
    slots = GaugeMetricFamily(
        "figpress_worker_slots", "Jobs that can be drawn at a time, by the queues they come from.", labels=("queue",)
    )
    for queue in Queue.values:
        slots.add_metric([queue], sum(w.concurrency for w in alive if queue in w.queues.split(",")))
    yield slots
    seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    yield GaugeMetricFamily(
        "figpress_worker_last_seen_timestamp_seconds", "When any worker gave its last sign of life.",
        value=seen.timestamp() if seen else 0,
    )  # fmt: skip


def _beat() -> Iterator[Metric]:
    ticked = notices.beat_seen()
    yield GaugeMetricFamily(
        "figpress_beat_last_seen_timestamp_seconds", "When a tick of beat last came to a worker.",
        value=ticked.timestamp() if ticked else 0,
    )  # fmt: skip


def _deliveries(now: datetime) -> Iterator[Metric]:
    rows = Delivery.objects.filter(status=DeliveryStatus.WAITING)
    waiting = rows.aggregate(n=Count("pk"), due=Min("next_attempt_at"))
    yield GaugeMetricFamily(
        "figpress_deliveries_waiting", "Deliveries to webhooks that wait for an attempt, or for its end.",
        value=waiting["n"],
    )  # fmt: skip
    yield GaugeMetricFamily(
        "figpress_oldest_delivery_seconds", "How long the delivery waits whose next attempt has been due longest.",
        value=max(0.0, (now - waiting["due"]).total_seconds()) if waiting["due"] else 0,
    )  # fmt: skip


_COUNTERS: Final = {
    "jobs": ("figpress_jobs_finished", "Jobs that have ended."),
    "attempts": ("figpress_job_attempts", "How often the jobs that have ended were claimed."),
    "pictures": ("figpress_pictures", "Files that were drawn."),
    "bytes": ("figpress_picture_bytes", "Their bytes."),
    "deliveries": ("figpress_deliveries", "Deliveries to webhooks that have arrived, or were given up."),
}
_HISTOGRAMS: Final = {
    "queue_time": ("figpress_job_queue_seconds", "From the ask to the last claim."),
    "stage_time": ("figpress_job_stage_seconds", "Each stage of jobs that succeeded: drawing, storing and so on."),
    "draw_time": ("figpress_job_draw_seconds", "The drawing alone, by kind of chart."),
}


def _so_far() -> Iterator[Metric]:
    tallies.count(timezone.now())
    counted = tallies.numbers()
    for name, (metric_name, says) in _COUNTERS.items():
        counter = CounterMetricFamily(metric_name, says, labels=tallies.COUNTERS[name])
        for labels, values in counted.get(name, []):
            counter.add_metric(labels, values[0])
        yield counter
    for name, (metric_name, says) in _HISTOGRAMS.items():
        histogram = HistogramMetricFamily(metric_name, says, labels=tallies.HISTOGRAMS[name])
        bounds = [*(str(float(bound)) for bound in tallies.BUCKETS[name]), "+Inf"]
        for labels, values in counted.get(name, []):
            buckets = list(zip(bounds, accumulate(values[1:]), strict=True))
            histogram.add_metric(labels, buckets, sum_value=values[0])
        yield histogram
