"""The verbs of a Chart: create, render, change, delete."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from renderer.jobs import pictures
from renderer.jobs.enqueue import Enqueued, enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart
from renderer.models.job import Queue, Trigger
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def recipe_of(chart: Chart) -> Recipe:
    """The recipe that a chart keeps."""
    files = {"formats": chart.formats, "scales": chart.scales, "themes": chart.themes}
    return Recipe.from_json({"spec": chart.spec, "figure": chart.figure, "params": chart.params, **files})


def create(owner: User, recipe: Recipe, *, name: str = "") -> tuple[Chart, bool]:
    """A chart of this recipe, and whether it is new: without a name, the same recipe is the same chart."""
    if not name:
        return Chart.objects.get_or_create(
            owner=owner, name="", recipe_key=recipe.content_key, defaults=_columns(recipe)
        )
    chart = build(owner, recipe, recipe.content_key, name=name)
    chart.save(force_insert=True)
    return chart, True


def build(owner: User, recipe: Recipe, key: str, *, name: str = "") -> Chart:
    """The row of a chart, not saved yet. ``key`` is the recipe's content key, which takes time for one with many
    rows."""
    return Chart(owner=owner, name=name, recipe_key=key, **_columns(recipe))


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


def change(chart: Chart, *, recipe: Recipe | None = None, name: str | None = None) -> None:
    """Give a chart another recipe or name. It is not drawn by this; the old picture stays until it is.

    Raises django.db.IntegrityError if it would become the same unnamed chart as another one of its owner.
    """
    values: dict[str, object] = {}
    if recipe is not None:
        values |= _columns(recipe) | {"recipe_key": recipe.content_key}
    if name is not None:
        values["name"] = name
    for column, value in values.items():
        setattr(chart, column, value)
    chart.save(update_fields=[*values, "updated_at"])


def delete(chart: Chart) -> None:
    """Delete a chart with its jobs; its files go when that is committed. A worker that still draws it stops."""
    with transaction.atomic():
        pictures.forget(Target.of(chart, "image"))
        for variant in chart.variants.all():
            pictures.forget(Target.of(variant, "image"))
        chart.delete()


def _columns(recipe: Recipe) -> dict[str, object]:
    return {
        "spec": recipe.spec,
        "figure": recipe.figure,
        "params": dict(recipe.params),
        "formats": list(recipe.formats),
        "scales": list(recipe.scales),
        "themes": list(recipe.themes),
        "title": recipe.title[:500],
    }
