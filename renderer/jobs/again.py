"""Again: asking once more for what a final job was about."""

from __future__ import annotations

from renderer.jobs.charts import recipe_of
from renderer.jobs.enqueue import Enqueued, enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Queue, Trigger
from renderer.recipe import Recipe


def again(
    job: RenderJob, *, trigger: Trigger = Trigger.RETRY, queue: Queue | None = None, request_id: str = ""
) -> Enqueued:
    """Draw what a job was about, whether or not its picture is there.

    A chart is drawn from the recipe that it has now: the one of an old job may not be its own any more.
    """
    target = Target.of_job(job)
    recipe = Recipe.from_json(job.recipe)
    if target.model == Chart._meta.label_lower and (chart := Chart.objects.filter(pk=target.pk).first()):
        recipe = recipe_of(chart)
    return enqueue(
        recipe,
        target,
        trigger=trigger,
        owner=job.owner,
        queue=queue or Queue(job.queue),
        request_id=request_id,
        force=True,
    )
