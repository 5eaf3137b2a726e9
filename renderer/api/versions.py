"""Versions: a chart's older pictures, and the way back to one of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Router

from renderer.api.bodies import Nothing, read, takes
from renderer.api.charts import find
from renderer.api.choosing import closed
from renderer.api.links import image_link, link
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.responses import reply, reply_or_304
from renderer.api.shapes import ChartDetail, FileOut, Shape, chart_detail, files_out, thumbnail_out
from renderer.jobs import versions
from renderer.models import Chart, RenderJob

router = Router(tags=["charts"])


class VersionLinks(Shape):
    """Where to go from a version."""

    job: str
    image: str
    """Names just this picture."""
    restore: str | None
    """Null for the one that is shown."""


class VersionOut(Shape):
    """One picture of a chart, as a job drew it."""

    job: UUID
    shown: bool
    """Whether it is the chart's picture now."""
    rendered_at: datetime | None
    trigger: str
    """Why it was drawn."""
    width: int
    height: int
    alt: str
    """What it shows, in words."""
    drawn_with: dict[str, str]
    """Which code drew it: the versions of `figpress` and `matplotlib` and, of a figure function, the SHA-256 of its
    source as `function`. Empty of pictures from before this was kept."""
    thumbnail: FileOut | None
    """It in small, for lists; null if there is none."""
    files: list[FileOut]
    links: VersionLinks


class Versions(Page):
    """One page of versions."""

    items: list[VersionOut]


@router.get("/{uuid:chart_id}/versions", response={200: Versions, 304: None}, url_name="versions")
def list_versions(request: HttpRequest, chart_id: UUID, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """The pictures of a chart that are kept, newest first. Equal pictures are one version."""
    closed(request, list_versions)
    chart = find(request, chart_id)
    found, following = page(versions.of(chart).defer("recipe"), cursor, limit)
    prefetch_related_objects(found, "renditions")
    return reply_or_304(request, Versions(items=[_version(chart, job) for job in found], next_cursor=following))


@router.post(
    "/{uuid:chart_id}/versions/{uuid:job_id}/restore",
    response=ChartDetail,
    url_name="restore_version",
    openapi_extra=takes(Nothing, required=False),
)
def restore_version(request: HttpRequest, chart_id: UUID, job_id: UUID) -> HttpResponse:
    """Show an older picture again. The recipe stays as it is: the next job draws that, and shows its picture.

    404 if the version is not kept any more.
    """
    chart = find(request, chart_id)
    read(request, Nothing)
    if not versions.restore(chart, job_id):
        raise ApiProblem("not_found", "This version of the chart is not kept any more, or never was one.")
    return reply(chart_detail(find(request, chart_id)))


def _version(chart: Chart, job: RenderJob) -> VersionOut:
    files = sorted(job.renditions.all(), key=lambda file: (not file.on_target, file.pk))
    picture, shown = files[0], chart.drawn_by_id == job.pk
    return VersionOut(
        job=job.pk,
        shown=shown,
        rendered_at=job.finished_at,
        trigger=job.trigger,
        width=picture.width,
        height=picture.height,
        alt=picture.alt,
        drawn_with=job.drawn_with,
        thumbnail=thumbnail_out(chart.pk, files),
        files=files_out(chart.pk, files),
        links=VersionLinks(
            job=link("job", job_id=job.pk),
            image=image_link(chart.pk, picture),
            restore=None if shown else link("restore_version", chart_id=chart.pk, job_id=job.pk),
        ),
    )
