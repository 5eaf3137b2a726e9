"""The reader's time zone, as their browser told it: times in pages are written in it before any script has run."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from renderer.jobs import cron

COOKIE: Final = "figpress_zone"
"""Set by app.js. It says a zone and nothing else, and is believed only if it is one."""


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """The zone of a request; None, which is the installation's, if it names none that is known."""
    name = unquote(request.COOKIES.get(COOKIE, ""))
    return ZoneInfo(name) if name in cron.zones() else None
