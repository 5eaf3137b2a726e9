"""Overviews: pictures of how the jobs of the last day went, for those who look at their list.

A page that shows them only notes that somebody looked. Beat has them drawn, each a few minutes after the last time, as
long as somebody does: a task reads the rows, and what it makes of them is a chart as any other, drawn through the
queue. The jobs belong to nobody, so that no list and no count of a person's own work is full of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from renderer.jobs import pictures
from renderer.jobs.enqueue import enqueue
from renderer.jobs.targets import Target
from renderer.models import Overview, RenderJob, Rendition
from renderer.models.job import FINAL, Queue, Status, Trigger
from renderer.models.overview import Subject
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SPAN: Final = timedelta(hours=24)
DRAWN_EVERY: Final = timedelta(minutes=5)
LOOKED_AT_FOR: Final = timedelta(minutes=15)
"""So long after somebody last looked it is still drawn."""
NOTED_EVERY: Final = timedelta(minutes=3)
"""A page that is open notes so often that somebody looks."""
FORGOTTEN_AFTER: Final = timedelta(days=7)
MOST_JOBS: Final = 200_000
"""The newest jobs that are read for a picture."""
THEMES: Final = ("light", "dark")
WIDTH, HEIGHT = 480, 220
"""Between half of a desk's page and a phone: what is written in them can be read on both."""

OUTCOMES: Final = {
    Status.SUCCEEDED: "Drawn",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Expired",
}
COLORS: Final = {"Drawn": "#3f8f63", "Failed": "#d1432a", "Cancelled": "#8f887c", "Expired": "#c98b12"}
LENGTHS: Final = {
    "Waiting (median)": "#dba93a", "Waiting (95 %)": "#b5720a", "Drawing (median)": "#6ea3e8",
    "Drawing (95 %)": "#3a78cf",
}  # fmt: skip


def look(owner: User, now: datetime, *, everyone: bool = False) -> list[Overview]:
    """The pictures as they are, with or without one drawn. Notes that somebody looked."""
    found = list(Overview.objects.filter(owner=owner, everyone=everyone).order_by("subject"))
    if len(found) < len(Subject):
        Overview.objects.bulk_create(
            [Overview(owner=owner, everyone=everyone, subject=subject, seen_at=now) for subject in Subject],
            ignore_conflicts=True,
        )
        return list(Overview.objects.filter(owner=owner, everyone=everyone).order_by("subject"))
    if any(overview.seen_at < now - NOTED_EVERY for overview in found):
        Overview.objects.filter(pk__in=[overview.pk for overview in found]).update(seen_at=now)
    return found


def files(overviews: Sequence[Overview]) -> dict[tuple[UUID, str], Rendition]:
    """The files that are there, by overview and theme; one query for all of them."""
    by_target = {str(overview.pk): overview.pk for overview in overviews if overview.image}
    if not by_target:
        return {}
    drawn = Rendition.objects.filter(
        job__target_model=Overview._meta.label_lower, job__target_field="image", job__target_id__in=by_target
    )
    rows = drawn.select_related("job").defer("job__recipe").order_by("job_id")
    return {(by_target[row.job.target_id], row.theme): row for row in rows}


def draw_due(now: datetime) -> int:
    """Have those drawn that somebody looks at, and let go of those that nobody does. Returns how many jobs it made."""
    for old in Overview.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER):
        with transaction.atomic():
            pictures.forget(Target.of(old, "image"))
            old.delete()
    due = Overview.objects.filter(Q(drawn_at=None) | Q(drawn_at__lt=now - DRAWN_EVERY), seen_at__gt=now - LOOKED_AT_FOR)
    asked = 0
    read: dict[tuple[int, bool], Hours] = {}
    for overview in due.select_related("owner"):
        # Guarded, so that of two ticks one does it.
        if not Overview.objects.filter(pk=overview.pk, drawn_at=overview.drawn_at).update(drawn_at=now):
            continue
        whose = (overview.owner.pk, overview.everyone)
        hours = read.get(whose) or read.setdefault(whose, Hours(_jobs_of(overview), now))
        spec = hours.spec(Subject(overview.subject))
        if spec is None:
            continue  # nothing to draw: what is there stays
        recipe = Recipe.from_spec(spec, ["png"]).with_files(scales=(2,), themes=THEMES)
        asked += enqueue(recipe, Target.of(overview, "image"), trigger=Trigger.CODE, queue=Queue.UPKEEP).created
    return asked


def _jobs_of(overview: Overview) -> QuerySet[RenderJob]:
    """Whose jobs it may show: one's own, and of staff all, if it is of all."""
    jobs = RenderJob.objects.exclude(target_model=Overview._meta.label_lower)
    if overview.everyone and overview.owner.is_staff:
        return jobs
    return jobs.filter(owner=overview.owner)


class Hours:
    """What became of the jobs that were asked for in the last day, by the hour."""

    def __init__(self, jobs: QuerySet[RenderJob], now: datetime) -> None:
        self._last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        self._ended: Counter[tuple[datetime, str]] = Counter()
        self._waits: defaultdict[datetime, list[float]] = defaultdict(list)
        self._draws: defaultdict[datetime, list[float]] = defaultdict(list)
        since = self._last - SPAN + timedelta(hours=1)
        rows = jobs.filter(pk__gte=first_id(since), status__in=FINAL).order_by("-pk")
        columns = rows.values_list("status", "created_at", "started_at", "finished_at")
        for status, created, started, finished in columns[:MOST_JOBS].iterator(chunk_size=5000):
            hour = created.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            self._ended[hour, OUTCOMES[Status(status)]] += 1
            if started is not None:
                self._waits[hour].append((started - created).total_seconds())
                if status == Status.SUCCEEDED and finished is not None:
                    self._draws[hour].append((finished - started).total_seconds())

    def spec(self, subject: Subject) -> dict[str, Any] | None:
        """The chart of a subject; nothing if there is nothing to show."""
        if not self._ended or (subject is Subject.WAITS and not self._waits):
            return None
        if subject is Subject.JOBS:
            rows = [
                {"hour": _text(hour), "outcome": outcome, "jobs": self._ended[hour, outcome]}
                for hour in self._hours()
                for outcome in OUTCOMES.values()
            ]
            there = {outcome for _, outcome in self._ended}
            rows = [row for row in rows if row["outcome"] in there]
            return _spec(
                {"kind": "bar", "title": "Jobs an hour", "x": "hour", "y": "jobs", "color": "outcome"},
                rows,
                [COLORS[outcome] for outcome in OUTCOMES.values() if outcome in there],
            )
        rows = [
            {"hour": _text(hour), "length": name, "seconds": round(value, 3)}
            for hour in self._hours()
            for name, value in self._lengths(hour)
        ]
        names = [name for name in LENGTHS if any(row["length"] == name for row in rows)]
        first, *_, last = self._hours()  # the whole day, however few hours of it had jobs
        return _spec(
            {
                "kind": "line",
                "title": "Seconds of waiting and drawing",
                "x": "hour",
                "y": "seconds",
                "color": "length",
                "axes": {"x": {"min": _text(first), "max": _text(last)}},
            },
            sorted(rows, key=lambda row: names.index(str(row["length"]))),
            [LENGTHS[name] for name in names],
        )

    def _hours(self) -> Iterator[datetime]:
        hours = int(SPAN / timedelta(hours=1))
        return (self._last - timedelta(hours=before) for before in range(hours - 1, -1, -1))

    def _lengths(self, hour: datetime) -> Iterator[tuple[str, float]]:
        for name, lengths in (("Waiting", self._waits[hour]), ("Drawing", self._draws[hour])):
            if lengths:
                yield f"{name} (median)", percentile(lengths, 50)
                yield f"{name} (95 %)", percentile(lengths, 95)


def percentile(values: Sequence[float], percent: int) -> float:
    """What so many of a hundred values do not exceed."""
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1]


def first_id(at: datetime) -> UUID:
    """What ids of rows that came at this moment or later are not below: they are UUIDv7, which begin with the time."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def _text(hour: datetime) -> str:
    return hour.strftime("%Y-%m-%dT%H:%MZ")


def _spec(chart: dict[str, Any], rows: list[dict[str, object]], colors: list[str]) -> dict[str, Any]:
    return {
        **chart,
        "data": {"columns": {name: [row[name] for row in rows] for name in rows[0]}},
        "palette": colors,
        "image": {"width": WIDTH, "height": HEIGHT, "background": "transparent"},  # they lie on panels
    }
