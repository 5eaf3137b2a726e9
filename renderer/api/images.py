"""Images: the bytes of a chart's picture, for its owner. A browser always gets one; a program is told the state."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from renderer.api import pictures, placeholders
from renderer.api.charts import find
from renderer.api.links import ETAG_CHARS
from renderer.api.pictures import FOREVER, MOVING, TYPES
from renderer.api.problems import ApiProblem
from renderer.api.requests import user_of
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition

router = Router(tags=["charts"])

MIN_VERSION: Final = 8
"""Characters of the content's hash that a link must name to be good for ever."""
_HASH: Final = re.compile(rf"[0-9a-f]{{{MIN_VERSION},{ETAG_CHARS}}}")

ScaleQuery = Annotated[float, Query(gt=0, le=4, description="Pixels for each CSS pixel, of those that are drawn.")]
ThemeQuery = Annotated[str, Query(max_length=40, description="Of those that are drawn.")]
PICTURES: Final[dict[str, Any]] = {
    "responses": {
        200: {"description": "The picture.", "content": {kind.partition(";")[0]: {} for kind in TYPES.values()}},
        304: {"description": "You have it."},
    }
}


@router.get("/{uuid:chart_id}/image", url_name="chart_picture", response={200: None}, openapi_extra=PICTURES)
def get_picture(
    request: HttpRequest, chart_id: UUID, scale: ScaleQuery | None = None, theme: ThemeQuery = ""
) -> HttpResponse:
    """The last good picture, in the raster format that the chart is drawn in."""
    return _serve(request, find(request, chart_id), None, scale, theme)


@router.get(
    "/{uuid:chart_id}/image.{image:image_format}", url_name="chart_image", response={200: None}, openapi_extra=PICTURES
)
def get_image(
    request: HttpRequest,
    chart_id: UUID,
    image_format: str,
    scale: ScaleQuery | None = None,
    theme: ThemeQuery = "",
) -> HttpResponse:
    """The last good picture, in one of the chart's formats.

    Until there is one, a browser's `<img>` gets a placeholder that says so (never to be stored), and others a 404
    that names the state of the job.
    """
    return _serve(request, find(request, chart_id), image_format, scale, theme)


@router.get("/{uuid:chart_id}/thumbnail", url_name="chart_thumbnail", response={200: None}, openapi_extra=PICTURES)
def get_thumbnail(request: HttpRequest, chart_id: UUID) -> HttpResponse:
    """The last good picture in small, as WebP, for lists: at least 640 pixels wide or 400 high, and less than twice
    that. A picture that is not larger, or was drawn before there were thumbnails, comes as it is."""
    chart = find(request, chart_id)
    return _send(request, chart, None, _thumbnail(chart))


def _serve(
    request: HttpRequest, chart: Chart, image_format: str | None, scale: float | None, theme: str
) -> HttpResponse:
    return _send(request, chart, image_format, _rendition(chart, image_format, scale, theme))


def _send(request: HttpRequest, chart: Chart, image_format: str | None, rendition: Rendition | None) -> HttpResponse:
    version = request.GET.get("v", "")[:ETAG_CHARS]
    if rendition is None or not rendition.sha256.startswith(version):
        rendition = _version(chart, image_format, version) or rendition
    if rendition is None:
        return _nothing(request, chart, image_format)
    sent = pictures.send(request, rendition, name=f"chart-{chart.pk}", caching=_caching(request, rendition))
    return sent or _nothing(request, chart, image_format)


def _rendition(chart: Chart, image_format: str | None, scale: float | None, theme: str) -> Rendition | None:
    """The file that is asked for, of the job whose picture is shown."""
    if not chart.image or chart.drawn_by_id is None:
        return None
    files = Rendition.objects.asked_for().filter(job=chart.drawn_by_id)
    if image_format is not None:
        files = files.filter(format=image_format)
    if scale is not None and image_format not in ("svg", "pdf"):
        files = files.filter(scale=scale)
    if theme:
        files = files.filter(theme=theme)
    # Of several that fit, the one that the chart shows.
    return files.order_by("-on_target", "-scale", "id").first()


def _thumbnail(chart: Chart) -> Rendition | None:
    """The small file of the picture that is shown, or the picture."""
    if not chart.image or chart.drawn_by_id is None:
        return None
    files = Rendition.objects.filter(Q(is_thumbnail=True) | Q(on_target=True), job=chart.drawn_by_id)
    return files.order_by("-is_thumbnail").first()


def _version(chart: Chart, image_format: str | None, version: str) -> Rendition | None:
    """The file whose content a link names, if it is of an older picture that is kept."""
    if not _HASH.fullmatch(version):
        return None
    files = Rendition.objects.filter(job__in=Target.of(chart, "image").jobs(), sha256__startswith=version)
    if image_format is not None:
        files = files.filter(format=image_format)
    return files.order_by("-job").first()


def _caching(request: HttpRequest, rendition: Rendition) -> str:
    version = request.GET.get("v", "")[:ETAG_CHARS]
    return FOREVER if len(version) >= MIN_VERSION and rendition.sha256.startswith(version) else MOVING


def _nothing(request: HttpRequest, chart: Chart, image_format: str | None) -> HttpResponse:
    jobs = RenderJob.objects.for_user(user_of(request)) & Target.of(chart, "image").jobs()
    job = jobs.defer("recipe").first()
    if is_img(request):
        waits = job is not None and not job.is_final
        kind = pictures.kind_for("svg" if image_format == "svg" or _shows_svg(request) else "png")
        return pictures.placeholder(placeholders.says(job), kind, retry_after=1 if waits else None)
    state = job.status if job else "never asked for"
    if chart.image and image_format and image_format not in chart.formats:
        detail = f"This chart is not drawn as {image_format}, but as {', '.join(chart.formats)}: change its 'formats'."
    elif job is None or job.is_final:
        detail = f"There is no picture; the last job was: {state}." + (f" {job.message}" if job and job.message else "")
    else:
        detail = f"There is no picture yet; its job is {state}."
    if job is None:
        raise ApiProblem("no_picture", detail)
    raise ApiProblem("no_picture", detail, headers={} if job.is_final else {"Retry-After": "1"}, job_status=job.status)


def is_img(request: HttpRequest) -> bool:
    """Whether a browser asks for an <img>. It says so, or it names SVG or any image; curl names neither."""
    if request.headers.get("Sec-Fetch-Dest", "") == "image":
        return True
    return bool(_accepted(request) & {"image/svg+xml", "image/*"})


def _shows_svg(request: HttpRequest) -> bool:
    """All browsers do."""
    return "Sec-Fetch-Dest" in request.headers or "image/svg+xml" in _accepted(request)


def _accepted(request: HttpRequest) -> set[str]:
    return {part.partition(";")[0].strip().lower() for part in request.headers.get("Accept", "")[:1000].split(",")}
