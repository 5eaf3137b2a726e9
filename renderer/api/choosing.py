"""Choosing: the filters and orders of lists. A closed set, each a parameter with a type: what a client writes is a
value, and never the name of a column or a look-up (SECURITY T10)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query
from pydantic import AwareDatetime

from renderer.spec.text import TextError, clean_text

M = TypeVar("M", bound=Model)

Order = Annotated[Literal["newest", "oldest"], Query(description="By the time they were made.")]
Since = Annotated[
    AwareDatetime | None, Query(description="Only what was made at this time or later, such as 2030-01-31T12:00:00Z.")
]
Before = Annotated[AwareDatetime | None, Query(description="Only what was made before this time.")]
Contains = Annotated[
    str, Query(max_length=200, description="Only those whose name, or title, contains this; case does not matter.")
]
NameOf = Annotated[str, Query(max_length=200, description="Only those of this figure function.")]


def made_between(rows: QuerySet[M], since: AwareDatetime | None, before: AwareDatetime | None) -> QuerySet[M]:
    """The rows that were made then."""
    if since:
        rows = rows.filter(created_at__gte=since)
    if before:
        rows = rows.filter(created_at__lt=before)
    return rows


def searchable(text: str) -> str | None:
    """A text that a name may contain; None if no name does, because names are made of clean text."""
    try:
        return clean_text(text, limit=200)
    except TextError:
        return None
