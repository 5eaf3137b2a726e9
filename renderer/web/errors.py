"""Pages for what is not there and for what went wrong. An installation names them as its handlers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from renderer.api.requests import request_id


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for what is missing and for what belongs to somebody else."""
    return render(request, "renderer/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Needs neither the database nor the session: they may be what is broken."""
    return render(None, "renderer/500.html", {"request_id": request_id(request)}, status=500)


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose CSRF token does not fit, mostly because its page was open for very long."""
    return render(request, "renderer/403.html", status=403)
