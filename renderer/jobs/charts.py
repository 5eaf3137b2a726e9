"""The verbs of a Chart: create, render, change, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import CharField

from renderer import audit
from renderer.jobs import pictures
from renderer.jobs import tags as words
from renderer.jobs.enqueue import Enqueued, enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart, ChartDataset, Dataset, RenderJob
from renderer.models.audit import Action
from renderer.models.job import Queue, Trigger
from renderer.models.statements import Slot, Statement
from renderer.recipe import Recipe
from renderer.sources.datasets import datasets_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_UNNAMED = Statement(
    lambda: Chart.objects.filter(
        owner=Slot("owner", get_user_model()._meta.pk), recipe_key=Slot("key", CharField()), name=""
    ).order_by()
)


def recipe_of(chart: Chart) -> Recipe:
    """The recipe that a chart keeps."""
    files = {"formats": chart.formats, "scales": chart.scales, "themes": chart.themes}
    return Recipe.from_json({"spec": chart.spec, "figure": chart.figure, "params": chart.params, **files})


def create(owner: User, recipe: Recipe, *, name: str = "", tags: Sequence[str] | None = None) -> tuple[Chart, bool]:
    """A chart of this recipe, and whether it is new: without a name, the same recipe is the same chart.

    Tags that are given take the place of those that it has.
    """
    with transaction.atomic(savepoint=False):  # nobody goes on in a transaction in which this failed
        if name:
            chart, made = build(owner, recipe, recipe.content_key, name=name), True
            chart.save(force_insert=True)
        else:
            chart, made = _same(owner, recipe)
        if made:
            note_datasets([(chart, recipe)])
        if tags is not None:
            words.put(chart, tags)
    return chart, made


def _same(owner: User, recipe: Recipe) -> tuple[Chart, bool]:
    """The unnamed chart of a recipe, and whether it is new."""
    key = recipe.content_key
    found = _UNNAMED.first(owner=owner.pk, key=key)
    if found is None:
        made = build(owner, recipe, key)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
                return made, True
        except IntegrityError:
            found = _UNNAMED.first(owner=owner.pk, key=key)  # somebody else has made it in this moment
            if found is None:
                raise
    found.owner = owner
    return found, False


def build(owner: User, recipe: Recipe, key: str, *, name: str = "") -> Chart:
    """The row of a chart, not saved yet. ``key`` is the recipe's content key, which takes time for one with many
    rows. Whoever saves it also calls ``note_datasets``."""
    return Chart(owner=owner, name=name, recipe_key=key, **columns(recipe))


def render(
    chart: Chart,
    *,
    trigger: Trigger,
    queue: Queue = Queue.INTERACTIVE,
    request_id: str = "",
    max_age: timedelta | None = None,
    force: bool = False,
) -> Enqueued:
    """Draw a chart, unless its picture is what the recipe would give anyway; see ``enqueue``."""
    return enqueue(
        recipe_of(chart),
        Target.of(chart, "image"),
        trigger=trigger,
        owner=chart.owner,
        queue=queue,
        request_id=request_id,
        max_age=max_age,
        force=force,
    )


def change(
    chart: Chart, *, recipe: Recipe | None = None, name: str | None = None, tags: Sequence[str] | None = None
) -> None:
    """Give a chart another recipe, name or tags. It is not drawn by this; the old picture stays until it is.

    Raises django.db.IntegrityError if it would become the same unnamed chart as another one of its owner.
    """
    values: dict[str, object] = {}
    if recipe is not None:
        values |= columns(recipe) | {"recipe_key": recipe.content_key}
    if name is not None:
        values["name"] = name
    for column, value in values.items():
        setattr(chart, column, value)
    with transaction.atomic():
        chart.save(update_fields=[*values, "updated_at"])
        if recipe is not None:
            chart.datasets.all().delete()
            note_datasets([(chart, recipe)])
        if tags is not None:
            words.put(chart, tags)


def delete(chart: Chart) -> None:
    """Delete a chart with its jobs; its files go when that is committed. A worker that still draws it stops."""
    with transaction.atomic():
        pictures.forget(Target.of(chart, "image"))
        for variant in chart.variants.all():
            pictures.forget(Target.of(variant, "image"))
        if not chart.is_draft:
            audit.note(Action.CHART_DELETED, chart.owner, chart)
        chart.delete()


def stale(charts: Iterable[Chart]) -> set[UUID]:
    """Those of the charts whose picture is not what drawing now would give, as far as anybody can tell: none is there,
    the recipe is another one, or a dataset has new rows. A few queries, however many charts there are."""
    charts = list(charts)
    drawn_by = [chart.drawn_by_id for chart in charts if chart.drawn_by_id]
    if not drawn_by:
        return {chart.pk for chart in charts}
    drawn = {
        pk: (key, started)
        for pk, key, started in RenderJob.objects.filter(pk__in=drawn_by).values_list("pk", "content_key", "started_at")
    }
    new_rows = _new_rows([chart for chart in charts if chart.drawn_by_id])
    found: set[UUID] = set()
    for chart in charts:
        key, started = drawn.get(chart.drawn_by_id, ("", None)) if chart.drawn_by_id else ("", None)
        since = new_rows.get(chart.pk)
        if started is not None and chart.checked_at is not None:
            started = max(started, chart.checked_at)  # looked at again, and found to be right
        if key != chart.recipe_key or (since is not None and started is not None and since > started):
            found.add(chart.pk)
    return found


def _new_rows(charts: Sequence[Chart]) -> dict[UUID, datetime]:
    """When the newest rows came of all the datasets that a chart reads, by chart."""
    reads = ChartDataset.objects.filter(chart__in=charts).values_list("chart_id", "name")
    owners = {chart.pk: chart.owner_id for chart in charts}
    rows = Dataset.objects.filter(owner__in=set(owners.values()), name__in={name for _, name in reads})
    since = {
        (owner, name): at
        for owner, name, at in rows.values_list("owner_id", "name", "current__data_at")
        if at is not None
    }
    newest: dict[UUID, datetime] = {}
    for chart, name in reads:
        at = since.get((owners[chart], name))
        if at is not None:
            newest[chart] = max(at, newest.get(chart, at))
    return newest


def note_datasets(made: Iterable[tuple[Chart, Recipe]]) -> None:
    """Keep which datasets new charts read, so that new rows find them."""
    ChartDataset.objects.bulk_create(
        ChartDataset(chart=chart, name=name)
        for chart, recipe in made
        if recipe.names_dataset
        for name in datasets_of(recipe.chart)
    )


def columns(recipe: Recipe) -> dict[str, object]:
    """What a chart keeps of its recipe."""
    return {
        "spec": recipe.spec,
        "figure": recipe.figure,
        "params": dict(recipe.params),
        "formats": list(recipe.formats),
        "scales": list(recipe.scales),
        "themes": list(recipe.themes),
        "title": recipe.title[:500],
        "kind": recipe.kind,
    }
