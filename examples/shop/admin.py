"""The shop in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from examples.shop.models import Order, Product, Report, Store

admin.site.register([Product, Report, Store])


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no types at run time
    """What was bought."""

    list_display = ("placed_at", "store", "product", "quantity", "amount")
    list_filter = ("store", "product__category")
    list_select_related = ("store", "product")
    date_hierarchy = "placed_at"
