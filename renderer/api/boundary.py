"""The boundary: what holds for each request to the API, whatever it is for.

Around every view, and not in a middleware, so that it holds in any project that includes these URLs. Gives the request
its id, refuses bodies by their headers, lets HEAD be answered by GET, and turns whatever goes wrong into a problem.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views import defaults

from renderer import rates
from renderer.api import bodies, cors
from renderer.api.answers import answer
from renderer.api.compression import compress
from renderer.api.once import REPLAYED
from renderer.api.problems import ApiProblem
from renderer.api.requests import COUNTS, OBSERVED, is_head, log_answer, request_id

View = Callable[..., Any]


def bounded(view: View) -> View:
    """The view inside the boundary."""
    wrapped: View = _asynchronous(view) if iscoroutinefunction(view) else _synchronous(view)
    # Sessions are checked for their CSRF token in auth.py, tokens need none; the middleware would answer in HTML.
    wrapped.csrf_exempt = True  # type: ignore[attr-defined]  # the attribute by which Django knows it
    return wrapped


def _synchronous(view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
        started = time.monotonic()
        try:
            _enter(request)
            response = cors.preflight(request) or cast(HttpResponseBase, view(request, *args, **parts))
        except Exception as error:  # noqa: BLE001 - the last net: nothing but problems leaves the API
            response = answer(request, error)
        return _leave(request, response, started)

    return wrapped


def _asynchronous(view: Callable[..., Awaitable[HttpResponseBase]]) -> Callable[..., Awaitable[HttpResponseBase]]:
    @wraps(view)
    async def wrapped(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
        started = time.monotonic()
        try:
            _enter(request)
            response = cors.preflight(request) or await view(request, *args, **parts)
        except Exception as error:  # noqa: BLE001 - the last net: nothing but problems leaves the API
            response = answer(request, error)
        return _leave(request, response, started)

    return wrapped


def missing(request: HttpRequest, **parts: object) -> HttpResponse:
    """The view of every path that is none."""
    raise ApiProblem("not_found", "There is nothing at this path.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's ``handler400``: Django's own page, and a problem for paths of the API."""
    if "/api/" not in request.path_info:
        return defaults.bad_request(request, exception)
    response = answer(request, ApiProblem("bad_request"))
    response["X-Request-ID"] = request_id(request)
    return response


def _enter(request: HttpRequest) -> None:
    request_id(request)
    bodies.refuse(request)
    if request.method == "HEAD":
        request.method = "GET"


def _leave(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response["Allow"]
        if "GET" in allowed:
            allowed += ", HEAD"
        response = answer(request, ApiProblem("method_not_allowed", headers={"Allow": allowed}))
    if is_head(request):
        request.method = "HEAD"
    response["X-Request-ID"] = request_id(request)
    cors.mark(request, response)
    for name, value in rates.headers(request.META.get(COUNTS, ())).items():
        response[name] = value
    if REPLAYED in request.META:
        response[REPLAYED] = "true"
    response.setdefault("Cache-Control", "no-store")
    if not response["Cache-Control"].startswith("public"):  # a signed address is the same for everybody
        patch_vary_headers(response, ("Authorization", "Cookie"))
    compress(request, response)
    if OBSERVED not in request.META:  # a project without our middleware
        log_answer(request, response.status_code, time.monotonic() - started)
    return response
