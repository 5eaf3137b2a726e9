"""The shop's one page."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from examples.shop import selling
from examples.shop.charts import draw_all
from examples.shop.models import Order, Report, Store
from examples.shop.storage import PublicPictures


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every picture of the shop: the last good one, or a placeholder that swaps itself."""
    context = {"stores": Store.objects.all(), "reports": Report.objects.all(), "orders": f"{Order.objects.count():,}"}
    return render(request, "shop/overview.html", context)


@require_POST
@login_required
def sell(request: HttpRequest) -> HttpResponse:
    """Sell something in every store, and have the pictures drawn again."""
    for store in Store.objects.all():
        selling.sell(store, 60)
    draw_all()
    return redirect("shop:overview")


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """One of the shop's pictures. Each drawing has a name of its own, so it may be kept for good."""
    content_type = {".png": "image/png", ".webp": "image/webp"}.get(PurePosixPath(path).suffix)
    if content_type is None:
        raise Http404
    try:
        with PublicPictures().open(path) as file:
            data = file.read()
    except (OSError, SuspiciousFileOperation):
        raise Http404 from None
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(data, content_type=content_type, headers=headers)
