"""Asking for the shop's pictures."""

from __future__ import annotations

from typing import Any

import renderer
from examples.shop.models import Report, Store
from renderer.models import RenderJob

WEEKLY_REVENUE: dict[str, Any] = {
    "kind": "area",
    "title": "What the shop sells, week by week",
    "subtitle": "Revenue of all stores in 2026, in euros",
    "data": {"dataset": "shop.orders", "params": {"year": 2026}},
    "x": {"field": "placed_at", "unit": "week", "title": ""},
    "y": {"field": "amount", "agg": "sum", "title": "", "format": "currency:EUR"},
    "color": {"field": "product__category", "title": ""},
}
"""A chart spec over a dataset function: what is drawn stands here, what the rows are in figures.py."""


def draw_all() -> list[RenderJob]:
    """Ask for every picture of the shop; workers draw them."""
    return [
        *(store.revenue_chart.render() for store in Store.objects.all()),
        *(draw_report(report) for report in Report.objects.all()),
    ]


def draw_report(report: Report) -> RenderJob:
    """Ask for a report's picture: any ImageField of any model can be drawn onto."""
    return renderer.enqueue("shop.best_sellers", {"year": report.year}, into=(report, "image"))
