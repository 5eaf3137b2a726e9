"""Images: the bytes of a chart's picture, for its owner, with headers under which a browser runs nothing of it."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from renderer.api.charts import find
from renderer.api.links import ETAG_CHARS
from renderer.api.problems import ApiProblem
from renderer.api.requests import is_head, user_of
from renderer.api.responses import PRIVATE, not_modified, unchanged
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Status

router = Router(tags=["charts"])
logger = logging.getLogger(__name__)

TYPES: Final = {
    "png": "image/png",
    "webp": "image/webp",
    "svg": "image/svg+xml; charset=utf-8",
    "pdf": "application/pdf",
}
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Tried in Chromium (SECURITY T9): a script in an SVG does not run, and good pictures are the same to the last byte."""
FOREVER: Final = "private, max-age=31536000, immutable"
MIN_VERSION: Final = 8
"""Characters of the content's hash that a link must name to be good for ever."""
_HASH: Final = re.compile(rf"[0-9a-f]{{{MIN_VERSION},{ETAG_CHARS}}}")

_PLACEHOLDER: Final = (Path(__file__).parent / "placeholder.svg").read_text(encoding="utf-8")
_SAYS: Final[dict[str, str]] = {
    Status.QUEUED: "Waiting to be drawn",
    Status.RUNNING: "Being drawn",
    Status.FAILED: "Could not be drawn",
    Status.CANCELLED: "Cancelled before it was drawn",
    Status.EXPIRED: "Was not drawn in time",
}
ScaleQuery = Annotated[float, Query(gt=0, le=4, description="Pixels for each CSS pixel, of those that are drawn.")]
ThemeQuery = Annotated[str, Query(max_length=40, description="Of those that are drawn.")]
_PICTURES: Final[dict[str, Any]] = {
    "responses": {
        200: {"description": "The picture.", "content": {kind.partition(";")[0]: {} for kind in TYPES.values()}},
        304: {"description": "You have it."},
    }
}


@router.get("/{uuid:chart_id}/image", url_name="chart_picture", response={200: None}, openapi_extra=_PICTURES)
def get_picture(
    request: HttpRequest, chart_id: UUID, scale: ScaleQuery | None = None, theme: ThemeQuery = ""
) -> HttpResponse:
    """The last good picture, in the raster format that the chart is drawn in."""
    return _serve(request, find(request, chart_id), None, scale, theme)


@router.get(
    "/{uuid:chart_id}/image.{image:image_format}", url_name="chart_image", response={200: None}, openapi_extra=_PICTURES
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


def _serve(
    request: HttpRequest, chart: Chart, image_format: str | None, scale: float | None, theme: str
) -> HttpResponse:
    rendition = _rendition(chart, image_format, scale, theme)
    version = request.GET.get("v", "")[:ETAG_CHARS]
    if rendition is None or not rendition.sha256.startswith(version):
        rendition = _version(chart, image_format, version) or rendition
    if rendition is None:
        return _nothing(request, chart, image_format)
    etag = f'"{rendition.sha256}"'
    headers = _headers(chart, rendition.format) | {"ETag": etag, "Cache-Control": _caching(request, rendition)}
    if unchanged(request, etag):
        return not_modified(etag, headers)
    if is_head(request):
        return HttpResponse(headers=headers | {"Content-Length": str(rendition.bytes)})
    try:
        # Read whole, not streamed: it is a few hundred kB, and Django would stream a file to an ASGI server in threads.
        with rendition.file.open("rb") as stored:
            data = stored.read()
    except OSError:
        logger.error("the file %s of chart %s cannot be read", rendition.file.name, chart.pk, exc_info=True)
        return _nothing(request, chart, image_format)
    return HttpResponse(data, headers=headers)


def _rendition(chart: Chart, image_format: str | None, scale: float | None, theme: str) -> Rendition | None:
    """The file that is asked for, of the job whose picture is shown."""
    if not chart.image or chart.drawn_by_id is None:
        return None
    files = Rendition.objects.filter(job=chart.drawn_by_id)
    if image_format is not None:
        files = files.filter(format=image_format)
    if scale is not None and image_format not in ("svg", "pdf"):
        files = files.filter(scale=scale)
    if theme:
        files = files.filter(theme=theme)
    # Of several that fit, the one that the chart shows.
    return files.order_by("-on_target", "-scale", "id").first()


def _version(chart: Chart, image_format: str | None, version: str) -> Rendition | None:
    """The file whose content a link names, if it is of an older picture that is kept."""
    if not _HASH.fullmatch(version):
        return None
    files = Rendition.objects.filter(job__in=Target.of(chart, "image").jobs(), sha256__startswith=version)
    if image_format is not None:
        files = files.filter(format=image_format)
    return files.order_by("-job").first()


def _headers(chart: Chart, image_format: str) -> dict[str, str]:
    """Of our own in every part: the type from a table, the name from an id (SECURITY T9)."""
    how = "attachment" if image_format == "pdf" else "inline"
    return {
        "Content-Type": TYPES[image_format],
        "Content-Disposition": f'{how}; filename="chart-{chart.pk}.{image_format}"',
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }


def _caching(request: HttpRequest, rendition: Rendition) -> str:
    version = request.GET.get("v", "")[:ETAG_CHARS]
    return FOREVER if len(version) >= MIN_VERSION and rendition.sha256.startswith(version) else PRIVATE


def _nothing(request: HttpRequest, chart: Chart, image_format: str | None) -> HttpResponse:
    jobs = RenderJob.objects.for_user(user_of(request)) & Target.of(chart, "image").jobs()
    job = jobs.defer("recipe").first()
    if _is_img(request):
        return _placeholder(chart, job)
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


def _is_img(request: HttpRequest) -> bool:
    """Whether a browser asks for an <img>: they all name SVG or any image, and curl names neither."""
    accepted = {part.partition(";")[0].strip().lower() for part in request.headers.get("Accept", "")[:1000].split(",")}
    return bool(accepted & {"image/svg+xml", "image/*"})


def _placeholder(chart: Chart, job: RenderJob | None) -> HttpResponse:
    says = _SAYS.get(job.status, "Not there any more") if job else "Not drawn yet"
    headers = _headers(chart, "svg") | {
        "Content-Disposition": 'inline; filename="placeholder.svg"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(_PLACEHOLDER.replace("{{ says }}", says), headers=headers)
