"""Short requests: one step into a thread for a whole request, where Django takes one for nearly every middleware.

Under ASGI each of Django's own middlewares goes into a thread and back, twice, and so do its signals; that is most of
what a poll costs. Who waits for something (``Prefer: wait``, an event stream) needs it so, because a waiting request
must hold no thread. The calls of the API that are made most (``renderer/api/short.py``) pass the same middlewares in
one piece, as under WSGI. Both have their threads from ``renderer/api/threads.py``, which keeps them.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from typing import Any, NamedTuple

from asgiref.sync import SyncToAsync
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.urls import Resolver404, ResolverMatch, resolve, set_script_prefix

from renderer.api import threads

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Answer(NamedTuple):
    """A whole response, as ASGI wants it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class ShortHandler(BaseHandler):
    """Django's synchronous handler, which takes a view's short way."""

    def resolve_request(self, request: Any) -> Any:
        """The view that has one, which was looked for already where the request was found to be short."""
        match: Any = getattr(request, "short_match", None) or super().resolve_request(request)
        match.func = match.func.short
        request.resolver_match = match
        return match


class ShortRequests(ASGIHandler):
    """Django's handler, and beside it a synchronous one for what is short."""

    def __init__(self) -> None:
        super().__init__()
        self._short = ShortHandler()
        self._short.load_middleware(is_async=False)
        threads.start()

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, by one way or the other."""
        if (match := short_match(scope)) is not None:
            await self._handle_short(scope, match, receive, send)
            return
        context = SyncToAsync.thread_sensitive_context.get()
        SyncToAsync.context_to_thread_executor[context] = threads.take()
        try:
            await super().handle(scope, receive, send)
        finally:
            # Who has waited has given the first back, and may have another one.
            thread = SyncToAsync.context_to_thread_executor.pop(context, None)
            if thread is not None:
                threads.give_back(thread)  # type: ignore[arg-type]  # asgiref makes the same kind

    async def _handle_short(self, scope: Any, match: ResolverMatch, receive: Receive, send: Send) -> None:
        sent = await _body(receive)
        if sent is None:
            return
        thread = threads.take()
        loop, context = asyncio.get_running_loop(), copy_context()
        try:
            answer = await loop.run_in_executor(thread, context.run, self._answer, scope, match, sent)
        except BaseException:
            threads.give_back(thread)
            raise
        threads.keep(thread)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _answer(self, scope: Any, match: ResolverMatch, sent: bytes) -> Answer:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, io.BytesIO(sent))
        response: Any = refused
        if request is not None:
            request.short_match = match  # type: ignore[attr-defined]  # for the handler's resolve_request
            response = self._short.get_response(request)
        response._handler_class = self.__class__  # whom request_finished names
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
        headers += [(b"Set-Cookie", c.output(header="").encode("ascii").strip()) for c in response.cookies.values()]
        answer = Answer(response.status_code, headers, response.content)
        response.close()
        return answer


def short_match(scope: Mapping[str, Any]) -> ResolverMatch | None:
    """The view, if the request waits for nothing and there is a short way for it."""
    if any(name == b"prefer" for name, _ in scope["headers"]):
        return None
    try:
        match = resolve(scope["path"].removeprefix(get_script_prefix(scope)))
    except Resolver404:
        return None
    return match if scope["method"] in getattr(match.func, "short_methods", ()) else None


async def _body(receive: Receive) -> bytes | None:
    """What was sent, no more than a body may have (``renderer/api/limit.py``); None if the client went away."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
