"""A chart at a glance: itself, its latest job and its picture. The same few queries for one chart and for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.web import links, words
from renderer.web.links import Picture
from renderer.web.words import State


@dataclass(frozen=True, slots=True)
class Summary:
    """What lists and pages show of a chart."""

    chart: Chart
    job: RenderJob | None
    picture: Picture | None

    @property
    def state(self) -> State:
        """The word beside it."""
        return words.state_of(self.job, has_picture=self.picture is not None)

    @property
    def is_active(self) -> bool:
        """Whether something still changes."""
        return self.job is not None and not self.job.is_final


def summaries(charts: Sequence[Chart]) -> list[Summary]:
    """Each chart's summary, in two queries."""
    jobs = {job.target_id: job for job in latest_jobs([Target.of(chart, "image") for chart in charts])}
    pictures = links.pictures(charts)
    return [Summary(chart, jobs.get(str(chart.pk)), pictures.get(chart.pk)) for chart in charts]


def latest_jobs(targets: Sequence[Target]) -> QuerySet[RenderJob]:
    """The newest job of each target; all targets are the same field of the same model."""
    if not targets:
        return RenderJob.objects.none()
    model, _, field = targets[0]
    of_field = RenderJob.objects.filter(target_model=model, target_field=field)
    newest = of_field.filter(target_id=OuterRef("target_id")).order_by("-id").values("pk")[:1]
    return of_field.filter(target_id__in=[target.pk for target in targets], pk=Subquery(newest)).defer("recipe")
