"""Shared: the public side of share links. One address, one picture, for everybody who knows it.

No session is read here, and nothing else of the chart is told. Whatever is wrong with a link (never made, over,
revoked, for another format, with a query behind it), the answer is the same to the last byte.

What an address asks for is counted before anything is looked up. To hear that a picture is still the same costs next
to nothing, so that is counted apart, and pages that embed pictures may do it ten times as often.
"""

from __future__ import annotations

import logging
from typing import Final

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from renderer import rates
from renderer.api import pictures, placeholders, waiting
from renderer.api.requests import is_head, request_id
from renderer.audit import neighbourhood
from renderer.jobs import variants
from renderer.jobs.variants import Found
from renderer.models import ShareLink

WAIT: Final = 5
"""Seconds for a first picture: a mail program asks once, and keeps what it gets."""
AGE: Final = 60
STALE: Final = 300
"""Seconds: how long caches may keep a picture, and show it while they ask for the next one. After these together a
revoked link is gone everywhere."""
ASKS: Final = 10
"""So many times the pictures that an address may have it may ask for them."""

logger = logging.getLogger(__name__)


@require_safe
async def shared_picture(request: HttpRequest, token: str, image_format: str) -> HttpResponse:
    """The picture that a share link leads to, or a placeholder for its state."""
    try:
        if wait := await sync_to_async(_spend)(request):
            kind = pictures.kind_for(image_format)
            return pictures.placeholder(placeholders.TOO_OFTEN, kind, status=429, retry_after=wait, public=True)
        link = await sync_to_async(_find)(request, token, image_format)
        if link is None:
            kind = pictures.kind_for(image_format)
            return pictures.placeholder(placeholders.MISSING, kind, status=404, public=True)
        found = await sync_to_async(variants.find)(link.variant, request_id=request_id(request))
        if found.file is None and found.job is not None and not found.job.is_final:
            await waiting.until(found.job.pk, lambda state: state.is_final, owner=found.job.owner_id, seconds=WAIT)
            found = await sync_to_async(_find_again)(link)
        return await sync_to_async(_answer)(request, link, found)
    except (OperationalError, InterfaceError):
        logger.exception("request %s: the database does not answer", request_id(request))
        kind = pictures.kind_for(image_format)
        return pictures.placeholder(placeholders.AWAY, kind, status=503, retry_after=2, public=True)


def _pictures() -> rates.Rate:
    return rates.Rate("shared", rates.setting("FIGPRESS_RATE_SHARED"))


def _spend(request: HttpRequest) -> int:
    """Count a request. Returns 0, or the seconds until the next may come."""
    rate, who = _pictures(), neighbourhood(request)
    count = rates.worst(rates.spend((rate, who), (rates.Rate("shared-asks", ASKS * rate.quota), who)))
    return count.reset if count else 0


def _find(request: HttpRequest, token: str, image_format: str) -> ShareLink | None:
    return None if request.META.get("QUERY_STRING") else ShareLink.find(token, image_format)


def _find_again(link: ShareLink) -> Found:
    link.variant.chart.refresh_from_db(fields=["image", "drawn_by", "rendered_at"])
    return variants.find(link.variant)


def _answer(request: HttpRequest, link: ShareLink, found: Found) -> HttpResponse:
    if found.file is not None:
        caching = pictures.shared(link.expires_at, age=AGE, stale=STALE)
        # Named after the link: the chart's id is nobody's business.
        sent = pictures.send(request, found.file, name=f"chart-{link.pk}", caching=caching, public=True)
        if sent is not None:
            if sent.status_code == 304:
                rates.give_back(_pictures(), neighbourhood(request))
            elif sent.status_code == 200 and not is_head(request):
                link.note_use()
            return sent
    image_format = link.variant.format
    waits = found.job is not None and not found.job.is_final
    # A program that saves a PDF must not take a placeholder for it.
    status = 503 if image_format == "pdf" else 200
    text, kind = placeholders.says(found.job), pictures.kind_for(image_format)
    return pictures.placeholder(text, kind, status=status, retry_after=1 if waits else None, public=True)
