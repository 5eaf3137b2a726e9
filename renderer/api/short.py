"""Short ways: the calls that come most often, as plain synchronous views for requests that wait for nothing.

An asynchronous operation goes into a thread and back for its authentication and for each look at the database, which
costs more than the look. A server that hands short requests to a thread as a whole (``project/short.py``) takes the
view's ``short`` instead, if it has one: the same authentication, the same verbs, the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError

from renderer.api.auth import SessionAuth, TokenAuth

View = Callable[..., HttpResponse]


def short(twins: Mapping[str, View]) -> View:
    """One view out of a twin for each HTTP method."""

    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        user = TokenAuth()(request) or SessionAuth()(request)
        if user is None:
            raise AuthenticationError
        request.auth = user  # type: ignore[attr-defined]  # where ninja puts it, too
        return twins[request.method or "GET"](request, **parts)

    return view
