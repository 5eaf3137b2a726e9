"""Audit: what was done to the account, for its owner's own monitoring."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from renderer.api.auth import SessionAuth, TokenAuth
from renderer.api.choosing import Time, closed
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.models import AuditEntry
from renderer.models.access import Scope
from renderer.models.audit import Action
from renderer.models.membership import Role

# A program that reads charts need not know from where people sign in.
router = Router(tags=["audit"], auth=[TokenAuth(Scope.ADMIN), SessionAuth(Role.OWNER)])


class AuditOut(Shape):
    """Something that was done to the account."""

    id: UUID
    at: datetime
    action: str
    """What, one of a closed set."""
    words: str
    """The same for a person."""
    object: str
    """What it was done to; empty where that is the account itself."""
    actor: str
    """Who did it, as they were called then; empty if nobody was signed in."""
    via: str
    """`page`, a token by its hint, or an operator's command."""
    address: str | None
    """From where."""
    request_id: str

    @classmethod
    def of(cls, row: AuditEntry) -> AuditOut:
        """The shape of a row."""
        return cls(
            id=row.pk,
            at=row.at,
            action=row.action,
            words=row.get_action_display(),
            object=row.object,
            actor=row.actor_name,
            via=row.via,
            address=row.address,
            request_id=row.request_id,
        )


class AuditPage(Page):
    """One page of the log."""

    items: list[AuditOut]


@router.get("", response=AuditPage, url_name="audit")
def list_audit(
    request: HttpRequest,
    action: Annotated[Action | None, Query(description="Only this.")] = None,
    since: Annotated[Time | None, Query(description="Only what was done at this time or later.")] = None,
    before: Annotated[Time | None, Query(description="Only what was done before this time.")] = None,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> HttpResponse:
    """What was done to your account, newest first. Lines never change. Needs a token with the scope `admin`."""
    closed(request, list_audit)
    owner = user_of(request)
    rows = AuditEntry.objects.for_user(owner).filter(owner=owner)  # staff would see what is nobody's, too
    if action:
        rows = rows.filter(action=action)
    if since:
        rows = rows.filter(at__gte=since)
    if before:
        rows = rows.filter(at__lt=before)
    found, following = page(rows, cursor, limit)
    return reply(AuditPage(items=[AuditOut.of(row) for row in found], next_cursor=following))
