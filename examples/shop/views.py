"""The shop's one page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve

from examples.shop import selling
from examples.shop.charts import draw_all
from examples.shop.models import Order, Report, Store
from examples.shop.storage import PublicPictures


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every picture of the shop: the last good one, or a placeholder that swaps itself."""
    context = {"stores": Store.objects.all(), "reports": Report.objects.all(), "orders": Order.objects.count()}
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
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """One of the shop's pictures. Each drawing has a name of its own, so it may be kept for good."""
    response = serve(request, path, document_root=str(PublicPictures().location))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
