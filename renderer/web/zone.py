"""The reader's time zone, as their browser told it: times in pages are written in it before any script has run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from renderer.jobs import cron

COOKIE: Final = "figpress_zone"
"""Set by app.js. It says a zone and nothing else, and is believed only if it is one."""

_is_told: ContextVar[bool] = ContextVar("is_told", default=False)


@contextmanager
def reading(request: HttpRequest) -> Iterator[None]:
    """While a page is written: its moments are in the zone of who reads it; the installation's, if none was told."""
    zone = _zone_of(request)
    token = _is_told.set(zone is not None)
    try:
        with timezone.override(zone):
            yield
    finally:
        _is_told.reset(token)


def is_told() -> bool:
    """Whether the zone is the reader's own: then their browser runs app.js, too, which keeps times fresh."""
    return _is_told.get()


def _zone_of(request: HttpRequest) -> ZoneInfo | None:
    name = unquote(request.COOKIES.get(COOKIE, ""))
    return ZoneInfo(name) if name in cron.zones() else None
