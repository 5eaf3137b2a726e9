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
_NOT: Final = re.compile(r"q=0(\.0{0,3})?")
_JSON: Final = ("application/json", "application/problem+json")


def compress(request: HttpRequest, response: HttpResponseBase) -> None:
    """Compress the answer in place, if that is worth it."""
    if not isinstance(response, HttpResponse) or not response.get("Content-Type", "").startswith(_JSON):
        return
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) < WORTH or TELLING in request.META or response.has_header("Content-Encoding"):
        return
    if not _accepts(request.headers.get("Accept-Encoding", "")[:400]):
        return
    response.content = gzip.compress(response.content, LEVEL, mtime=0)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    if etag := response.get("ETag"):
        # Other bytes than those that it was made of: equal in meaning is what it says now.
        response["ETag"] = f"W/{etag.removeprefix('W/')}"


def _accepts(sent: str) -> bool:
    """Whether gzip is named. Who names only others, or ``*``, gets the answer as it is: everybody can read that."""
    for choice in sent.lower().split(","):
        name, _, weight = (part.strip() for part in choice.partition(";"))
        if name == "gzip":
            return not _NOT.fullmatch(weight)
    return False
