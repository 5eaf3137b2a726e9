"""Paging: newest first, by cursor. A page stays the same page while new rows come in before it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query
from pydantic import BaseModel

from renderer.api.problems import ApiProblem
from renderer.spec import Problem

Limit = Annotated[int, Query(ge=1, le=100, description="How many, at most.")]
Cursor = Annotated[str, Query(max_length=32, description="`next_cursor` of the page before.")]

R = TypeVar("R", bound="Any")


class Page(BaseModel):
    """What every list has besides its items."""

    next_cursor: str | None
    """Send it as `cursor` for the page after this one; null on the last."""


def page(rows: QuerySet[R], cursor: str, limit: int, *, newest_first: bool = True) -> tuple[list[R], str | None]:
    """The rows after ``cursor`` and the cursor of what follows them. Ids are UUIDv7: ordered by time."""
    if cursor:
        after = _decode(cursor)
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], urlsafe_b64encode(found[limit - 1].pk.bytes).decode().rstrip("=")


def _decode(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (NotBase64, ValueError):
        wrong = Problem("/cursor", "is no cursor of ours: send 'next_cursor' of the page before, as it is")
        raise ApiProblem("invalid", errors=[wrong], place="query") from None
