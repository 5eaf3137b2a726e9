"""Middleware: a request's id, one line in the log, and its share in the metrics. The first of a project's middleware,
so that it sees what the others answer. ::

    MIDDLEWARE = ["renderer.middleware.observe", ...]
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from renderer import audit, logs, metrics, tracing
from renderer.api.requests import OBSERVED, log_answer, request_id


@sync_and_async_middleware
def observe(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Bind the request's id for whatever is logged or enqueued while it is answered, and say how it was answered."""
    if iscoroutinefunction(get_response):
        ask: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response

        async def asynchronously(request: HttpRequest) -> HttpResponseBase:
            started = time.monotonic()
            request.META[OBSERVED] = True
            with _traced(request), _known(request), audit.answering(request):
                return _observed(request, await ask(request), started)

        return asynchronously

    def synchronously(request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        request.META[OBSERVED] = True
        with _traced(request), _known(request), audit.answering(request):
            return _observed(request, get_response(request), started)

    return synchronously


def _observed(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    seconds = time.monotonic() - started
    response.setdefault("X-Request-ID", request_id(request))
    match = request.resolver_match
    metrics.count_request(request.META["REQUEST_METHOD"], match.route if match else "", response.status_code, seconds)
    log_answer(request, response.status_code, seconds)
    route = match.route if match else "none"
    tracing.note(
        {"http.route": route, "http.response.status_code": response.status_code},
        name=f"{request.META['REQUEST_METHOD']} {route}",
        failed=response.status_code >= 500,
    )
    return response


def _traced(request: HttpRequest) -> AbstractContextManager[None]:
    """A trace of ours, even where whoever asks has one: anybody may. His is linked."""
    about = {"http.request.method": request.META["REQUEST_METHOD"], "figpress.request_id": request_id(request)}
    return tracing.span("request", about, kind="server", linked=request.headers.get(tracing.HEADER, ""), begins=True)


def _known(request: HttpRequest) -> AbstractContextManager[None]:
    """The ids that each line of the log has."""
    return logs.context(request_id=request_id(request), trace_id=tracing.trace_id())
