"""What a new installation shows at its first start: sample charts on real data, the example shop, a schedule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SPECS = Path(__file__).resolve().parent.parent / "examples" / "specs"


def specs() -> Iterator[tuple[str, dict[str, Any]]]:
    """One example of each kind and topic: its name, such as ``bar-weather``, and the document."""
    seen: set[str] = set()
    for path in sorted(SPECS.glob("*.json")):
        topic = path.stem.partition("-")[0]
        if topic not in seen:
            seen.add(topic)
            yield path.stem, json.loads(path.read_text())


def make(owner: User) -> int:
    """Ask for the samples to be drawn, as charts of this owner. Returns how many jobs that made.

    Beside the examples, the shop's own pictures, and one chart of a figure function that is drawn again every quarter
    of an hour.
    """
    from renderer.jobs import charts, schedules
    from renderer.models.job import Queue, Trigger
    from renderer.recipe import Recipe

    jobs = 0
    for _, document in specs():
        chart, _ = charts.create(owner, Recipe.from_spec(document, ("png", "svg", "pdf")))
        jobs += charts.render(chart, trigger=Trigger.CODE, queue=Queue.BULK).created
    if settings.EXAMPLES:
        from examples.shop import selling
        from examples.shop.charts import WEEKLY_REVENUE, draw_all

        selling.seed()
        jobs += len(draw_all())
        chart, new = charts.create(owner, Recipe.from_figure("shop.best_sellers", {}), name="Best sellers, kept fresh")
        jobs += charts.render(chart, trigger=Trigger.CODE).created
        if new:
            schedules.create(owner, chart, cron="*/15 * * * *")
        chart, _ = charts.create(owner, Recipe.from_spec(WEEKLY_REVENUE, owner=owner))
        jobs += charts.render(chart, trigger=Trigger.CODE).created
    return jobs
