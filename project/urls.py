"""Where everything is: pages at the root, the API under /api/v1/, the admin under /admin/."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("renderer.api.urls")),
]
if settings.EXAMPLES:
    urlpatterns.append(path("shop/", include("examples.shop.urls")))
