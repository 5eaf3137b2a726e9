"""The installation's addresses, and the naive app's."""

from __future__ import annotations

from django.urls import include, path

from benchmarks import naive

urlpatterns = [
    path("naive/charts", naive.create),
    path("naive/charts/<uuid:pk>", naive.show),
    path("", include("project.urls")),
]
