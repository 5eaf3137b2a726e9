"""Static files by WhiteNoise, without a thread for each request that is under way.

WhiteNoise's middleware is synchronous only, and Django runs everything beneath such a middleware in a thread that
waits for it: under ASGI each client of a long poll would hold one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, BinaryIO, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import FileResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

CHUNK = 1 << 16


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoiseMiddleware, asynchronous where the server is."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if iscoroutinefunction(self):
            return self._answer(request)
        return cast(HttpResponseBase, super().__call__(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        # With autorefresh (DEBUG) the look-up reads the disk; without, it is a dict.
        file = await sync_to_async(self.find_file)(path) if self.autorefresh else self.files.get(path)
        if file is None:
            return cast(HttpResponseBase, await self.get_response(request))
        response: FileResponse = await sync_to_async(self.serve)(file, request)
        if response.file_to_stream is not None:
            # Django warns of, and collects in memory, an iterator that is not asynchronous.
            response.streaming_content = _chunks(response.file_to_stream)
        return response


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await sync_to_async(file.read)(CHUNK):
            yield chunk
    finally:
        file.close()
