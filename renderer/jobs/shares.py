"""The verbs of a ShareLink: create, revoke."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from renderer import audit
from renderer.jobs import records, variants
from renderer.jobs.variants import Look
from renderer.models import Chart, ShareLink
from renderer.models.audit import Action
from renderer.spec.errors import SpecError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST: Final = 100
"""Living links of one chart."""


def create(
    owner: User, chart: Chart, look: Look, *, name: str = "", expires_at: datetime | None = None, request_id: str = ""
) -> tuple[ShareLink, str]:
    """Make a link to one look of a chart, and have it drawn if it is not yet. Returns its row and its secret.

    Raises SpecError if the chart cannot look like that, or has too many links.
    """
    with transaction.atomic():
        _forget_old(chart)
        if ShareLink.objects.filter(ShareLink.living(), variant__chart=chart).count() >= MOST:
            raise SpecError.at("", f"this chart has {MOST} links already: revoke one first")
        variant = variants.of(chart, look)
        made = ShareLink.issue(owner, variant, name=name, expires_at=expires_at)
        audit.note(Action.LINK_MADE, owner, f"{chart}: {made[0].name or look.format}")
        variants.find(variant, request_id=request_id)
        return made


def revoke(link: ShareLink) -> bool:
    """End a link at once. False if it was revoked before."""
    with transaction.atomic():
        ended = bool(ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()))
        if ended:
            audit.note(Action.LINK_REVOKED, link.owner, f"{link.variant.chart}: {link.name or link.variant.format}")
    return ended


def _forget_old(chart: Chart) -> None:
    if not (days := records.days("links")):
        return
    before = timezone.now() - timedelta(days=days)
    over = Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    if ShareLink.objects.filter(over, variant__chart=chart).delete()[0]:
        variants.forget_unlinked(chart)
