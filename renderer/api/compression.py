"""Compression: JSON answers as gzip, for who accepts it.

Pictures are compressed as they are, and event streams must not wait in a buffer. An answer with a fresh secret is never
compressed: its length would tell of it to somebody who can make requests and watch the line (BREACH).
"""

from __future__ import annotations

import gzip
import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

WORTH: Final = 1_000
"""Bytes. Less than that fits into one packet as it is."""
LEVEL: Final = 5
TELLING: Final = "figpress.telling"
"""In a request's META: its answer holds a secret."""
_GZIP: Final = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q\s*=\s*(0(?:\.0{1,3})?)?[^,]*)?(?:,|$)", re.IGNORECASE)
_JSON: Final = ("application/json", "application/problem+json")


def compress(request: HttpRequest, response: HttpResponseBase) -> None:
    """Compress the answer in place, if that is worth it."""
    if not isinstance(response, HttpResponse) or not response.get("Content-Type", "").startswith(_JSON):
        return
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) < WORTH or TELLING in request.META or response.has_header("Content-Encoding"):
        return
    accepted = _GZIP.search(request.headers.get("Accept-Encoding", "")[:400])
    if accepted is None or accepted[1]:
        return
    response.content = gzip.compress(response.content, LEVEL, mtime=0)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    if etag := response.get("ETag"):
        # Other bytes than those that it was made of: equal in meaning is what it says now.
        response["ETag"] = f"W/{etag.removeprefix('W/')}"
