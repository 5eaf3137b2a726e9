"""Addresses of pictures: where a chart's image and its files are fetched from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q

from renderer.api.links import image_link
from renderer.jobs import versions
from renderer.models import Chart, RenderJob, Rendition

MOST_VERSIONS: Final = 20
"""Versions that a page shows, however many an operator keeps."""
FORMAT_NAMES = {"png": "PNG", "webp": "WebP", "svg": "SVG", "pdf": "PDF"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart's last good picture. Width and height are in CSS pixels."""

    url: str
    small: str
    """Where lists get it from: its thumbnail or, without one, the picture itself."""
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a chart. ``detail`` tells it from the others of its format."""

    pk: UUID
    url: str
    format: str
    name: str
    detail: str
    theme: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Version:
    """One picture of a chart. Width and height are in CSS pixels."""

    job: RenderJob
    url: str
    small: str
    width: int
    height: int
    alt: str
    is_shown: bool


def pictures(charts: Iterable[Chart]) -> dict[UUID, Picture]:
    """The pictures of the charts that have one, by the charts' ids; one query for all of them."""
    by_job = {chart.drawn_by_id: chart for chart in charts if chart.image and chart.drawn_by_id}
    return {(chart := by_job[pk]).pk: _picture(chart, *files) for pk, files in _shown(by_job).items()}


def _shown(jobs: Iterable[UUID]) -> dict[UUID, tuple[Rendition, Rendition]]:
    """Of each job that has a picture, the file of it and the one for lists."""
    found = Rendition.objects.filter(Q(on_target=True) | Q(is_thumbnail=True), job__in=jobs)
    small = {file.job_id: file for file in found if file.is_thumbnail}
    return {file.job_id: (file, small.get(file.job_id, file)) for file in found if file.on_target}


def _picture(chart: Chart, file: Rendition, small: Rendition) -> Picture:
    return Picture(
        url=image_link(chart.pk, file),
        small=image_link(chart.pk, small),
        width=round(file.width / file.scale),
        height=round(file.height / file.scale),
        alt=chart.alt or chart.label,
    )


def downloads(chart: Chart) -> list[Download]:
    """Every file of a chart's last good picture."""
    files = list(Rendition.objects.asked_for().filter(job=chart.drawn_by_id).order_by("format", "theme", "scale"))
    return [
        Download(
            pk=file.pk,
            url=image_link(chart.pk, file),
            format=file.format,
            name=FORMAT_NAMES[file.format],
            detail=_detail(file, [other for other in files if other.format == file.format]),
            theme=file.theme,
            bytes=file.bytes,
        )
        for file in files
    ]


def in_themes(files: Iterable[Download]) -> list[Download]:
    """One picture for each theme, where there are several."""
    first: dict[str, Download] = {}
    for file in files:
        if file.format in ("png", "webp", "svg"):
            first.setdefault(file.theme, file)
    return list(first.values()) if len(first) > 1 else []


def _detail(file: Rendition, alike: Sequence[Rendition]) -> str:
    scale = f"{file.scale:g}x" if len({other.scale for other in alike}) > 1 else ""
    theme = file.theme if len({other.theme for other in alike}) > 1 else ""
    return " ".join(filter(None, (theme, scale)))


def versions_of(chart: Chart) -> list[Version]:
    """The pictures of a chart that are kept, the newest first; in two queries."""
    jobs = list(versions.of(chart).defer("recipe")[:MOST_VERSIONS])
    files = _shown([job.pk for job in jobs])
    return [_version(chart, job, *files[job.pk]) for job in jobs if job.pk in files]


def _version(chart: Chart, job: RenderJob, file: Rendition, small: Rendition) -> Version:
    return Version(
        job=job,
        url=image_link(chart.pk, file),
        small=image_link(chart.pk, small),
        width=round(file.width / file.scale),
        height=round(file.height / file.scale),
        alt=file.alt or chart.label,
        is_shown=job.pk == chart.drawn_by_id,
    )
