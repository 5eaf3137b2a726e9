"""The example charts that read datasets, from the uploads of their tables to their pictures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import User

from examples.datasets import tables
from renderer.jobs import charts, datasets
from renderer.jobs.executor import execute
from renderer.models import Chart, Dataset
from renderer.models.job import Trigger
from renderer.recipe import Recipe

LIVES = {
    "title": "Life expectancy keeps rising",
    "data": {"dataset": "life_expectancy"},
    "transform": [{"filter": "country in ['France','Japan','Brazil'] and year >= '1960-01-01'"}],
    "layers": [{"kind": "line", "x": "year", "y": "mean(years)", "color": {"field": "country", "legend": "direct"}}],
    "annotations": [
        {"kind": "rule", "y": 75, "text": "UN target"},
        {"kind": "band", "x": "2020-01-01", "x2": "2021-12-31", "text": "COVID-19"},
    ],
    "axes": {"y": {"zero": False}},
}
ORDERS = {
    "title": "Orders and conversion",
    "data": {"dataset": "shop", "query": "select day, orders, sessions from events"},
    "transform": [{"derive": {"rate": "orders / sessions"}}],
    "layers": [
        {"kind": "bar", "x": "week(day)", "y": "sum(orders)"},
        {"kind": "line", "x": "week(day)", "y": "mean(rate)", "y_axis": "right", "markers": True},
    ],
    "axes": {"right": {"format": "percent", "title": "Conversion"}},
}
PENGUINS = {
    "kind": "histogram",
    "title": "Body mass by species",
    "data": {"dataset": "penguins"},
    "x": "body_mass_g",
    "color": "sex",
    "bins": 24,
    "stat": "density",
    "density": True,
    "facet": {"field": "species", "wrap": 3, "share": "all"},
}
TODAY = {
    "title": "Today",
    "arrange": "columns",
    "data": {"dataset": "kpis"},
    "image": {"width": 900, "height": 220},
    "panels": [
        {"layers": [{"kind": "kpi", "title": "MRR", "value": "last(mrr)", "compare": "first(mrr)", "trend": "mrr",
                     "format": "currency:USD compact"}]},
        {"layers": [{"kind": "gauge", "title": "CPU", "value": "last(cpu)", "max": 100, "bands": [70, 90]}]},
    ],
}  # fmt: skip
ACME = {
    "title": "ACME",
    "data": {"dataset": "acme_ohlc"},
    "transform": [{"window": {"ma20": "mean(close)"}, "order": ["day"], "frame": [-19, 0]}],
    "share_x": True,
    "panels": [
        {"weight": 3, "axes": {"y": {"scale": "log"}}, "layers": [
            {"kind": "candlestick", "x": "day", "open": "open", "high": "high", "low": "low", "close": "close"},
            {"kind": "line", "x": "day", "y": "ma20", "name": "20-day mean", "style": {"dash": "dashed"}}]},
        {"weight": 1, "axes": {"y": {"format": "compact"}}, "layers": [{"kind": "bar", "x": "day", "y": "volume"}]},
    ],
}  # fmt: skip


@pytest.mark.django_db
def test_the_charts_of_the_language_that_read_datasets() -> None:
    ada = User.objects.create_user("ada")
    for name, text in tables().items():
        sent = text.encode()
        version = datasets.upload(ada, name, io.BytesIO(sent), size=len(sent), format="csv")
        assert datasets.execute(version.pk)
    assert not Dataset.objects.filter(current=None).exists()
    specs: list[dict[str, Any]] = [LIVES, ORDERS, PENGUINS, TODAY, ACME]

    for spec in specs:
        chart, _ = charts.create(ada, Recipe.from_spec(spec, owner=ada))
        job = charts.render(chart, trigger=Trigger.CODE).job
        assert execute(job.pk, worker="w@host#1", task_id="task-1")
        job.refresh_from_db()
        chart.refresh_from_db()
        assert job.status == "succeeded", (spec["title"], job.message)
        assert chart.alt
    assert sorted(Chart.objects.get(title="Orders and conversion").datasets.values_list("name", flat=True)) == [
        "events",
        "shop",
    ]
