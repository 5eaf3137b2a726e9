"""The limit on bodies where they come in. Django's ASGI handler writes a body to disk, however long it is, before it
looks at anything."""

from __future__ import annotations

import io
import re
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest

from renderer.api import bodies, threads
from renderer.api.answers import answer
from renderer.api.auth import bearer
from renderer.api.requests import request_id
from renderer.models import ApiToken

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

UPLOAD: Final = re.compile(r"/datasets(?:/[a-z0-9_]{1,100})?$")
"""The paths to which files are sent: of other lengths, by people who may."""
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
        declared = int(length[:20]) if length.isdigit() else 0
        most = bodies.MAX_BYTES
        is_long = declared > most or (not declared and b"transfer-encoding" in headers)
        if is_long and scope["method"] in ("POST", "PUT") and UPLOAD.search(scope["path"]) and await _is_known(scope):
            most = bodies.MAX_UPLOAD
        if declared > most:
            return await _refuse(headers, receive, send, most)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive() if received <= most else _GONE
            received += len(message.get("body", b""))
            # To Django a client that went away: it closes what it has written, and answers nothing.
            return message if received <= most else _GONE

        await self.application(scope, counted, send)
        if received > most:
            await _refuse(headers, receive, send, most)
        return None


@sync_to_async
def _is_known(scope: Any) -> bool:
    """Whether it is somebody: nobody else may fill the disk with what is then refused. Whether they may do what they
    ask for is for the view to say."""
    request = ASGIRequest(scope, io.BytesIO())
    close_old_connections()
    threads.drop_lost()
    try:
        if (secret := bearer(request)) is not None:
            return ApiToken.find(secret) is not None
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        return bool(key) and get_user(request).is_authenticated
    finally:
        close_old_connections()


async def _refuse(headers: dict[bytes, bytes], receive: Receive, send: Send, most: int) -> None:
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
    response = answer(request, bodies.too_large(most))
    response["X-Request-ID"] = request_id(request)
    response["Connection"] = "close"
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    length = (b"content-length", str(len(response.content)).encode())
    await send({"type": "http.response.start", "status": response.status_code, "headers": [*named, length]})
    await send({"type": "http.response.body", "body": response.content})
