"""The example app."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Stores, products, orders, and the pictures drawn from them."""

    name = "examples.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
