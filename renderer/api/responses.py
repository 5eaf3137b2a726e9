"""Responses: JSON from a shape, with an ETag of its content where it is asked for again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from pydantic import BaseModel

from renderer.api.problems import ApiProblem

PRIVATE = "private, no-cache"
"""Kept by the client alone, and never shown without asking whether it still holds."""


def reply(shape: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A shape as JSON. Pydantic writes NaN and Infinity as null: what is sent is always JSON."""
    return HttpResponse(
        shape.model_dump_json(by_alias=True), status=status, content_type="application/json", headers=headers
    )


def reply_or_304(request: HttpRequest, shape: BaseModel, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The same with a strong ETag of the content, or 304 if the client has just this."""
    response = reply(shape, headers={"Cache-Control": PRIVATE, **(headers or {})})
    etag = etag_of(response.content)
    if unchanged(request, etag):
        return not_modified(etag, response.headers)
    response["ETag"] = etag
    return response


def etag_of(content: bytes) -> str:
    """A strong ETag: half of a SHA-256 tells any two contents apart."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def unchanged(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names this ETag. By weak comparison (RFC 9110 13.1.2): a proxy that compresses marks
    ETags as weak."""
    sent = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", "")[:4000])]
    return etag in sent or "*" in sent


def must_match(request: HttpRequest, shape_now: Callable[[], BaseModel]) -> None:
    """Raise ApiProblem (412) if ``If-Match`` names another state of the thing than that of now, or none that it has.

    A compressed answer's ETag is weak; what it was made of is the same, so it counts here.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        return
    tags = [tag.removeprefix("W/") for tag in parse_etags(sent[:4000])]
    if "*" not in tags and etag_of(reply(shape_now()).content) not in tags:
        raise ApiProblem("changed_meanwhile")


def not_modified(etag: str, headers: Mapping[str, str]) -> HttpResponse:
    """304, with the headers of the 200 except those about its content."""
    response = HttpResponseNotModified(headers={"ETag": etag})
    for name, value in headers.items():
        if not name.lower().startswith("content-"):
            response[name] = value
    return response
