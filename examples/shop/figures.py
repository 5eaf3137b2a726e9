"""The shop's figure functions. Django finds this file as it finds admin.py; a worker calls the functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Sum
from django.db.models.functions import ExtractMonth
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from examples.shop.models import Order, Product, Store
from renderer import figure

INK, QUIET, RULE = "#1f2328", "#667085", "#e4e7ec"
ACCENT, LAST_YEAR = "#0f766e", "#cbd5e1"
OF_CATEGORY = {"beans": "#0f766e", "equipment": "#b45309", "tea": "#65a30d", "gifts": "#be185d"}


@figure("shop.monthly_revenue", title="Monthly revenue of a store")
def monthly_revenue(fig: Figure, *, store_id: int, year: int = 2026) -> None:
    """Revenue of each month, with the year before behind it."""
    store = Store.objects.get(pk=store_id)
    now, before = _revenue_by_month(store, year), _revenue_by_month(store, year - 1)
    months = range(1, 13)

    fig.set_size_inches(8, 4.5)
    axes = _axes(fig, bottom=0.12)
    axes.bar(months, [before.get(m, 0) for m in months], width=0.82, color=LAST_YEAR, label=str(year - 1))
    axes.bar(months, [now.get(m, 0) for m in months], width=0.46, color=ACCENT, label=str(year))
    axes.set_xticks(list(months), [f"{date(year, m, 1):%b}" for m in months])
    axes.set_xlim(0.4, 12.6)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"€{value / 1000:g}k" if value else "€0"))
    axes.grid(axis="y", color=RULE, linewidth=0.8)

    same_months = sum(before.get(m, 0) for m in now)
    change = f"{sum(now.values()) / same_months - 1:+.0%} on the same months of {year - 1}" if same_months else ""
    _headline(fig, f"{store.name}: €{sum(now.values()):,.0f} in {year}".replace("+", "\N{PLUS SIGN}"), change)
    _legend(fig, [(str(year), ACCENT), (str(year - 1), LAST_YEAR)])


@figure("shop.best_sellers", title="Best sellers of a year")
def best_sellers(fig: Figure, *, year: int = 2026, top: int = 8) -> None:
    """The products that brought most, over all stores."""
    rows = list(
        Order.objects.filter(placed_at__year=year)
        .values_list("product__name", "product__category")
        .annotate(revenue=Sum("amount"))
        .order_by("-revenue")[:top]
    )
    names = [name for name, _, _ in rows]
    revenue = [float(amount) for _, _, amount in rows]
    places = range(len(rows))

    fig.set_size_inches(8, 4.5)
    axes = _axes(fig, left=0.24, bottom=0.05)
    bars = axes.barh(places, revenue, height=0.66, color=[OF_CATEGORY[category] for _, category, _ in rows])
    axes.bar_label(bars, [f"€{amount:,.0f}" for amount in revenue], padding=6, color=INK, fontsize=10)
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlim(0, max(revenue, default=1) * 1.14)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)

    _headline(fig, f"What sold best in {year}", "Revenue over all stores")
    seen = dict.fromkeys(category for _, category, _ in rows)
    _legend(fig, [(Product.Category(category).label, OF_CATEGORY[category]) for category in seen])


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


def _axes(fig: Figure, *, left: float = 0.09, bottom: float) -> Axes:
    """Axes with room for a headline above, and nothing drawn that says nothing."""
    axes = fig.add_axes((left, bottom, 0.965 - left, 0.78 - bottom))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(length=0, labelcolor=QUIET, labelsize=10.5, pad=6)
    axes.set_axisbelow(True)
    return axes


def _headline(fig: Figure, title: str, subtitle: str) -> None:
    fig.text(0.035, 0.925, title, fontsize=15, fontweight="bold", color=INK, va="center")
    fig.text(0.035, 0.858, subtitle, fontsize=10.5, color=QUIET, va="center")


def _legend(fig: Figure, entries: Iterable[tuple[str, str]]) -> None:
    """Names in their colour, at the right of the headline."""
    entries = list(entries)
    for place, (name, color) in enumerate(reversed(entries)):
        x = 0.965 - 0.11 * place
        fig.text(x, 0.858, name, fontsize=10.5, color=QUIET, va="center", ha="right")
        fig.text(x - 0.012 - 0.0105 * len(name), 0.858, "\N{BLACK SQUARE}", fontsize=11, color=color, va="center", ha="right")
