"""Records: what is kept of what happened, and of what nobody gave a name, and for how many days."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from renderer.jobs import charts, variants
from renderer.models import Batch, BatchItem, Chart, RenderJob, Run, Schedule, ShareLink
from renderer.models.job import ACTIVE
from renderer.models.run import Outcome

DAYS: Final = "FIGPRESS_KEEP_RECORDS"
DEFAULT: Final[Mapping[str, int]] = {"runs": 400, "batches": 90, "links": 30, "drafts": 1, "unnamed": 0}
"""A year and a month of runs, so that one year can be compared with the one before. 0 is for ever: a chart without a
name may be the only thing that somebody's page shows."""
BATCH: Final = 200
BUDGET: Final = 20.0
"""Seconds that one sweep may take, as that of jobs."""


def days(kind: str) -> int:
    """How many days these are kept; 0 is for ever. Raises ValueError for a kind that is none."""
    chosen: Mapping[str, int] = getattr(settings, DAYS, {})
    if unknown := set(chosen) - set(DEFAULT):
        raise ValueError(f"{DAYS}: there are no {', '.join(sorted(unknown))}; there are {', '.join(DEFAULT)}")
    return int({**DEFAULT, **chosen}[kind])


def sweep(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete what is past its time, in small batches. Returns how many went."""
    deadline = time.monotonic() + budget
    gone = 0
    for kind, delete in _DELETE.items():
        if not (kept := days(kind)):
            continue
        while time.monotonic() < deadline and (n := delete(now - timedelta(days=kept))):
            gone += n
    return gone


def _runs(before: datetime) -> int:
    old = Run.objects.filter(created_at__lt=before).exclude(outcome=Outcome.PENDING).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:BATCH])
    Run.objects.filter(pk__in=pks).delete()
    return len(pks)


def _batches(before: datetime) -> int:
    """The charts stay: they are their owner's. A batch that is not done stays, too."""
    waits = BatchItem.objects.filter(batch=OuterRef("pk"), job__status__in=ACTIVE)
    old = Batch.objects.filter(~Exists(waits), created_at__lt=before).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:10])  # of a thousand items each
    Batch.objects.filter(pk__in=pks).delete()
    return len(pks)


def _links(before: datetime) -> int:
    over = ShareLink.objects.filter(Q(revoked_at__lt=before) | Q(expires_at__lt=before)).order_by("pk")
    found = list(over.select_related("variant__chart")[:BATCH])
    ShareLink.objects.filter(pk__in=[link.pk for link in found]).delete()
    for chart in {link.variant.chart for link in found}:
        variants.forget_unlinked(chart)
    return len(found)


def _unnamed(before: datetime) -> int:
    """Recipes that were asked for once, as those of ``/render``: asked for again, they are drawn again."""
    used = (
        Exists(Schedule.objects.filter(chart=OuterRef("pk")))
        | Exists(ShareLink.objects.filter(ShareLink.living(), variant__chart=OuterRef("pk")))
        | Exists(Chart.objects.filter(pk=OuterRef("pk"), tags__isnull=False))
    )
    old = Chart.objects.filter(~used, name="", is_draft=False, updated_at__lt=before)
    old = old.filter(Q(checked_at=None) | Q(checked_at__lt=before)).order_by("pk").defer("spec", "params")
    gone = 0
    for chart in old[:BATCH]:
        if not RenderJob.objects.filter(target_id=str(chart.pk), status__in=ACTIVE).exists():
            charts.delete(chart)
            gone += 1
    return gone


_DELETE: Final[Mapping[str, Callable[[datetime], int]]] = {
    "runs": _runs,
    "batches": _batches,
    "links": _links,
    "unnamed": _unnamed,
}
