"""Orders that look like a shop's: made by a seeded generator, so that everybody sees the same shop."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from examples.shop.models import Order, Product, Report, Store

FIRST_DAY, LAST_DAY = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)
STORES = {  # name: city, orders on an ordinary day, growth in a year
    "Alfama Roasters": ("Lisbon", 4.2, 0.18),
    "Kanal Kaffee": ("Berlin", 6.5, 0.06),
    "Nordlys Kaffe": ("Oslo", 3.1, 0.31),
}
PRODUCTS = (  # name, category, price, how often it is chosen
    ("Ethiopia Sidamo 1 kg", "beans", "34.00", 10),
    ("House Espresso 1 kg", "beans", "27.50", 16),
    ("Colombia Huila 250 g", "beans", "11.90", 12),
    ("Decaf Peru 250 g", "beans", "12.50", 5),
    ("Hand grinder", "equipment", "79.00", 3),
    ("Pour-over kettle", "equipment", "64.00", 3),
    ("Filter papers", "equipment", "6.50", 9),
    ("Sencha 100 g", "tea", "9.80", 5),
    ("Earl Grey 100 g", "tea", "8.40", 6),
    ("Tasting box", "gifts", "42.00", 3),
    ("Enamel mug", "gifts", "14.00", 6),
)
WEEKDAY = (0.85, 0.8, 0.9, 1.0, 1.25, 1.55, 0.65)  # Monday first


@transaction.atomic
def seed() -> None:
    """The whole shop from its first to its last day. Does nothing where there is a shop already."""
    if Store.objects.exists():
        return
    products = Product.objects.bulk_create(
        Product(name=name, category=category, price=Decimal(price)) for name, category, price, _ in PRODUCTS
    )
    chance = random.Random(2026)
    orders: list[Order] = []
    for name, (city, usual, growth) in STORES.items():
        store = Store.objects.create(name=name, city=city)
        for number in range((LAST_DAY - FIRST_DAY).days + 1):
            day = FIRST_DAY + timedelta(days=number)
            mean = usual * WEEKDAY[day.weekday()] * _season(day) * (1 + growth) ** (number / 365)
            orders += [_order(chance, store, products, day) for _ in range(_poisson(chance, mean))]
    Order.objects.bulk_create(orders, batch_size=2_000)
    Report.objects.create(title="The year so far", year=LAST_DAY.year)


def sell(store: Store, count: int, *, chance: random.Random | None = None) -> None:
    """Some more orders, in the month after the last one of this store's year."""
    chance = chance or random.Random()
    products = list(Product.objects.order_by("pk"))
    days = [LAST_DAY + timedelta(days=chance.randint(1, 31)) for _ in range(count)]
    Order.objects.bulk_create(_order(chance, store, products, day) for day in days)


def _order(chance: random.Random, store: Store, products: list[Product], day: datetime) -> Order:
    product = chance.choices(products, [weight for *_, weight in PRODUCTS])[0]
    quantity = chance.choices((1, 2, 3, 4), (70, 20, 7, 3))[0]
    at = day + timedelta(minutes=chance.triangular(8 * 60, 19 * 60, 10.5 * 60))
    return Order(store=store, product=product, quantity=quantity, amount=product.price * quantity, placed_at=at)


def _season(day: datetime) -> float:
    """Quiet in high summer, busy before Christmas."""
    turn = 2 * math.pi * (day.timetuple().tm_yday - 15) / 365
    christmas = 0.7 * math.exp(-(((day.timetuple().tm_yday - 347) / 14) ** 2))
    return 1 + 0.16 * math.cos(turn) + christmas


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way (The Art of Computer Programming, volume 2, 3.4.1): fine for small means."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
