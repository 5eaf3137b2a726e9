"""Drafts: what an editor draws while somebody types. One chart for each editor that is open, which nobody else lists.

They go through the queue as every picture. What was typed meanwhile makes the former ask idle: it is cancelled.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction

from renderer.jobs import charts, lifecycle, records
from renderer.jobs.enqueue import Enqueued
from renderer.jobs.targets import Target
from renderer.models import Chart
from renderer.models.job import ACTIVE, Trigger
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAME: Final = "Preview"
"""A draft has a name, so that it is never taken for the unnamed chart of the same recipe."""
BATCH: Final = 50
BUDGET: Final = 20.0
"""Seconds that one sweep may take, as that of jobs."""


def draw(owner: User, recipe: Recipe, draft: UUID | None = None) -> tuple[Chart, Enqueued]:
    """Ask for a recipe to be drawn as this draft, or as a new one if it is not there; its other asks are cancelled.

    Raises TooManyWaiting; then everything is as it was.
    """
    key = recipe.content_key
    with transaction.atomic():
        row = Chart.objects.select_for_update().filter(owner=owner, is_draft=True, pk=draft).first() if draft else None
        if row is None:
            row = charts.build(owner, recipe, key, name=NAME)
            row.is_draft = True
            row.save(force_insert=True)
        else:
            values = charts.columns(recipe) | {"recipe_key": key}
            for column, value in values.items():
                setattr(row, column, value)
            row.save(update_fields=[*values, "updated_at"])
        lifecycle.cancel_all(Target.of(row, "image").jobs().filter(status__in=ACTIVE).exclude(content_key=key))
        return row, charts.render(row, trigger=Trigger.WEB)


def forget(owner: User, draft: UUID) -> bool:
    """Delete a draft whose editor is closed, with what it waits for. False if there is none."""
    row = Chart.objects.filter(owner=owner, is_draft=True, pk=draft).first()
    if row is not None:
        charts.delete(row)
    return row is not None


def sweep(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete drafts that nobody has typed in for a day, or as FIGPRESS_KEEP_RECORDS says. Returns how many went."""
    deadline = time.monotonic() + budget
    gone = 0
    if not (days := records.days("drafts")):
        return 0
    old = (
        Chart.objects.filter(is_draft=True, updated_at__lt=now - timedelta(days=days))
        .order_by("pk")
        .defer("spec", "params")
    )
    while batch := list(old[:BATCH]):
        for row in batch:
            charts.delete(row)
            gone += 1
        if time.monotonic() > deadline:
            break
    return gone
