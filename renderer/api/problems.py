"""Problems: every error that the API answers, as RFC 9457 says (``application/problem+json``).

The codes are a closed set that programs may switch on. Each has a page of its own, which ``type`` points to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse

from renderer import storage
from renderer.api.links import link
from renderer.api.requests import request_id
from renderer.spec import Problem


class Kind(NamedTuple):
    """One kind of problem."""

    status: int
    title: str
    meaning: str


KINDS: Final[dict[str, Kind]] = {
    "bad_request": Kind(400, "Bad request", "The request is not HTTP as this server speaks it."),
    "unauthorized": Kind(
        401,
        "Sign in first",
        "Send 'Authorization: Bearer figp_...', or a session's cookie.",
    ),
    "csrf_failed": Kind(
        403,
        "CSRF check failed",
        "With a session's cookie every change needs its CSRF token in the X-CSRFToken header. API tokens need none.",
    ),
    "bad_signature": Kind(403, "Bad signature", "The address was changed, is over, or was never one of ours."),
    "session_required": Kind(403, "Only for people", "An API token may not do this: sign in on the pages."),
    "insufficient_scope": Kind(
        403, "Not with this token", "The token is good, but has not the scope that this needs: the detail names it."
    ),
    "insufficient_role": Kind(
        403, "Not in this role", "In the workspace that is chosen on the pages your role may not do this."
    ),
    "not_found": Kind(404, "Not found", "There is no such thing, or it is somebody else's."),
    "no_rows": Kind(404, "No rows yet", "The dataset is there; its upload is still being read, or could not be read."),
    "no_picture": Kind(404, "No picture yet", "The chart is there, but not this picture of it."),
    "method_not_allowed": Kind(405, "Method not allowed", "The Allow header lists what can be done here."),
    "job_is_final": Kind(409, "The job has ended", "What has ended cannot be cancelled."),
    "job_is_active": Kind(409, "The job has not ended", "Only a job that has ended can be tried again."),
    "dataset_exists": Kind(409, "The dataset exists", "Send a new version of it with PUT /datasets/{name}."),
    "dataset_in_use": Kind(409, "Charts read the dataset", "'charts' lists them. With ?force=true it is deleted."),
    "delivery_waits": Kind(409, "The delivery waits", "It waits to be sent already; only what ended is sent again."),
    "batch_is_done": Kind(409, "The batch has ended", "What has ended cannot be cancelled."),
    "chart_exists": Kind(409, "The chart exists", "An unnamed chart of yours has this recipe: name this one."),
    "changed_meanwhile": Kind(
        412, "Changed meanwhile", "It is not as If-Match says any more: fetch it again, and look at what is new."
    ),
    "body_too_large": Kind(413, "Body too large", "The body has more bytes than the limit, which the detail names."),
    "quota": Kind(413, "Quota reached", "What you have kept here is as much as you may: delete what you do not need."),
    "not_a_table": Kind(415, "Not a table", "Send CSV, TSV, JSON, NDJSON, Parquet or Arrow; Content-Type says which."),
    "not_json": Kind(415, "Not JSON", "Send the body as 'Content-Type: application/json', in UTF-8."),
    "encoded_body": Kind(415, "Encoded body", "Bodies are not inflated: send them without Content-Encoding."),
    "idempotency_key_reused": Kind(
        422, "Key used for something else", "This Idempotency-Key came with another request: a new ask needs a new key."
    ),
    "invalid": Kind(422, "Not valid", "'errors' lists every wrong field: where it is, and what to do about it."),
    "too_many_jobs": Kind(429, "Too many jobs", "So many of your jobs wait already. Ask again after Retry-After."),
    "too_many_streams": Kind(429, "Too many streams", "So many event streams of yours are open here: close one first."),
    "too_many_requests": Kind(
        429, "Too many requests", "Ask again after Retry-After; RateLimit says how things stand."
    ),
    "internal_error": Kind(500, "An error of ours", "It is in our log under the request's id."),
    "no_streams": Kind(
        501, "No event streams", "This installation's server cannot keep connections open (WSGI): use 'Prefer: wait'."
    ),
    "unavailable": Kind(503, "Not available", "The database does not answer just now. Try again after Retry-After."),
    "storage_full": Kind(507, "No room", storage.NO_ROOM),
}
BY_STATUS: Final = {kind.status: code for code, kind in reversed(KINDS.items())}
"""The plainest code of a status."""


class ApiProblem(Exception):
    """Raised by the API's own code; ``code`` is one of KINDS."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[Problem] = (),
        place: str = "body",
        headers: Mapping[str, str] | None = None,
        **more: str | list[str],
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.place = place
        self.headers = dict(headers or {})
        self.more = more


def problem(request: HttpRequest, error: ApiProblem) -> HttpResponse:
    """The response that says it."""
    kind = KINDS[error.code]
    content: dict[str, Any] = {
        "type": link("problem", code=error.code),
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail or _first(error.errors) or kind.meaning,
        "code": error.code,
        "request_id": request_id(request),
        **error.more,
    }
    if error.errors:
        content["errors"] = [{"pointer": e.pointer, "message": e.message, "in": error.place} for e in error.errors]
    return HttpResponse(
        json.dumps(content, allow_nan=False),
        status=kind.status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **error.headers},
    )


def _first(errors: tuple[Problem, ...]) -> str:
    """The first wrong field, for those who read no further."""
    more = len(errors) - 1
    return f"{errors[0]}{f' (and {more} more)' if more else ''}" if errors else ""
