"""Listening: the news of all jobs of a user."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from renderer.api import openapi, streams

router = Router(tags=["jobs"])


@router.get(
    "/events",
    response={200: None},
    url_name="events",
    openapi_extra=openapi.stream(
        "`ready` first, with no data, then one event for each change of any job, by the names that "
        "`GET /jobs/{id}/events` has."
    ),
)
async def get_events(request: HttpRequest) -> HttpResponseBase:
    """What becomes of all your jobs, as server-sent events.

    Read what you want to know of when `ready` comes. With `Last-Event-ID` it goes on where the client stopped; if that
    is too long ago it begins with `reset`: read it again.
    """
    return await streams.of_owner(request)
