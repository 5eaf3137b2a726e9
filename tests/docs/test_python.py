"""The Python of pages that need no server is run: block after block, with what a reader has by then."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps
from matplotlib.figure import Figure

import renderer
from examples.shop.models import Order, Report, Store
from renderer import FigureField, figure, registry
from renderer.jobs import executor
from renderer.models import RenderJob
from tests.docs.blocks import blocks

ROWS = [{"quarter": "2026-Q1", "revenue": 20, "region": "EU"}, {"quarter": "2026-Q2", "revenue": 30, "region": "EU"}]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages register the names that the example shop has."""
    monkeypatch.setattr(registry, "_figures", {})
    monkeypatch.setattr(registry, "_datasets", {})


@pytest.fixture
def drawn() -> Callable[[], RenderJob]:
    """Draw the one job that waits."""

    def draw() -> RenderJob:
        job = RenderJob.objects.get(status="queued")
        executor.execute(job.pk, worker="w@host#1", task_id="task")
        job.refresh_from_db()
        return job

    return draw


def run(page: str, names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Run the blocks of a page, statement by statement; the names are yielded after each."""
    names["__name__"] = "examples.shop.page"  # where a model would be
    for block in blocks(page, "python"):
        for statement in ast.parse(block.code).body:
            exec(compile(ast.Module([statement], []), str(block), "exec"), names)
            yield names


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
@isolate_apps("examples.shop")
def test_the_model_of_the_first_page_draws_itself(page: str, drawn: Callable[[], RenderJob]) -> None:
    pk = Store.objects.create(name="Corner", city="Lisbon").pk
    given = {"models": models, "FigureField": FigureField, "figure": figure, "Figure": Figure}
    for names in run(page, given | {"revenue_by_month": lambda store_id, year: (["1", "2"], [store_id, year])}):
        if "Store" in names and "store" not in names:
            names["store"] = names["Store"].objects.get(pk=pk)
    assert drawn().status == "succeeded"
    store = Store.objects.get(pk=pk)
    assert store.revenue_chart.width == 1600
    assert str(store.revenue_chart).startswith("stores/")


def test_charts_in_python(drawn: Callable[[], RenderJob]) -> None:
    report = Report.objects.create(title="The year", year=2026)
    sales = SimpleNamespace(objects=SimpleNamespace(filter=lambda store: SimpleNamespace(values=lambda: ROWS)))
    names = {"renderer": renderer, "figure": figure, "rows": ROWS, "report": report, "Sale": sales}
    for _ in run("docs/charts.md", names):
        pass
    assert drawn().status == "succeeded"
    report.refresh_from_db()
    assert report.image.width == 1600
    returned: Any = registry.get("shop.revenue_by_quarter").call(Figure(), {"store_id": 1})
    returned.check()


def test_a_dataset_function() -> None:
    store = Store.objects.create(name="Corner", city="Lisbon")
    for _ in run("docs/sources.md", {"Order": Order}):
        pass
    assert list(registry.get_dataset("shop.orders").call(None, {"store_id": store.pk})) == []  # type: ignore[call-overload]  # rows
