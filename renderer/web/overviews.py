"""Overviews on pages: the pictures of the last day, in both themes, or room for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from renderer.jobs import overviews
from renderer.models import Overview
from renderer.web.access import SignedInRequest, signed_in


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture, light and dark; without addresses there is none yet."""

    label: str
    light: str
    dark: str
    alt: str
    width: int
    height: int
    drawn_at: datetime | None


def shown(request: SignedInRequest, *, everyone: bool = False) -> list[Shown]:
    """What there is to show, and a note that somebody looks, for whoever draws."""
    rows = overviews.look(request.account, timezone.now(), everyone=everyone)
    there = overviews.files(rows)
    found = []
    for row in rows:
        by_theme = {theme: there.get((row.pk, theme)) for theme in overviews.THEMES}
        address = {
            theme: f"{reverse('overview-picture', args=[row.pk, theme])}?v={file.pk}" if file else ""
            for theme, file in by_theme.items()
        }
        light = by_theme["light"]
        found.append(
            Shown(
                row.get_subject_display(),
                address["light"],
                address["dark"],
                light.alt if light else "",
                overviews.WIDTH,
                overviews.HEIGHT,
                light.job.finished_at if light else None,
            )
        )
    return found


@require_GET
@signed_in
def picture(request: SignedInRequest, pk: UUID, theme: str) -> HttpResponse:
    """The file, for whom it was drawn."""
    row = get_object_or_404(Overview.objects.filter(owner=request.account), pk=pk)
    if row.everyone and not request.user.is_staff:
        raise Http404
    file = overviews.files([row]).get((row.pk, theme))
    if file is None:
        raise Http404
    storage = Overview._meta.get_field("image").storage if file.on_target else file.file.storage
    try:
        with storage.open(str(file.file)) as stored:
            return HttpResponse(stored.read(), content_type="image/png")
    except FileNotFoundError:
        raise Http404 from None
