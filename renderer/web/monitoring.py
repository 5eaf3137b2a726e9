"""Monitoring: what probes and Prometheus ask. None of it tells strangers more than that something is missing."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from renderer import metrics, readiness
from renderer.api.auth import bearer

NEVER_KEPT: Final = {"Cache-Control": "no-store"}
_FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


async def healthz(request: HttpRequest) -> HttpResponse:
    """This process is alive. Nothing else is looked at: a database that is away is no reason to restart it."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8", headers=NEVER_KEPT)


async def readyz(request: HttpRequest) -> HttpResponse:
    """This process can do its work: 200, or 503 with what is missing. Answers in about a second, whatever hangs."""
    missing = await sync_to_async(readiness.examine, thread_sensitive=False)()
    parts = {name: missing.get(name, "ready") for name in readiness.PARTS}
    content = json.dumps({"ready": not missing, "missing": list(missing), "parts": parts})
    return HttpResponse(content, status=503 if missing else 200, content_type="application/json", headers=NEVER_KEPT)


@csrf_exempt
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Metrics, for staff, for who has the token, and, where that is allowed, for this machine itself."""
    if not _may_see(request):
        raise PermissionDenied
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST, headers=NEVER_KEPT)


def _may_see(request: HttpRequest) -> bool:
    token, sent = str(getattr(settings, "FIGPRESS_METRICS_TOKEN", "")), bearer(request)
    if sent is not None:
        return bool(token) and constant_time_compare(sent, token)
    if getattr(settings, "FIGPRESS_METRICS_LOOPBACK", False) and _is_loopback(request):
        return True
    return bool(getattr(request.user, "is_staff", False) and request.user.is_active)


def _is_loopback(request: HttpRequest) -> bool:
    """Whether it comes from this machine, and not through a proxy on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket has no address: that is the proxy's
        return False
