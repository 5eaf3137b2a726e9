"""Sieve: which jobs of a person the list shows, read from the address and written into the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet

from renderer.jobs.overviews import first_id
from renderer.models import BatchItem, Chart, RenderJob
from renderer.models.job import Reason, Status, Trigger

SINCE: Final = {"1h": ("Last hour", timedelta(hours=1)), "24h": ("Last 24 hours", timedelta(hours=24)),
                "7d": ("Last 7 days", timedelta(days=7))}  # fmt: skip
COUNTED: Final = 1000
"""Counting stops here: beyond it nobody needs to know, and a page stays quick however many jobs there are."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is asked for; an empty one lets everything through. Nonsense in an address counts as nothing."""

    status: str = ""
    trigger: str = ""
    reason: str = ""
    since: str = ""
    chart: UUID | None = None
    schedule: UUID | None = None
    batch: UUID | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address or a form."""

        def one_of(name: str, allowed: object) -> str:
            value = query.get(name, "")
            return value if value in list(allowed) else ""  # type: ignore[call-overload]  # choices are iterable

        return cls(
            status=one_of("status", Status.values),
            trigger=one_of("trigger", Trigger.values),
            reason=one_of("reason", Reason.values),
            since=one_of("since", SINCE),
            chart=_uuid(query.get("chart", "")),
            schedule=_uuid(query.get("schedule", "")),
            batch=_uuid(query.get("batch", "")),
        )

    @property
    def values(self) -> dict[str, str]:
        """What is set, for forms and addresses."""
        names = ("status", "trigger", "reason", "since", "chart", "schedule", "batch")
        return {name: str(value) for name in names if (value := getattr(self, name))}

    @property
    def address(self) -> str:
        """As a query string."""
        return urlencode(self.values)

    @property
    def is_only_status(self) -> bool:
        """Whether nothing but a state is asked for."""
        return set(self.values) == {"status"}

    def but(self, **values: str) -> Sieve:
        """The same with something else."""
        return replace(self, **values)  # type: ignore[arg-type]  # texts only, for fields that are texts

    def sift(self, jobs: QuerySet[RenderJob], now: datetime) -> QuerySet[RenderJob]:
        """Those that it lets through."""
        if self.reason:
            jobs = jobs.filter(status=Status.FAILED, reason=self.reason)  # the first is what there is an index of
        if self.status:
            jobs = jobs.filter(status=self.status)
        if self.trigger:
            jobs = jobs.filter(trigger=self.trigger)
        if self.since:
            jobs = jobs.filter(pk__gte=first_id(now - SINCE[self.since][1]))
        if self.chart:
            jobs = jobs.filter(target_model=Chart._meta.label_lower, target_id=str(self.chart), target_field="image")
        if self.schedule:
            jobs = jobs.filter(schedule=self.schedule)
        if self.batch:
            jobs = jobs.filter(pk__in=BatchItem.objects.filter(batch=self.batch, job__isnull=False).values("job"))
        return jobs

    def counts(self, jobs: QuerySet[RenderJob], now: datetime) -> dict[str, int]:
        """How many there are in each state besides; one more than COUNTED stands for that many or more."""
        fit = self.but(status="").sift(jobs, now).order_by()
        return {status: fit.filter(status=status)[: COUNTED + 1].count() for status in Status.values}


def many(n: int) -> str:
    """A count as it is shown: ``1,000+`` where counting stopped."""
    return f"{COUNTED:,}+" if n > COUNTED else f"{n:,}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
