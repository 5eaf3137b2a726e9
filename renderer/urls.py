"""Everything in one line, for a project that is not this one: ``path("figpress/", include("renderer.urls"))``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/", include("renderer.api.urls")),
    path("", include("renderer.web.urls")),
]
