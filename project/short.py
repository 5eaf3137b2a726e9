"""Short requests: one step into a thread for a whole request, where Django takes one for nearly every middleware.

Under ASGI each of Django's own middlewares goes into a thread and back, twice; that is most of what a poll costs. Who
waits for something (``Prefer: wait``, an event stream) needs it so, because a waiting request must hold no thread. The
calls of the API that are made most (``renderer/api/short.py``) pass the same middlewares in one piece, as under WSGI.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve


class ShortHandler(BaseHandler):
    """Django's synchronous handler, which takes a view's short way."""

    def resolve_request(self, request: HttpRequest) -> Any:
        """The view that has one."""
        match: Any = super().resolve_request(request)
        match.func = match.func.short
        return match


class ShortRequests(ASGIHandler):
    """Django's handler, and beside it a synchronous one for what is short."""

    def __init__(self) -> None:
        super().__init__()
        self._short = ShortHandler()
        self._short.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The response, by one way or the other."""
        if is_short(request):
            return await sync_to_async(self._short.get_response, thread_sensitive=True)(request)
        return await super().get_response_async(request)


def is_short(request: HttpRequest) -> bool:
    """Whether it waits for nothing, and there is a short way for it."""
    if "Prefer" in request.headers:
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return request.method in getattr(view, "short_methods", ())
