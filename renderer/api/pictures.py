"""Pictures as responses: the bytes of one file, or a placeholder, with headers under which a browser runs nothing of it
and a cache keeps it just as long as it may."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from renderer.api import placeholders
from renderer.api.requests import is_head
from renderer.api.responses import not_modified, unchanged
from renderer.models import Rendition

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
MOVING: Final = "private, max-age=0, stale-while-revalidate=60"
"""The address stays and the picture changes: what was seen last is shown at once, and asked about meanwhile."""
SENT_ON: Final = "private, max-age=30"
"""How long a browser may keep where it was sent to for a picture that stays: the address there is good for a minute,
and its bytes for ever."""


def headers(name: str, image_format: str, *, public: bool = False) -> dict[str, str]:
    """Of our own in every part: the type from a table, the name from an id (SECURITY T9). Public pictures may be shown
    by other sites."""
    how = "attachment" if image_format == "pdf" else "inline"
    return {
        "Content-Type": TYPES[image_format],
        "Content-Disposition": f'{how}; filename="{name}.{image_format}"',
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin" if public else "same-origin",
        "Referrer-Policy": "no-referrer",
        "Accept-Ranges": "none",
    }


def send(
    request: HttpRequest, file: Rendition, *, name: str, caching: str, public: bool = False
) -> HttpResponse | None:
    """The file, 304, or only the headers; None, and a line in the log, if the storage does not give it.

    Where the storage hands out addresses of its own, one person is sent to one. Everybody, that is to say the caches of
    share links and signed addresses, is given the bytes here: what a link leads to must go when the link does.
    """
    etag = f'"{file.sha256}"'
    with_caching = headers(name, file.format, public=public) | {"ETag": etag, "Cache-Control": caching}
    if unchanged(request, etag):
        return not_modified(etag, with_caching)
    if is_head(request):
        return HttpResponse(headers=with_caching | {"Content-Length": str(file.bytes)})
    if not public and (address := _elsewhere(file, with_caching)):
        return HttpResponse(
            status=302,
            headers={
                "Location": address,
                "ETag": etag,
                "Cache-Control": SENT_ON if caching == FOREVER else "private, no-store",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
    try:
        # Read whole, not streamed: it is a few hundred kB, and Django would stream a file to an ASGI server in threads.
        with file.file.open("rb") as stored:
            data = stored.read()
    except Exception:  # each storage has errors of its own
        logger.error("the file %s of job %s cannot be read", file.file.name, file.job_id, exc_info=True)
        return None
    return HttpResponse(data, headers=with_caching)


def _elsewhere(file: Rendition, headers: Mapping[str, str]) -> str:
    """A short-lived address of the file in its storage; empty if it has none but through us. The type and the name are
    those that we would give."""
    signed = getattr(file.file.storage, "signed", None)
    told = {name: headers[name] for name in ("Content-Type", "Content-Disposition")}
    return str(signed(file.file.name, told | {"Cache-Control": FOREVER})) if signed else ""


def placeholder(
    text: str, kind: Literal["svg", "png"], *, status: int = 200, retry_after: int | None = None, public: bool = False
) -> HttpResponse:
    """A picture that says why there is none. Nobody is to keep it."""
    data = placeholders.svg(text) if kind == "svg" else placeholders.png(text)
    more = {"Cache-Control": "no-store"} | ({} if retry_after is None else {"Retry-After": str(retry_after)})
    return HttpResponse(data, status=status, headers=headers("placeholder", kind, public=public) | more)


def kind_for(image_format: str) -> Literal["svg", "png"]:
    """The kind of placeholder for somebody who asked for this format."""
    return "svg" if image_format == "svg" else "png"


def shared(expires_at: datetime | None, *, age: int, stale: int = 0) -> str:
    """Cache-Control of what everybody may keep who has its address: never longer than that is good."""
    left = age + stale if expires_at is None else max(0, int((expires_at - timezone.now()).total_seconds()))
    age = min(age, left)
    stale = min(stale, left - age)
    return f"public, max-age={age}" + (f", stale-while-revalidate={stale}" if stale else "")
