"""Probes of the platform are answered before anything else: they come to an address and not to one of ALLOWED_HOSTS,
without TLS, without a session, and should not hang on what those need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from renderer.web.monitoring import healthz, readyz

PROBES: Final = {"/healthz": healthz, "/readyz": readyz}


@sync_and_async_middleware
def probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer the two paths, and nothing else."""
    if iscoroutinefunction(get_response):

        async def asynchronously(request: HttpRequest) -> HttpResponseBase:
            probe = PROBES.get(request.path_info)
            response: HttpResponseBase = await (probe or get_response)(request)
            return response

        return asynchronously

    def synchronously(request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        response: HttpResponseBase = async_to_sync(probe)(request) if probe else get_response(request)
        return response

    return synchronously
