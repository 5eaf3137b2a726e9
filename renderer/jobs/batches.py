"""Batches: many charts in one call, with one status, one cancel and one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from renderer.jobs import bulk, lifecycle
from renderer.jobs.bulk import Ask
from renderer.models import Batch, BatchItem, RenderJob
from renderer.models.job import ACTIVE, FINAL, Queue, Status, Trigger
from renderer.models.owned import new_id
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

MOST: Final = 1000
"""Charts of one batch. Ten thousand are ten batches: what one call asks for is also what one mistake asks for."""
DELETED: Final = "deleted"
"""The state of an item whose chart or job is not kept any more, beside those of jobs."""
STATES: Final = (*(status.value for status in Status), DELETED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is, at one moment."""

    counts: dict[str, int]
    """How many items are in each state; all states are there."""
    total: int
    last_finished_at: datetime | None

    @property
    def finished(self) -> int:
        """Items for which nothing will change any more."""
        return self.total - sum(self.counts[status] for status in ACTIVE)

    @property
    def is_done(self) -> bool:
        """Whether that is all of them."""
        return self.finished == self.total

    @property
    def finished_at(self) -> datetime | None:
        """When it was done."""
        return self.last_finished_at if self.is_done else None


def create(
    owner: User,
    wanted: Sequence[tuple[Recipe, str]],
    *,
    name: str = "",
    trigger: Trigger = Trigger.CODE,
    max_age: timedelta | None = None,
    request_id: str = "",
) -> Batch:
    """Ask for many charts, each a recipe and a name (or none), in one transaction. The broker hears of it on commit.

    Equal recipes without a name are one chart and one job. What is on its way already is joined, and a picture that
    is there answers at once; see ``enqueue``.
    """
    if not 1 <= len(wanted) <= MOST:
        raise ValueError(f"a batch has 1 to {MOST} charts, not {len(wanted)}")
    asks = [Ask(recipe, recipe.content_key, chart_name) for recipe, chart_name in wanted]
    with transaction.atomic():
        charts, before = bulk.create(owner, asks)
        asked = bulk.render(
            owner,
            list(zip(charts, asks, strict=True)),
            before=before,
            trigger=trigger,
            queue=Queue.BULK,
            request_id=request_id,
            max_age=max_age,
        )
        batch = Batch.objects.create(
            owner=owner, name=name, total=len(asks), request_id=request_id, created_at=timezone.now()
        )
        ids = sorted(new_id() for _ in charts)  # their order is that of the items: lists go by it
        BatchItem.objects.bulk_create(
            BatchItem(
                id=item_id,
                batch=batch,
                position=position,
                chart=chart,
                job=asked[chart.pk].job,
                is_own=asked[chart.pk].created,
            )
            for position, (item_id, chart) in enumerate(zip(ids, charts, strict=True))
        )
    return batch


def cancel(batch: Batch) -> int:
    """Stop what was asked for by this batch alone. Returns how many jobs were cancelled or asked to stop.

    Jobs that were on their way before it, and those that another batch has joined, go on: somebody waits for them.
    """
    others = BatchItem.objects.exclude(batch=batch).filter(batch__cancelled_at=None)
    own = RenderJob.objects.filter(batch_items__batch=batch, batch_items__is_own=True, status__in=ACTIVE)
    with transaction.atomic():
        stopped = lifecycle.cancel_all(own.exclude(pk__in=others.exclude(job=None).values("job")))
        Batch.objects.filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=timezone.now())
    batch.refresh_from_db()
    return stopped


def progress(batch: Batch) -> Progress:
    """How far a batch is."""
    return progresses([batch])[batch.pk]


def progresses(batches: Iterable[Batch]) -> dict[UUID, Progress]:
    """The same for several, in one query."""
    totals = {batch.pk: batch.total for batch in batches}
    counts: dict[UUID, dict[str, int]] = {pk: dict.fromkeys(STATES, 0) for pk in totals}
    last: dict[UUID, datetime | None] = dict.fromkeys(totals)
    rows = (
        BatchItem.objects.filter(batch__in=totals)
        .order_by()
        .values_list("batch", "job__status")
        .annotate(n=Count("pk"), kept=Count("chart"), last=Max("job__finished_at"))
    )
    for pk, status, n, kept, finished in rows:
        if status is None:
            kept = 0
        else:
            counts[pk][status] += kept
        counts[pk][DELETED] += n - kept
        last[pk] = max(filter(None, (last[pk], finished)), default=None)
    return {pk: Progress(counts[pk], total, last[pk]) for pk, total in totals.items()}


def in_state(items: QuerySet[BatchItem], state: str) -> QuerySet[BatchItem]:
    """The items of one of STATES."""
    gone = Q(job=None) | Q(chart=None)
    return items.filter(gone) if state == DELETED else items.exclude(gone).filter(job__status=state)


def state_of(item: BatchItem) -> str:
    """The state of an item that was read with its job."""
    return item.job.status if item.job and item.chart_id else DELETED


def is_final(status: str) -> bool:
    """Whether nothing will change any more in this state."""
    return status in FINAL or status == DELETED
