"""CORS: which other sites' scripts may call the API. None, unless the operator names their origins, letter by letter.

Never with credentials: a script of another site sends a token of its own, and a person's cookies stay at home.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

SETTING: Final = "FIGPRESS_CORS_ORIGINS"
METHODS: Final = "GET, HEAD, POST, PATCH, DELETE"
HEADERS: Final = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, X-Request-ID"
)
SHOWN: Final = (
    "ETag, Idempotent-Replayed, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-ID"
)
"""What a script may read besides the few headers that it always may."""
A_DAY: Final = "86400"


def preflight(request: HttpRequest) -> HttpResponse | None:
    """The answer to a browser that asks whether a script may ask; None if it does not, or if the script may not."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not asks or _origin(request) is None:
        return None
    return HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Max-Age": A_DAY,
        },
    )


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say that the script which asked may read the answer, if it may."""
    if not getattr(settings, SETTING, ()):
        return
    patch_vary_headers(response, ("Origin",))
    if origin := _origin(request):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = SHOWN


def _origin(request: HttpRequest) -> str | None:
    sent = request.headers.get("Origin", "")
    return sent if sent and sent in getattr(settings, SETTING, ()) else None
