"""URLs of the API: ``path("api/", include("renderer.api.urls"))``. Beside v1 there is nothing, said as a problem."""

from __future__ import annotations

from django.urls import path, re_path

from renderer.api.boundary import bounded, missing
from renderer.api.v1 import api

urlpatterns = [
    path("v1/", api.urls),
    re_path(r"", bounded(missing)),
]
