"""Usage: what an account has and has done, from the rows, and what it may. The number of queries is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from renderer.jobs import datasets, line
from renderer.models import Chart, Dataset, RenderJob, Rendition, Schedule
from renderer.models.job import Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Share:
    """So much of something, and how much there may be."""

    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Usage:
    """All of it."""

    jobs: Mapping[Status, tuple[int, int]]
    """Asked for today, and this month, by what became of them. Rows that went with their time do not count."""
    waiting: Mapping[str, Share]
    """By queue."""
    charts: int
    schedules: int
    active_schedules: int
    picture_bytes: int
    datasets: Share
    dataset_bytes: Share


def of(account: User, now: datetime) -> Usage:
    """The usage of an account. The day and the month begin where the clock of ``now`` says."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    jobs = RenderJob.objects.filter(owner=account).order_by()
    counted = (
        jobs.filter(created_at__gte=day.replace(day=1))
        .values_list("status")
        .annotate(today=Count("pk", filter=Q(created_at__gte=day)), month=Count("pk"))
    )
    found = {status: (today, month) for status, today, month in counted}
    most = line.most_waiting()
    queued = jobs.filter(status=Status.QUEUED).values_list("queue").annotate(n=Count("pk"))
    plans = Schedule.objects.filter(owner=account).aggregate(
        every=Count("pk"), active=Count("pk", filter=Q(is_active=True))
    )
    pictures = Rendition.objects.filter(job__owner=account).aggregate(held=Sum("bytes"))
    return Usage(
        jobs={status: found.get(status, (0, 0)) for status in Status},
        waiting={queue: Share(n, most) for queue, n in sorted(queued)},
        charts=Chart.objects.filter(owner=account).count(),
        schedules=plans["every"],
        active_schedules=plans["active"],
        picture_bytes=pictures["held"] or 0,
        datasets=Share(Dataset.objects.filter(owner=account).count(), datasets.most_datasets()),
        dataset_bytes=Share(datasets.bytes_of(account), datasets.most_bytes()),
    )
