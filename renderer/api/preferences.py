"""Preferences: the Prefer header (RFC 7240), of which ``wait`` is understood."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

MAX_WAIT: Final = 30
"""Seconds. Proxies commonly cut a silent connection after 60."""


def wait(request: HttpRequest) -> int | None:
    """How many seconds the client would wait for the end, at most MAX_WAIT; None if it does not say.

    What is not understood is ignored, as the RFC wants it. The first ``wait`` counts.
    """
    for preference in request.headers.get("Prefer", "")[:1000].split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            seconds = value.strip().strip('"')
            if seconds.isascii() and seconds.isdigit():
                return min(int(seconds[:6]), MAX_WAIT)
    return None


def applied(seconds: int | None) -> dict[str, str]:
    """The header that says so."""
    return {} if seconds is None else {"Preference-Applied": f"wait={seconds}"}
