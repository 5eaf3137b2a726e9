"""ZIP files on their way out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from renderer.api.requests import is_head
from renderer.jobs.archive import Archive


def zipped(request: HttpRequest, archive: Archive) -> HttpResponseBase:
    """An archive, made while it is sent."""
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": _attachment(archive.file_name),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if is_head(request):
        return HttpResponse(headers=headers)
    pieces = archive.pieces()
    # Django reads a plain iterator to its end before it hands anything to an ASGI server.
    return StreamingHttpResponse(_off_the_loop(pieces) if isinstance(request, ASGIRequest) else pieces, headers=headers)


async def _off_the_loop(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece


def _attachment(name: str) -> str:
    """Content-Disposition of a name in any script (RFC 6266), which is letters, digits, dots and hyphens alone."""
    plain = name.encode("ascii", "ignore").decode().lstrip("-._") or "charts.zip"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
