"""The limit on bodies where they come in. Django's ASGI handler writes a body to disk, however long it is, before it
looks at anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest

from renderer.api import bodies
from renderer.api.answers import answer
from renderer.api.requests import request_id

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

DRAINED: Final = 64 << 20
"""Bytes read and thrown away, so that a client which sends before it listens gets its 413, and no broken pipe."""
_GONE: Final[Message] = {"type": "http.disconnect"}


class BodyLimit:
    """An ASGI application that answers 413 to bodies over the limit, and hands the rest to ``application``."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            return await self.application(scope, receive, send)
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > bodies.MAX_BYTES:
            return await _refuse(headers, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive() if received <= bodies.MAX_BYTES else _GONE
            received += len(message.get("body", b""))
            # To Django a client that went away: it closes what it has written, and answers nothing.
            return message if received <= bodies.MAX_BYTES else _GONE

        await self.application(scope, counted, send)
        if received > bodies.MAX_BYTES:
            await _refuse(headers, receive, send)
        return None


async def _refuse(headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
    drained = 0
    while drained <= DRAINED:
        message = await receive()
        if message["type"] != "http.request":
            return
        drained += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    request = HttpRequest()
    request.META["HTTP_X_REQUEST_ID"] = headers.get(b"x-request-id", b"").decode("latin-1")
    response = answer(request, bodies.too_large())
    response["X-Request-ID"] = request_id(request)
    response["Connection"] = "close"
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    length = (b"content-length", str(len(response.content)).encode())
    await send({"type": "http.response.start", "status": response.status_code, "headers": [*named, length]})
    await send({"type": "http.response.body", "body": response.content})
