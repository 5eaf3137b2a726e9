"""Choosing: the filters and orders of lists. A closed set, each a parameter with a type: what a client writes is a
value, and never the name of a column or a look-up (SECURITY T10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Annotated, Literal, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Query
from pydantic import AfterValidator, AwareDatetime

from renderer.api.bodies import in_utc
from renderer.api.problems import ApiProblem
from renderer.spec import Problem
from renderer.spec.errors import did_you_mean, listed, pointer, suggest
from renderer.spec.text import TextError, clean_text

M = TypeVar("M", bound=Model)

Order = Annotated[Literal["newest", "oldest"], Query(description="By the time they were made.")]
Time = Annotated[AwareDatetime, AfterValidator(in_utc)]
Since = Annotated[
    Time | None, Query(description="Only what was made at this time or later, such as 2030-01-31T12:00:00Z.")
]
Before = Annotated[Time | None, Query(description="Only what was made before this time.")]
Contains = Annotated[
    str, Query(max_length=200, description="Only those whose name, or title, contains this; case does not matter.")
]
KindOf = Annotated[
    str,
    Query(max_length=40, description="Only chart specs of this kind; `layers` and `panels` where each has its own."),
]
TagOf = Annotated[str, Query(max_length=40, description="Only those with this tag.")]
NameOf = Annotated[str, Query(max_length=200, description="Only those of this figure function.")]


def closed(request: HttpRequest, operation: Callable[..., object]) -> None:
    """Raise ApiProblem for a parameter that the operation has not: a filter with a slip in its name would otherwise
    show everything."""
    known = _parameters(operation)
    wrong = [
        Problem(pointer(name), f"there is no such parameter{did_you_mean(suggest(name, known)) or _list(known)}")
        for name in list(request.GET)[:20]
        if name not in known
    ]
    if wrong:
        raise ApiProblem("invalid", errors=wrong, place="query")


@cache
def _parameters(operation: Callable[..., object]) -> list[str]:
    return list(signature(operation).parameters)[1:]


def _list(known: list[str]) -> str:
    return f"; there are {listed(known)}"


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
