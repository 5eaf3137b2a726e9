"""Bulk: charts and their jobs by the hundred, in a handful of queries. The rules are those of ``charts`` and
``enqueue``; where somebody asks for one of the same charts in the same moment, those do it one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from renderer import tracing
from renderer.jobs import announce, charts, lifecycle, line
from renderer.jobs.announce import Action
from renderer.jobs.enqueue import WILL_BRING, Enqueued, enqueue, is_good, publish_on_commit, queue_of
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Queue, Status, Trigger
from renderer.recipe import Recipe
from renderer.sources.datasets import data_key_now

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHART = Chart._meta.label_lower


class Ask(NamedTuple):
    """One chart that is wanted: its recipe with its content key, and a name if it is to be one of its own."""

    recipe: Recipe
    key: str
    name: str = ""


def create(owner: User, asks: Sequence[Ask]) -> tuple[list[Chart], set[UUID]]:
    """A chart for each ask, and the ids of those that were there before: see ``charts.create``."""
    unnamed = {ask.key for ask in asks if not ask.name}
    there = {
        chart.recipe_key: chart
        for chart in Chart.objects.filter(owner=owner, name="", recipe_key__in=unnamed).defer("spec", "params")
    }
    before = {chart.pk for chart in there.values()}
    found: list[Chart] = []
    for ask in asks:
        chart = there.get(ask.key) if not ask.name else None
        if chart is None:
            chart = charts.build(owner, ask.recipe, ask.key, name=ask.name)
            if not ask.name:
                there[ask.key] = chart
        found.append(chart)
    new = list({chart.pk: chart for chart in found if chart.pk not in before}.values())
    try:
        with transaction.atomic():
            Chart.objects.bulk_create(new)
            fresh = {chart.pk: (chart, ask.recipe) for chart, ask in zip(found, asks, strict=True)}
            charts.note_datasets(pair for pk, pair in fresh.items() if pk not in before)
    except IntegrityError:
        found = [charts.create(owner, ask.recipe, name=ask.name)[0] for ask in asks]
        before = {chart.pk for chart in found}  # perhaps: so each is looked at
    return found, before


@tracing.span("enqueue", begins=True)
def render(
    owner: User,
    pairs: Sequence[tuple[Chart, Ask]],
    *,
    before: set[UUID],
    trigger: Trigger,
    queue: Queue,
    request_id: str = "",
    max_age: timedelta | None = None,
) -> dict[UUID, Enqueued]:
    """The job that answers for each chart, by its id. ``before``: charts that may have a picture or a job already.

    Call it in a transaction; see ``enqueue`` for the rules. Raises TooManyWaiting if there is no room for all of them.
    """
    wanted = {chart.pk: (chart, ask) for chart, ask in pairs}
    there = _there([pair for pk, pair in wanted.items() if pk in before], max_age)
    new = {pk: pair for pk, pair in wanted.items() if pk not in there}
    queues = {pk: queue_of(ask.recipe, queue) for pk, (_, ask) in new.items()}
    turns = {each: count(line.join(each, owner, count=n)) for each, n in Counter(queues.values()).items()}
    jobs = {
        pk: RenderJob(
            owner=owner,
            trigger=trigger,
            queue=queues[pk],
            turn=next(turns[queues[pk]]),
            request_id=request_id,
            traceparent=tracing.traceparent(),
            recipe=ask.recipe.as_json(),
            content_key=ask.key,
            pure=ask.recipe.pure,
            target_model=CHART,
            target_id=str(pk),
            target_field="image",
        )
        for pk, (_, ask) in new.items()
    }
    try:
        with transaction.atomic():
            RenderJob.objects.bulk_create(jobs.values())
    except IntegrityError:
        return {
            pk: enqueue(
                ask.recipe,
                Target.of(chart, "image"),
                trigger=trigger,
                owner=owner,
                queue=queue,
                request_id=request_id,
                max_age=max_age,
            )
            for pk, (chart, ask) in wanted.items()
        }
    tracing.note({"figpress.jobs": len(jobs)})
    announce.tell(Action.QUEUED, *jobs.values())
    publish_on_commit(list(jobs.values()))
    made = {pk: Enqueued(job, created=True) for pk, job in jobs.items()}
    return made | {pk: Enqueued(job, created=False) for pk, job in there.items()}


def _there(pairs: Sequence[tuple[Chart, Ask]], max_age: timedelta | None) -> dict[UUID, RenderJob]:
    """The jobs that will bring the pictures, or whose pictures are there."""
    if not pairs:
        return {}
    wanted = {str(chart.pk): (chart, ask) for chart, ask in pairs}
    jobs = RenderJob.objects.filter(target_model=CHART, target_field="image").defer("recipe")
    found: dict[UUID, RenderJob] = {}
    for job in jobs.filter(WILL_BRING, target_id__in=wanted):
        chart, ask = wanted[job.target_id]
        if job.content_key == ask.key and (not job.cancel_requested_at or lifecycle.keep(job)):
            found[chart.pk] = job
    newest = jobs.filter(target_id=OuterRef("target_id"), status=Status.SUCCEEDED).order_by("-id").values("pk")[:1]
    last = {job.pk: job for job in jobs.filter(target_id__in=wanted, pk=Subquery(newest))}
    drawn = Rendition.objects.filter(job__in=last, on_target=True).values_list("job_id", "file")
    for job_id, file in drawn:
        job = last[job_id]
        chart, ask = wanted[job.target_id]
        if file == chart.image.name and is_good(job, ask.key, max_age, partial(data_key_of, ask.recipe, chart)):
            found.setdefault(chart.pk, job)
    return found


def data_key_of(recipe: Recipe, chart: Chart) -> str:
    """The key of the data that a chart would read now."""
    return data_key_now(recipe.chart, chart.owner)
