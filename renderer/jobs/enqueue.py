"""Enqueue: from a recipe and a target to one job that will bring the picture, or to the picture that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import CharField, Q
from django.utils import timezone

from renderer import logs, tracing
from renderer.jobs import announce, dispatch, lifecycle, line, pictures
from renderer.jobs.announce import Action
from renderer.jobs.targets import OF_TARGET, Target
from renderer.models import RenderJob, Schedule, statements
from renderer.models.job import Queue, Status, Trigger
from renderer.models.statements import Slot, Statement
from renderer.recipe import Recipe
from renderer.sources.datasets import data_key_now

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WILL_BRING = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, pure=True)
"""Jobs that bring just the picture of their key: a running one that reads changing data may have read it already."""

_OF_KEY = {**OF_TARGET, "content_key": Slot("key", CharField())}
_KNOWN = Statement(
    lambda: (
        RenderJob.objects.filter(WILL_BRING | Q(status=Status.SUCCEEDED), **_OF_KEY)
        .order_by()
        .values_list("pk", flat=True)[:1]
    )
)
_ACTIVE = Statement(lambda: RenderJob.objects.filter(WILL_BRING, **_OF_KEY)[:1])
_LAST = Statement(lambda: RenderJob.objects.filter(status=Status.SUCCEEDED, **OF_TARGET)[:1])
UNLIMITED = (Trigger.SCHEDULE, Trigger.DATA)
"""Asks that nobody is there to be told "too many" about."""


class Enqueued(NamedTuple):
    """The job that answers an ask, and whether it was made for it."""

    job: RenderJob
    created: bool


def enqueue(
    recipe: Recipe,
    target: Target,
    *,
    trigger: Trigger,
    owner: User | None = None,
    queue: Queue = Queue.INTERACTIVE,
    request_id: str = "",
    max_age: timedelta | None = None,
    force: bool = False,
    look: bool = False,
    schedule: Schedule | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Enqueued:
    """Ask for ``recipe`` to be drawn onto ``target``. One transaction; the broker hears of it on commit.

    An active job that will bring the same picture is joined. A picture that is there already answers at once, as its
    finished job: always for a pure recipe; for one that reads datasets, if they are still the same; for one that reads
    other changing data, if it is not older than ``max_age``. With ``force`` it is drawn again all the same; with
    ``look`` there is a job all the same, which draws only if something has changed. Raises TooManyWaiting if the owner
    has too many jobs waiting; runs of schedules and new data are not counted out, for no chart has more than one of
    them.
    """
    key, queue = recipe.content_key, queue_of(recipe, queue)
    data = partial(_data_key, recipe, owner)
    with tracing.span("enqueue", {"figpress.trigger": trigger.value}, begins=True), transaction.atomic():
        while True:
            # One question where there is nothing yet, which is what most asks find.
            known = _KNOWN.first(**target._asdict(), key=key) is not None
            if known and (twin := _active(target, key)):
                if twin.cancel_requested_at and not lifecycle.keep(twin):
                    continue  # it ended in this moment
                if force and not twin.forced and not lifecycle.force(twin):
                    continue
                return Enqueued(twin, created=False)
            if known and not (force or look) and (shown := _shown(target, key, max_age, data)):
                return Enqueued(shown, created=False)
            try:
                with transaction.atomic():
                    job = RenderJob(
                        owner=owner,
                        trigger=trigger,
                        queue=queue,
                        turn=line.join(queue, owner, limited=trigger not in UNLIMITED),
                        request_id=request_id or logs.request_id(),
                        traceparent=tracing.traceparent(),
                        recipe=recipe.as_json(),
                        content_key=key,
                        pure=recipe.pure,
                        forced=force,
                        target_model=target.model,
                        target_id=target.pk,
                        target_field=target.field,
                        schedule=schedule,
                        due_at=due_at,
                        expires_at=expires_at,
                    )
                    statements.insert([job])
            except IntegrityError:
                if schedule and RenderJob.objects.filter(schedule=schedule, due_at=due_at).exists():
                    raise  # another beat made this run
                continue  # somebody asked for the same picture in this moment: join
            tracing.note({"figpress.job": str(job.pk), "figpress.queue": queue.value})
            announce.tell(Action.QUEUED, job)
            publish_on_commit([job])
            return Enqueued(job, created=True)


def queue_of(recipe: Recipe, wanted: Queue) -> Queue:
    """Where a job waits: what fetches has a queue of its own, whose workers reach the network, whoever asks."""
    if recipe.fetches:
        return Queue.FETCH
    return Queue.INTERACTIVE if wanted == Queue.FETCH else wanted  # asked again for a chart that fetches no more


def publish_on_commit(jobs: Sequence[RenderJob]) -> None:
    """Nudge the workers when the jobs are safe."""

    def publish() -> None:  # a function with a name: Django logs it when it raises
        dispatch.publish(jobs)

    transaction.on_commit(publish, robust=True)


def _active(target: Target, key: str) -> RenderJob | None:
    """The job that will bring just this picture: a queued one, or a running one whose recipe is pure."""
    return _ACTIVE.first(**target._asdict(), key=key)


def _shown(target: Target, key: str, max_age: timedelta | None, data: Callable[[], str]) -> RenderJob | None:
    """The job whose picture is on the target now, if it is the picture that is asked for."""
    last = _LAST.first(**target._asdict())
    if last is None or not is_good(last, key, max_age, data):
        return None
    shown = pictures.shown_by(target)
    if shown is None or shown.content_key != key:
        return None
    return last if last.pk == shown.pk or (last.unchanged and last.digest) else None


def _data_key(recipe: Recipe, owner: User | None) -> str:
    return data_key_now(recipe.chart, owner)


def is_good(last: RenderJob, key: str, max_age: timedelta | None, data: Callable[[], str] = str) -> bool:
    """Whether what a job has drawn is what a recipe of this key would give, or is young enough. ``data`` gives the key
    of the data that it would read now, if anybody can tell."""
    if last.content_key != key or last.finished_at is None:
        return False
    if max_age is None:
        return last.pure or (last.data_key != "" and last.data_key == data())
    return last.finished_at >= timezone.now() - max_age
