"""Share links: made, listed and revoked by a chart's owner. What they lead to is in ``shared``."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import Field

from renderer.api import openapi
from renderer.api.bodies import Body, Name, read, takes
from renderer.api.charts import Format, find
from renderer.api.choosing import closed
from renderer.api.links import link, share_path
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.requests import request_id, user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.api.tokens import Expiry
from renderer.jobs import shares, variants
from renderer.jobs.variants import Look
from renderer.models import ShareLink

router = Router(tags=["share links"])

State = Literal["living", "expired", "revoked"]


class LookIn(Body):
    """What a picture is to look like."""

    format: Format = "png"
    width: int = Field(default=0, description=f"Pixels, one of {', '.join(map(str, variants.WIDTHS))}; 0: as it is.")
    scale: float = Field(default=0, description="Pixels for each CSS pixel: 1, 1.5, 2, 3 or 4; 0: as it is.")
    theme: str = Field(default="", max_length=40, description="Empty: as it is.")

    @property
    def look(self) -> Look:
        """The same for those who draw it."""
        return Look(self.format, self.width, self.scale, self.theme)


class LinkIn(LookIn):
    """A link to be made."""

    name: Name = Field(default="", description="What or whom it is for.")
    expires_at: Expiry | None = None


class LinkOut(Shape):
    """A share link, without its secret."""

    id: UUID
    name: str
    hint: str
    """How the secret begins."""
    format: str
    width: int
    scale: float
    theme: str
    state: State
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    uses: int
    """How often its picture was sent. What caches in between answer is not known."""
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: ShareLink, **more: str) -> Self:
        """The shape of a row."""
        return cls(
            id=row.pk,
            name=row.name,
            hint=row.hint,
            **variants.look_of(row.variant)._asdict(),
            state=row.state,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            uses=row.uses,
            last_used_at=row.last_used_at,
            **more,
        )


class NewLink(LinkOut):
    """A new share link."""

    url: str
    """Shown now and never again: only its SHA-256 is kept."""


class Links(Page):
    """One page of share links."""

    items: list[LinkOut]


@router.get("/{uuid:chart_id}/links", response=Links, url_name="links")
def list_links(request: HttpRequest, chart_id: UUID, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """The chart's share links, newest first, without their secrets; those that are over for another 30 days."""
    closed(request, list_links)
    rows = ShareLink.objects.for_user(user_of(request)).filter(variant__chart=find(request, chart_id))
    found, following = page(rows.select_related("variant"), cursor, limit)
    return reply(Links(items=[LinkOut.of(row) for row in found], next_cursor=following))


@router.post(
    "/{uuid:chart_id}/links", response={201: NewLink}, url_name="links", openapi_extra=takes(LinkIn) | openapi.ONCE
)
@once
def create_link(request: HttpRequest, chart_id: UUID) -> HttpResponse:
    """Make an address under which everybody who knows it sees the chart's picture, in one format and look, until it
    expires or is revoked. Its secret is in this answer, and nowhere else."""
    chart = find(request, chart_id)
    body = read(request, LinkIn)
    row, secret = shares.create(
        user_of(request), chart, body.look,
        name=body.name, expires_at=body.expires_at, request_id=request_id(request),
    )  # fmt: skip
    url = request.build_absolute_uri(share_path(secret, body.format))
    headers = {"Location": link("link", chart_id=chart.pk, link_id=row.pk), "Cache-Control": "no-store"}
    return reply(NewLink.of(row, url=url), status=201, headers=headers)


@router.delete("/{uuid:chart_id}/links/{uuid:link_id}", response={204: None}, url_name="link")
def delete_link(request: HttpRequest, chart_id: UUID, link_id: UUID) -> Status[None]:
    """Revoke a share link. From now on it leads nowhere; caches may show what they have for six minutes more."""
    rows = ShareLink.objects.for_user(user_of(request)).filter(variant__chart=find(request, chart_id))
    row = rows.filter(pk=link_id).first()
    if row is None or not shares.revoke(row):
        raise Http404
    return Status(204, None)
