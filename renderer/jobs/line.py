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
from django.db import connections, router
from django.db.models import Q, QuerySet
from django.utils import timezone

from renderer import statements
from renderer.jobs import pace
from renderer.models import PausedQueue, RenderJob
from renderer.models.job import Queue, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

URGENCY = (Queue.INTERACTIVE, Queue.FETCH, Queue.SCHEDULED, Queue.BULK, Queue.UPKEEP)
"""Whose jobs are taken first, by a worker that draws from several queues."""
MAX_WAITING = 100_000
"""Jobs that one owner may have waiting in one queue, unless FIGPRESS_MAX_WAITING says otherwise."""

FIRST = f"""
    status = '{Status.QUEUED.value}' AND queue = %s AND available_at <= %s
        AND (expires_at IS NULL OR expires_at > %s)
        AND NOT EXISTS (SELECT 1 FROM {PausedQueue._meta.db_table} WHERE queue = %s)
    ORDER BY turn, id LIMIT 1
"""  # noqa: S608 - nothing in it comes from outside
BEFORE = f"""
    SELECT COUNT(*) FROM (
        SELECT id FROM {RenderJob._meta.db_table}
        WHERE status = '{Status.QUEUED.value}' AND queue = %s AND turn <= %s AND (turn < %s OR id < %s) LIMIT %s
    ) AS earlier
"""  # noqa: S608 - nor in this
"""Both by hand, because every claim and every poll comes through here: the ORM takes ten times as long to write such a
statement as the database to answer it."""


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
    queued = RenderJob.objects.filter(status=Status.QUEUED, queue=queue)
    own = queued.filter(owner=owner)
    last = own.order_by("-turn").values_list("turn", flat=True).first()
    if limited and owner is not None:
        _check_room(queue, own, last or 0, count)
    if last:
        return last + 1
    now_at = queued.filter(turn__gt=0).order_by("turn").values_list("turn", flat=True).first()
    return now_at or 1


def next_job(queues: Iterable[Queue], now: datetime) -> RenderJob | None:
    """The job that is to be drawn next by somebody who draws from these queues; None if nothing waits.

    Call it in the transaction that claims it. Two workers that ask at once get two jobs where the database can skip
    locked rows (PostgreSQL) or has one writer (SQLite); elsewhere the claim's guard tells them apart.
    """
    connection = connections[router.db_for_write(RenderJob)]
    statement = FIRST + (" FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else "")
    moment = connection.ops.adapt_datetimefield_value(now)
    for queue in sorted(queues, key=URGENCY.index):
        if job := statements.first(RenderJob, statement, [queue.value, moment, moment, queue.value]):
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


def _check_room(queue: Queue, own: QuerySet[RenderJob], last: int, count: int) -> None:
    most = most_waiting()
    # An owner's turns follow one another, so that the last one says how many there are at most. Counting costs more.
    if last + count <= most:
        return
    first = own.order_by("turn", "pk").only("queue", "turn").first()
    if first is None or last - first.turn + 1 + count <= most:
        return
    if own.order_by()[: most + 1].count() + count > most:
        raise TooManyWaiting(queue, most, pace.seconds_for(before(first, most=pace.COUNTED) + 1, timezone.now()))
