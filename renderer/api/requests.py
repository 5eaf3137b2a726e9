"""Requests: what is asked of one, typed."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final, cast

from django.http import HttpRequest

from renderer.models.owned import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ID: Final = "figpress.request_id"
_SAFE: Final = re.compile(r"[A-Za-z0-9._:+/=-]{1,64}")
"""What is taken over into rows and log lines: no white space, no control characters, nothing long."""

COUNTS: Final = "figpress.counts"
"""In a request's META: how things stand with the rates that it counts for."""
OBSERVED: Final = "figpress.observed"
"""In a request's META: its line in the log is ours to write."""
QUIET: Final = frozenset({"GET", "HEAD", "OPTIONS"})

logger = logging.getLogger(__name__)


def request_id(request: HttpRequest) -> str:
    """The request's id: its X-Request-ID if that is safe to repeat, else a new one. The same for each call."""
    known = request.META.get(ID)
    if known is None:
        sent = request.headers.get("X-Request-ID", "")
        known = request.META[ID] = sent if _SAFE.fullmatch(sent) else new_id().hex
    return str(known)


def user_of(request: HttpRequest) -> User:
    """Whose request it is, by token or by session. Only behind authentication."""
    return cast("User", request.auth)  # type: ignore[attr-defined]  # ninja sets it to what the authentication returned


def is_head(request: HttpRequest) -> bool:
    """Whether only the headers are wanted. ``request.method`` says GET then, so that the GET operation answers."""
    return bool(request.META.get("REQUEST_METHOD") == "HEAD")


def log_answer(request: HttpRequest, status: int, seconds: float) -> None:
    """The one line of a request. What only reads and goes well is no news."""
    level = logging.DEBUG if request.META["REQUEST_METHOD"] in QUIET and status < 500 else logging.INFO
    if logger.isEnabledFor(level):
        ms, known = round(seconds * 1000), request_id(request)
        method, path = request.META["REQUEST_METHOD"], request.path
        fields = {"action": "http.request", "method": method, "path": path, "status": status, "ms": ms}
        # Who it is, if that is known already: request.user would ask the database.
        user = getattr(request, "auth", None) or getattr(request, "_cached_user", None)
        owner = getattr(user, "pk", None)
        logger.log(
            level,
            "%s %s %d in %d ms, request %s",
            method,
            path,
            status,
            ms,
            known,
            extra=fields | {"request_id": known} | ({"owner": owner} if owner is not None else {}),
        )
