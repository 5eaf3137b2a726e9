"""The shop's addresses."""

from __future__ import annotations

from django.urls import path

from examples.shop import views

app_name = "shop"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sell/", views.sell, name="sell"),
]
