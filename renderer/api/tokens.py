"""Tokens: made and taken back by people who signed in.

Never by a token: one that leaked could make itself successors that outlive it, or lock its owner's programs out.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from pydantic import AfterValidator, Field

from renderer.api.auth import SessionOnly
from renderer.api.bodies import Body, Moment, Name, read, takes
from renderer.api.choosing import closed
from renderer.api.compression import TELLING
from renderer.api.links import link
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.jobs import tokens as verbs
from renderer.models import ApiToken
from renderer.models.membership import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

router = Router(tags=["tokens"], auth=[SessionOnly(Role.OWNER)])

NAME_CHARS = 100


class TokenOut(Shape):
    """An API token, without its secret."""

    id: UUID
    name: str
    hint: str
    """How the secret begins."""
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    @classmethod
    def of(cls, row: ApiToken, **more: str) -> Self:
        """The shape of a row."""
        return cls(
            id=row.pk,
            name=row.name,
            hint=row.hint,
            scopes=row.scopes,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            **more,
        )


class NewToken(TokenOut):
    """A new API token."""

    secret: str
    """Shown now and never again: only its SHA-256 is kept."""


class Tokens(Page):
    """One page of tokens."""

    items: list[TokenOut]


def _future(value: datetime) -> datetime:
    if value <= timezone.now():
        raise ValueError("lies in the past")
    return value


def _given(name: str) -> str:
    if not name:
        raise ValueError("must not be empty: it tells the token from your others")
    if len(name) > NAME_CHARS:
        raise ValueError(f"is longer than {NAME_CHARS} characters")
    return name


Expiry = Annotated[Moment, AfterValidator(_future)]


ScopeName = Literal["read", "render", "admin"]
Scopes = Annotated[
    list[ScopeName],
    Field(
        min_length=1,
        max_length=3,
        description="`read`: look and fetch. `render`: make, change and draw. `admin`: delete, and see "
        "what was done to the account. None contains another.",
    ),
]


def _usual() -> list[ScopeName]:
    return ["read", "render"]


class TokenIn(Body):
    """A token to be made."""

    name: Annotated[Name, AfterValidator(_given)]
    scopes: Scopes = Field(default_factory=_usual)
    expires_at: Expiry | None = None


@router.get("", response=Tokens, url_name="tokens")
def list_tokens(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your tokens, newest first, without their secrets."""
    closed(request, list_tokens)
    found, following = page(ApiToken.objects.for_user(user_of(request)), cursor, limit)
    return reply(Tokens(items=[TokenOut.of(row) for row in found], next_cursor=following))


@router.post("", response={201: NewToken}, url_name="tokens", openapi_extra=takes(TokenIn))
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its secret is in this answer, and nowhere else."""
    body = read(request, TokenIn)
    person: User = request.user  # type: ignore[assignment]  # a session's: whoever owns what user_of() tells
    row, secret = verbs.issue(user_of(request), body.name, by=person, expires_at=body.expires_at, scopes=body.scopes)
    request.META[TELLING] = True
    headers = {"Location": link("token", token_id=row.pk), "Cache-Control": "no-store"}
    return reply(NewToken.of(row, secret=secret), status=201, headers=headers)


@router.delete("/{uuid:token_id}", response={204: None}, url_name="token")
def delete_token(request: HttpRequest, token_id: UUID) -> Status[None]:
    """Take a token back. From now on it opens nothing."""
    row = ApiToken.objects.for_user(user_of(request)).filter(pk=token_id).select_related("owner").first()
    if row is None:
        raise Http404
    verbs.revoke(row)
    return Status(204, None)
