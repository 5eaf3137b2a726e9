"""Shapes of what the API answers about charts and jobs, and how they are made from rows.

Made here and not by reading a row's attributes: a response holds what is named here, and no query hides in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self
from uuid import UUID

from django.db.models import F, UUIDField, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from renderer.api.links import image_link, link
from renderer.jobs import notices, progress, tags
from renderer.jobs.charts import stale
from renderer.jobs.notices import Notice
from renderer.models import Chart, ChartDataset, RenderJob, Rendition
from renderer.models.job import ACTIVE, Stage
from renderer.models.statements import Slot, Statement

StatusName = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
CHART = Chart._meta.label_lower
_READ_BY_ONE = Statement(
    lambda: (
        ChartDataset.objects.filter(chart=Slot("chart", UUIDField())).order_by("name").values_list("name", flat=True)
    )
)


class Shape(BaseModel):
    """What is answered. The texts under its fields are their descriptions in the API's documentation."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class JobLinks(Shape):
    """Where to go from a job; null where there is nothing, or nothing to be done."""

    self: str
    chart: str | None
    image: str | None
    cancel: str | None
    retry: str | None


class JobOut(Shape):
    """One ask to draw a chart."""

    id: UUID
    status: StatusName
    stage: str | None
    """How far a running job is: loading, drawing, encoding, storing."""
    reason: str | None
    """Why a failed job failed, one of a closed set."""
    message: str
    """A sentence for a person."""
    unchanged: bool
    """Whether it succeeded without drawing: the picture that was there stays, and `message` says why."""
    warnings: list[str]
    trigger: str
    queue: str
    attempt: int
    max_attempts: int
    cancel_requested: bool
    overdue: bool
    """Whether it runs for longer than the soft time limit: the hard one will end it."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings: dict[str, float]
    """Milliseconds: `queued` until it was last claimed, then each stage by name; `total` from the ask to the end."""
    request_id: str
    links: JobLinks

    @classmethod
    def of(cls, job: RenderJob, **more: Any) -> Self:
        """The shape of a row. Works on rows read without their recipe, which may be megabytes of data."""
        return cls(
            id=job.pk,
            status=job.status,
            stage=job.stage or None,
            reason=job.reason or None,
            message=job.message,
            unchanged=job.unchanged,
            warnings=job.warnings,
            trigger=job.trigger,
            queue=job.queue,
            attempt=job.attempt,
            max_attempts=job.max_attempts,
            cancel_requested=job.cancel_requested_at is not None,
            overdue=progress.is_overdue(job, timezone.now()),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            timings=_timings(job),
            request_id=job.request_id,
            links=_job_links(job),
            **more,
        )


class NoticeOut(Shape):
    """Something that keeps work waiting."""

    code: str
    """`no_worker`: nobody is there to draw. `no_beat`: nobody ticks, so nothing comes due. `queue_paused`: the
    operator holds what waits."""
    message: str
    """A sentence or two for a person."""
    seen_at: datetime | None
    """When it was last there; null if it never was."""

    @classmethod
    def all_of(cls, found: Iterable[Notice]) -> list[Self]:
        """The shapes of notices."""
        return [cls(code=notice.code, message=notice.message, seen_at=notice.seen_at) for notice in found]


class JobDetail(JobOut):
    """One job, with its place in the queue."""

    queue_position: int | None
    """How many jobs of its queue are drawn before it: 0 is next, 1000 means that many or more. Null if it does not
    wait. Owners take turns: another one's first job may still come before it."""
    notices: list[NoticeOut]
    """Why it may wait in vain; mostly empty."""


class FileOut(Shape):
    """One file of a picture."""

    format: str
    scale: float
    theme: str
    url: str
    """Names just these bytes: it may be kept for good."""
    width: int
    height: int
    bytes: int
    sha256: str


class PictureOut(Shape):
    """The last good picture of a chart."""

    url: str
    """Always the newest picture."""
    width: int | None
    height: int | None
    alt: str
    """What it shows, in words."""
    rendered_at: datetime | None
    checked_at: datetime | None
    """When it was last drawn, or found to be right because nothing had changed."""
    thumbnail: FileOut | None
    """It in small, for lists: a WebP file. Null if it is small itself, or was drawn before there were thumbnails."""
    files: list[FileOut]


class ChartLinks(Shape):
    """Where to go from a chart."""

    self: str
    image: str
    render: str
    versions: str


class ChartOut(Shape):
    """A saved chart, without the recipe's data."""

    id: UUID
    name: str
    title: str
    figure: str | None
    """The figure function's name; null if the recipe is a chart spec."""
    kind: str | None
    """The spec's kind, or `layers` or `panels` where each has its own; null of a figure function."""
    tags: list[str]
    """Words to find it by."""
    formats: list[str]
    scales: list[float]
    """Pixels for each CSS pixel; empty: as the spec says."""
    themes: list[str]
    """Empty: as the spec says."""
    picture: PictureOut | None
    is_stale: bool
    """Whether drawing now would give something else, as far as anybody can tell: there is no picture, the recipe was
    changed, or a dataset has new rows."""
    datasets: list[str]
    """The datasets that it reads."""
    job: JobOut | None
    """The newest job that draws it, or drew it."""
    created_at: datetime
    updated_at: datetime
    links: ChartLinks


class ChartDetail(ChartOut):
    """A chart with its recipe."""

    spec: dict[str, Any] | None
    params: dict[str, Any]


class Asked(Shape):
    """What answers an ask for a picture: the chart, and the job that draws it."""

    chart: ChartOut
    job: JobDetail


def charts_out(charts: Iterable[Chart]) -> list[ChartOut]:
    """Charts with their pictures, newest jobs and datasets: a few queries, however many there are."""
    charts = list(charts)
    files = _files(charts)
    jobs = _newest_jobs(charts)
    about = _About.of(charts)
    return [
        ChartOut(**_chart_fields(chart, files.get(chart.pk, []), jobs.get(str(chart.pk)), about)) for chart in charts
    ]


def chart_out(chart: Chart, job: RenderJob | None = None) -> ChartOut:
    """One chart; ``job`` if its newest job is known."""
    if job is None:
        return charts_out([chart])[0]
    return ChartOut(**_chart_fields(chart, _files([chart]).get(chart.pk, []), job, _About.of([chart])))


def chart_detail(chart: Chart) -> ChartDetail:
    """One chart with its recipe."""
    job = _newest_jobs([chart]).get(str(chart.pk))
    fields = _chart_fields(chart, _files([chart]).get(chart.pk, []), job, _About.of([chart]))
    return ChartDetail(**fields, spec=chart.spec, params=chart.params)


def job_detail(job: RenderJob) -> JobDetail:
    """One job with what is known about its waiting."""
    return JobDetail.of(
        job,
        queue_position=progress.queue_position(job),
        notices=NoticeOut.all_of(notices.of_job(job, timezone.now())),
    )


class _About(NamedTuple):
    """What of charts stands in other tables: which are stale, what each reads, and its tags."""

    stale: set[UUID]
    datasets: Mapping[UUID, list[str]]
    tags: Mapping[UUID, list[str]]

    @classmethod
    def of(cls, charts: list[Chart]) -> _About:
        """Of all of them together."""
        read: dict[UUID, list[str]] = {}
        if len(charts) == 1:  # what each ask answers
            read[charts[0].pk] = _READ_BY_ONE.all(chart=charts[0].pk)
            return cls(stale(charts), read, tags.of(charts))
        for chart, name in ChartDataset.objects.filter(chart__in=charts).order_by("name").values_list("chart", "name"):
            read.setdefault(chart, []).append(name)
        return cls(stale(charts), read, tags.of(charts))


def _chart_fields(chart: Chart, files: list[Rendition], job: RenderJob | None, about: _About) -> dict[str, Any]:
    return {
        "id": chart.pk,
        "name": chart.name,
        "title": chart.title,
        "figure": chart.figure or None,
        "kind": chart.kind or None,
        "tags": about.tags.get(chart.pk, []),
        "formats": chart.formats,
        "scales": chart.scales,
        "themes": chart.themes,
        "picture": _picture(chart, files) if chart.image else None,
        "is_stale": chart.pk in about.stale,
        "datasets": about.datasets.get(chart.pk, []),
        "job": JobOut.of(job) if job else None,
        "created_at": chart.created_at,
        "updated_at": chart.updated_at,
        "links": ChartLinks(
            self=link("chart", chart_id=chart.pk),
            image=link("chart_picture", chart_id=chart.pk),
            render=link("render_chart", chart_id=chart.pk),
            versions=link("versions", chart_id=chart.pk),
        ),
    }


def _picture(chart: Chart, files: list[Rendition]) -> PictureOut:
    return PictureOut(
        url=link("chart_picture", chart_id=chart.pk),
        width=chart.image_width,
        height=chart.image_height,
        alt=chart.alt,
        rendered_at=chart.rendered_at,
        checked_at=chart.checked_at,
        thumbnail=thumbnail_out(chart.pk, files),
        files=files_out(chart.pk, files),
    )


def files_out(chart_id: UUID, files: Iterable[Rendition]) -> list[FileOut]:
    """The files that were asked for."""
    return [file_out(chart_id, file) for file in files if not file.is_thumbnail]


def thumbnail_out(chart_id: UUID, files: Iterable[Rendition]) -> FileOut | None:
    """The thumbnail among the files of a picture, if it is there."""
    return next((file_out(chart_id, file) for file in files if file.is_thumbnail), None)


def file_out(chart_id: UUID, file: Rendition) -> FileOut:
    """One file of a chart's picture."""
    return FileOut(
        format=file.format,
        scale=file.scale,
        theme=file.theme,
        url=image_link(chart_id, file),
        width=file.width,
        height=file.height,
        bytes=file.bytes,
        sha256=file.sha256,
    )


def _files(charts: list[Chart]) -> dict[UUID, list[Rendition]]:
    """The files of the pictures that are shown, by chart."""
    drawn_by = {chart.drawn_by_id: chart.pk for chart in charts if chart.drawn_by_id}
    found: dict[UUID, list[Rendition]] = {}
    for file in Rendition.objects.filter(job__in=drawn_by).order_by("id") if drawn_by else ():
        found.setdefault(drawn_by[file.job_id], []).append(file)
    return found


def _newest_jobs(charts: list[Chart]) -> Mapping[str, RenderJob]:
    """The newest job of each chart, by the chart's id, in one query."""
    rank = Window(RowNumber(), partition_by=[F("target_id")], order_by=F("id").desc())
    jobs = RenderJob.objects.filter(
        target_model=CHART, target_field="image", target_id__in=[str(chart.pk) for chart in charts]
    )
    newest = jobs.annotate(rank=rank).filter(rank=1).defer("recipe")
    return {job.target_id: job for job in newest}


def _timings(job: RenderJob) -> dict[str, float]:
    timings = {stage.value: round(float(job.timings[stage]), 1) for stage in Stage if stage in job.timings}
    if job.waited is not None:
        timings["queued"] = _ms(job.waited.total_seconds())
    if job.finished_at is not None:
        timings["total"] = _ms((job.finished_at - job.created_at).total_seconds())
    return timings


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _job_links(job: RenderJob) -> JobLinks:
    active = job.status in ACTIVE
    on_chart = job.target_model == CHART and job.target_field == "image"
    return JobLinks(
        self=link("job", job_id=job.pk),
        chart=link("chart", chart_id=UUID(job.target_id)) if on_chart else None,
        image=link("chart_picture", chart_id=UUID(job.target_id)) if on_chart and job.status == "succeeded" else None,
        cancel=link("cancel_job", job_id=job.pk) if active else None,
        retry=link("retry_job", job_id=job.pk) if not active else None,
    )
