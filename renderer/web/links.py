"""Addresses of pictures: where a chart's image and its files are fetched from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from renderer.api.links import image_link
from renderer.models import Chart, Rendition

FORMAT_NAMES = {"png": "PNG", "webp": "WebP", "svg": "SVG", "pdf": "PDF"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart's last good picture. Width and height are in CSS pixels."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a chart."""

    url: str
    format: str
    name: str
    bytes: int


def pictures(charts: Iterable[Chart]) -> dict[UUID, Picture]:
    """The pictures of the charts that have one, by the charts' ids; one query for all of them."""
    by_job = {chart.drawn_by_id: chart for chart in charts if chart.image and chart.drawn_by_id}
    files = Rendition.objects.filter(job__in=by_job, on_target=True)
    return {(chart := by_job[file.job_id]).pk: _picture(chart, file) for file in files}


def _picture(chart: Chart, file: Rendition) -> Picture:
    return Picture(
        url=image_link(chart.pk, file),
        width=round(file.width / file.scale),
        height=round(file.height / file.scale),
        alt=chart.alt or chart.label,
    )


def downloads(chart: Chart) -> list[Download]:
    """Every file of a chart's last good picture."""
    files = Rendition.objects.filter(job=chart.drawn_by_id).order_by("format", "scale")
    return [Download(image_link(chart.pk, file), file.format, FORMAT_NAMES[file.format], file.bytes) for file in files]
