"""``manage.py seed_shop``: fill the example shop, and ask for its charts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from examples.shop import selling
from examples.shop.charts import draw_all
from examples.shop.models import Order, Store


class Command(BaseCommand):
    """Fill the example shop with the same orders everywhere, and ask for its charts."""

    help = "Fill the example shop with stores, products and orders (always the same ones), and ask for its charts."

    def add_arguments(self, parser: CommandParser) -> None:
        """--sell adds to what is there."""
        parser.add_argument("--sell", type=int, default=0, metavar="N", help="N more orders in each store")

    def handle(self, *, sell: int, **options: Any) -> None:
        """Seed, sell, draw."""
        selling.seed()
        if sell:
            for store in Store.objects.all():
                selling.sell(store, sell)
        jobs = draw_all()
        self.stdout.write(
            f"{Store.objects.count()} stores, {Order.objects.count():,} orders, {len(jobs)} charts asked for."
        )
