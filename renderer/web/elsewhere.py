"""Elsewhere: what an address names may be of another account of the same person than the one that the pages show.

A link that a colleague sends leads into a workspace, and whoever opens it may be looking at their own charts. They are
asked whether to go there; nothing is changed by opening a link. Whoever is no member is told what everybody is told:
there is nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from renderer.api.standing import memberships_of
from renderer.models import Batch, Chart, Dataset, RenderJob, Schedule, Webhook

if TYPE_CHECKING:
    from renderer.web.access import SignedInRequest

PAGES: Final[dict[str, Any]] = {
    "chart": Chart, "edit-chart": Chart, "chart-versions": Chart, "chart-data": Chart, "dataset": Dataset,
    "job": RenderJob, "schedule": Schedule, "batch": Batch, "webhook": Webhook,
}  # fmt: skip
"""The pages that a link may lead to, and what their ``pk`` is one of."""


def elsewhere(request: SignedInRequest) -> HttpResponse | None:
    """The page that offers to go there. None if there is no such place for this person."""
    match = request.resolver_match
    model = PAGES.get(match.url_name or "") if match and request.method == "GET" else None
    if match is None or model is None:
        return None
    pk: UUID = match.kwargs["pk"]
    rooms = {row.workspace.account_id: row for row in memberships_of(request) if row.workspace.account.is_active}
    for account in (request.user, *(row.workspace.account for row in rooms.values())):
        rows: QuerySet[Any] = model.objects.for_user(account)  # as the page does: what it would not show is not there
        if account.pk != request.account.pk and rows.filter(pk=pk).exists():
            context = {"room": rooms.get(account.pk), "address": request.get_full_path()}
            return render(request, "renderer/elsewhere.html", context)
    return None
