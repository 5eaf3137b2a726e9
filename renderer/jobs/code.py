"""What a project's own code asks for: ``renderer.enqueue`` and ``FigureField.render``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models

from renderer.jobs import enqueue as jobs
from renderer.jobs.targets import Target
from renderer.models import RenderJob
from renderer.models.job import Queue, Trigger
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def enqueue(
    figure: str | Mapping[str, object],
    params: Mapping[str, object] | None = None,
    *,
    into: tuple[models.Model, str],
    formats: Sequence[str] | None = None,
    scales: Sequence[float] = (),
    themes: Sequence[str] = (),
    owner: User | None = None,
    queue: Queue | str = Queue.INTERACTIVE,
    max_age: timedelta | None = None,
    force: bool = False,
) -> RenderJob:
    """Draw a figure onto an image field: ``enqueue("shop.monthly_revenue", {"store_id": 1}, into=(report, "image"))``.

    ``figure`` is the name of a figure function, with ``params``, or a chart spec. ``into`` is a saved row and the name
    of an ``ImageField`` of its model. ``formats`` x ``scales`` x ``themes`` are the files that are made; the first
    raster one goes onto the field, the others are the job's renditions. The job is in the database when this returns,
    and is published when the transaction commits. With ``max_age`` a picture that is not older answers as its
    finished job. With ``force`` it is drawn even if nothing has changed.

    ``owner`` is whose rights count where a spec names data; without one it names no database and nobody's datasets.

    Raises SpecError with every wrong field or parameter, ValueError if the row is not saved, TypeError if the field
    holds no images.
    """
    recipe = Recipe.from_figure(figure, params) if isinstance(figure, str) else Recipe.from_spec(figure, owner=owner)
    recipe = recipe.with_files(formats=formats, scales=scales, themes=themes)
    return ask(recipe, Target.of(*into), owner=owner, queue=queue, max_age=max_age, force=force)


def ask(
    recipe: Recipe,
    target: Target,
    *,
    owner: User | None = None,
    queue: Queue | str = Queue.INTERACTIVE,
    max_age: timedelta | None = None,
    force: bool = False,
) -> RenderJob:
    """The job that answers an ask from code."""
    asked = jobs.enqueue(
        recipe, target, trigger=Trigger.CODE, owner=owner, queue=Queue(queue), max_age=max_age, force=force
    )
    return asked.job
