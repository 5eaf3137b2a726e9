"""Preferences: the Prefer header (RFC 7240), of which ``wait`` and ``respond-async`` are understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest

MAX_WAIT: Final = 30
"""Seconds. Proxies commonly cut a silent connection after 60."""


def wait(request: HttpRequest) -> int | None:
    """How many seconds the client would wait for the end, at most MAX_WAIT; None if it does not say.

    What is not understood is ignored, as the RFC wants it. The first ``wait`` counts.
    """
    for name, value in _preferences(request):
        if name == "wait" and value.isascii() and value.isdigit():
            return min(int(value[:6]), MAX_WAIT)
    return None


def applied(request: HttpRequest, seconds: int | None, *, accepted: bool = False) -> dict[str, str]:
    """The header that says so. ``accepted``: the answer is 202, as somebody who prefers it asynchronous wanted it."""
    did = ["respond-async"] if accepted and any(name == "respond-async" for name, _ in _preferences(request)) else []
    did += [] if seconds is None else [f"wait={seconds}"]
    return {"Preference-Applied": ", ".join(did)} if did else {}


def _preferences(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for preference in request.headers.get("Prefer", "")[:1000].split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        yield name.strip().lower(), value.strip().strip('"')
