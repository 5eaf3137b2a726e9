"""The shop's figure and dataset functions. Django finds this file as it finds admin.py; a worker calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.db.models.functions import ExtractMonth

from examples.shop.models import Order, Product, Store
from renderer import dataset, figure

# Every process imports this file, and only workers draw: matplotlib is imported where it is used.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACCENT, LAST_YEAR = "#0f766e", "#cbd5e1"
OF_CATEGORY = {"beans": "#0f766e", "equipment": "#b45309", "tea": "#65a30d", "gifts": "#be185d"}


@figure("shop.monthly_revenue", title="Monthly revenue of a store")
def monthly_revenue(fig: Figure, *, store_id: int, year: int = 2026) -> None:
    """Revenue of each month, with the year before behind it."""
    from matplotlib.ticker import FuncFormatter

    store = Store.objects.get(pk=store_id)
    now, before = _revenue_by_month(store, year), _revenue_by_month(store, year - 1)
    months = range(1, 13)

    ax = fig.subplots()
    ax.bar(months, [before.get(m, 0) for m in months], width=0.84, color=LAST_YEAR, label=str(year - 1))
    ax.bar(months, [now.get(m, 0) for m in months], width=0.5, color=ACCENT, label=str(year))
    ax.set_xticks(list(months), [f"{date(year, m, 1):%b}" for m in months])
    ax.set_xlim(0.4, 12.6)
    ax.tick_params(length=0)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda euros, _: f"€{euros / 1000:g}k" if euros else "€0"))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, handlelength=0.8, handleheight=0.8, borderaxespad=0.4)

    _headline(ax, f"{store.name}: €{sum(now.values()):,.0f} in {year}", _growth(now, before, year))


@figure("shop.best_sellers", title="Best sellers of a year")
def best_sellers(fig: Figure, *, year: int = 2026, top: int = 8) -> None:
    """The products that brought most, over all stores."""
    from matplotlib.patches import Patch

    rows = list(
        Order.objects.filter(placed_at__year=year)
        .values_list("product__name", "product__category")
        .annotate(revenue=Sum("amount"))
        .order_by("-revenue")[:top]
    )
    ax = fig.subplots()
    for place, (_, category, revenue) in enumerate(rows):
        bar = ax.barh(place, float(revenue), height=0.68, color=OF_CATEGORY[category])
        ax.bar_label(bar, [f"€{revenue:,.0f}"], padding=5)
    ax.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.grid(visible=False)
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)
    sold = dict.fromkeys(category for _, category, _ in rows)
    squares = [Patch(color=OF_CATEGORY[category], label=Product.Category(category).label) for category in sold]
    ax.legend(handles=squares, loc="lower right", handlelength=0.8, handleheight=0.8)

    _headline(ax, f"What sold best in {year}", "Revenue over all stores")


@dataset("shop.orders", title="Orders of all stores, or of one")
def orders(*, year: int = 2026, store_id: int | None = None) -> Iterable[Mapping[str, object]]:
    """One row for each order: when, in which store, of what category, for how many euros."""
    chosen = Order.objects.filter(placed_at__year=year)
    if store_id is not None:
        chosen = chosen.filter(store=store_id)
    return chosen.values("placed_at", "store__name", "product__category", "amount").iterator()


def _revenue_by_month(store: Store, year: int) -> dict[int, float]:
    """Euros for each month in which something was sold."""
    months = (
        Order.objects.filter(store=store, placed_at__year=year)
        .annotate(month=ExtractMonth("placed_at"))
        .values_list("month")
        .annotate(revenue=Sum("amount"))
        .order_by("month")
    )
    return {month: float(revenue) for month, revenue in months}


def _growth(now: dict[int, float], before: dict[int, float], year: int) -> str:
    """How this year compares, in words; empty where there is nothing to compare with."""
    same_months = sum(before.get(month, 0) for month in now)
    if not same_months:
        return "Revenue by month"
    change = sum(now.values()) / same_months - 1
    return f"{abs(change):.0%} {'more' if change >= 0 else 'less'} than in the same months of {year - 1}"


def _headline(ax: Axes, title: str, subtitle: str) -> None:
    """What the picture says, and below it what is measured."""
    ax.set_title(title, fontsize=13, pad=26)
    ax.annotate(subtitle, (0, 1), xytext=(0, 10), xycoords="axes fraction", textcoords="offset points", color="#667085")
