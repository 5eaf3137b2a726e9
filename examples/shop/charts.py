"""Asking for the shop's pictures."""

from __future__ import annotations

import renderer
from examples.shop.models import Report, Store
from renderer.models import RenderJob


def draw_all() -> list[RenderJob]:
    """Ask for every picture of the shop; workers draw them."""
    return [
        *(store.revenue_chart.render() for store in Store.objects.all()),
        *(draw_report(report) for report in Report.objects.all()),
    ]


def draw_report(report: Report) -> RenderJob:
    """Ask for a report's picture: any ImageField of any model can be drawn onto."""
    return renderer.enqueue("shop.best_sellers", {"year": report.year}, into=(report, "image"))
