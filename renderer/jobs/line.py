"""The line: who is next in a queue, fairly between owners.

Each queued job has a turn in its queue, a number that is given to it when it is asked for: one more than the last
turn of its owner there, or, for an owner who has nothing waiting, the turn that the queue has come to. Jobs are taken
in the order of their turns. So the owners' first jobs stand beside each other, then their second ones: whoever has
100,000 jobs waiting delays another one's first by one job. (It is start-time fair queueing.)

To pick the next job and to find a job's place is a look into one index, however many jobs wait. Two asks of one owner
in the same moment may get the same turn, which does no harm. A job that comes back (retry, release, rescue) has
waited already: its turn is 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections, router
from django.db.models import CharField, DateTimeField, Exists, Q, QuerySet
from django.utils import timezone

from renderer.jobs import pace
from renderer.models import PausedQueue, RenderJob
from renderer.models.job import Queue, Status
from renderer.models.statements import Slot, Statement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

URGENCY = (Queue.INTERACTIVE, Queue.FETCH, Queue.SCHEDULED, Queue.BULK, Queue.UPKEEP)
"""Whose jobs are taken first, by a worker that draws from several queues."""
MAX_WAITING = 100_000
"""Jobs that one owner may have waiting in one queue, unless FIGPRESS_MAX_WAITING says otherwise."""

BEFORE = f"""
    SELECT COUNT(*) FROM (
        SELECT id FROM {RenderJob._meta.db_table}
        WHERE status = '{Status.QUEUED.value}' AND queue = %s AND turn <= %s AND (turn < %s OR id < %s) LIMIT %s
    ) AS earlier
"""  # noqa: S608 - nothing in it comes from outside
"""By hand, because every poll comes through here: the ORM takes ten times as long to write it as the database to
answer."""


def _queued() -> QuerySet[RenderJob]:
    return RenderJob.objects.filter(status=Status.QUEUED)


def _first() -> QuerySet[RenderJob]:
    queue, now = Slot("queue", CharField()), Slot("now", DateTimeField())
    paused = PausedQueue.objects.filter(queue=queue)
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    first = _queued().filter(unexpired, ~Exists(paused), queue=queue, available_at__lte=now).order_by("turn", "pk")[:1]
    can_skip = connections[router.db_for_write(RenderJob)].features.has_select_for_update_skip_locked
    return first.select_for_update(skip_locked=True) if can_skip else first


def _last(**whose: object) -> QuerySet[RenderJob, int]:
    turns = _queued().filter(queue=Slot("queue", CharField()), **whose)
    return turns.order_by("-turn").values_list("turn", flat=True)[:1]


_FIRST = Statement(_first)
_LAST = Statement(lambda: _last(owner=Slot("owner", get_user_model()._meta.pk)))
_LAST_OF_NOBODY = Statement(lambda: _last(owner=None))
_NOW_AT = Statement(
    lambda: (
        _queued()
        .filter(queue=Slot("queue", CharField()), turn__gt=0)
        .order_by("turn")
        .values_list("turn", flat=True)[:1]
    )
)


class TooManyWaiting(Exception):
    """An owner has as many jobs waiting in a queue as the settings allow. The message is a sentence for a person."""

    def __init__(self, queue: Queue, most: int, retry_after: int) -> None:
        super().__init__(
            f"You have {most:,} jobs waiting in the queue {queue.value}, which is as many as one may have. "
            "Ask again when some of them are drawn, or cancel what you do not need."
        )
        self.retry_after = retry_after


def most_waiting() -> int:
    """How many jobs one owner may have waiting in one queue."""
    return int(getattr(settings, "FIGPRESS_MAX_WAITING", MAX_WAITING))


def join(queue: Queue, owner: User | None, *, count: int = 1, limited: bool = True) -> int:
    """The turn for the next job of an owner; for ``count`` jobs, that of the first, and the others follow.

    Call it in the transaction that makes them. Raises TooManyWaiting if it is ``limited`` and they are too many;
    jobs of nobody's, which a project's own code asks for, are not limited.
    """
    last = _LAST.first(queue=queue.value, owner=owner.pk) if owner else _LAST_OF_NOBODY.first(queue=queue.value)
    if limited and owner is not None:
        _check_room(queue, owner, last or 0, count)
    if last:
        return last + 1
    return _NOW_AT.first(queue=queue.value) or 1


def next_job(queues: Iterable[Queue], now: datetime) -> RenderJob | None:
    """The job that is to be drawn next by somebody who draws from these queues; None if nothing waits.

    Call it in the transaction that claims it. Two workers that ask at once get two jobs where the database can skip
    locked rows (PostgreSQL) or has one writer (SQLite); elsewhere the claim's guard tells them apart.
    """
    for queue in sorted(queues, key=URGENCY.index):
        if job := _FIRST.first(queue=queue.value, now=now):
            return job
    return None


def waiting(queue: Queue | str, now: datetime) -> QuerySet[RenderJob]:
    """The jobs of a queue that may be claimed, whether or not it is paused."""
    queued = RenderJob.objects.filter(status=Status.QUEUED, queue=queue, available_at__lte=now)
    return queued.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by()


def before(job: RenderJob, *, most: int) -> int:
    """How many jobs of its queue come before it; ``most`` if they are so many or more."""
    connection = connections[router.db_for_read(RenderJob)]
    own = RenderJob._meta.pk.get_db_prep_value(job.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [job.queue, job.turn, job.turn, own, most])
        return int(cursor.fetchone()[0])


def _check_room(queue: Queue, owner: User, last: int, count: int) -> None:
    most = most_waiting()
    # An owner's turns follow one another, so that the last one says how many there are at most. Counting costs more.
    if last + count <= most:
        return
    own = _queued().filter(queue=queue, owner=owner)
    first = own.order_by("turn", "pk").only("queue", "turn").first()
    if first is None or last - first.turn + 1 + count <= most:
        return
    if own.order_by()[: most + 1].count() + count > most:
        raise TooManyWaiting(queue, most, pace.seconds_for(before(first, most=pace.COUNTED) + 1, timezone.now()))
