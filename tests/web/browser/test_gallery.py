"""The gallery in a real browser: found while one types, selected, drawn, packed and deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from tests.web.browser.visitor import DESK, Visitor, look, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def some(ada: User, spec: dict[str, Any], draw: Callable[[], RenderJob]) -> list[Chart]:
    """Four charts, two of them drawn."""
    made = []
    for number, name in enumerate(("Apples by month", "Pears by week", "Plums", "Quinces")):
        recipe = Recipe.from_spec({**spec, "kind": ("line", "bar")[number % 2], "title": name})
        made.append(charts.create(ada, recipe, name=name, tags=("garden", "weekly") if number < 2 else ())[0])
    for chart in made[:2]:
        charts.render(chart, trigger=Trigger.WEB)
        draw()
    return made


def test_found_while_one_types(visitor: Visitor, ada: User, some: list[Chart]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    cards = page.locator(".chart-name")
    expect(cards).to_have_count(4)
    page.evaluate("window.neverReloaded = true")
    search = page.get_by_label("Search by name or title")
    search.press_sequentially("pl", delay=20)
    expect(cards).to_have_text(["Apples by month", "Plums"][::-1])
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"/\?q=pl$"))
    page.get_by_label("Kind").select_option("Bar")
    expect(page.get_by_role("heading", name="No chart fits.")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_role("link", name="Show all charts").click()
    page.get_by_label("State").select_option("Ready")
    page.get_by_label("Order").select_option("Name")
    expect(cards).to_have_text(["Apples by month", "Pears by week"])
    page.reload()
    expect(cards).to_have_text(["Apples by month", "Pears by week"])
    page.get_by_role("link", name="weekly").first.click()
    expect(page.locator("select[name=tag]")).to_have_value("weekly")
    visitor.context.clear_cookies()
    page.get_by_label("State").select_option("Any")
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_several_at_once(visitor: Visitor, ada: User, some: list[Chart], draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/?sort=name")
    expect(page.get_by_role("button", name="Render again")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator("#several-count")).to_have_text("4 selected")
    assert violations(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download ZIP").click()
    assert re.fullmatch(r"charts-[\d-]+\.zip", downloading.value.suggested_filename)
    page.get_by_label("Select Apples").uncheck()
    page.get_by_label("Select Pears").uncheck()
    page.get_by_role("button", name="Render again").click()
    expect(page.get_by_text("2 charts will be drawn again.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"sort=name"))

    page.get_by_label("Select Plums").check()
    draw()
    draw()
    expect(page.get_by_role("link", name="Plums").locator(".state")).to_have_text("Ready")
    expect(page.get_by_label("Select Plums")).to_be_checked()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete the selected chart?")).to_be_visible()
    page.get_by_role("button", name="Keep them").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Deleted 1 chart.")).to_be_visible()
    assert sorted(Chart.objects.values_list("name", flat=True)) == ["Apples by month", "Pears by week", "Quinces"]


def test_without_scripts(chromium: Browser, live_server: LiveServer, ada: User, some: list[Chart]) -> None:
    visitor = Visitor(chromium, live_server.url, java_script_enabled=False, **DESK)
    visitor.sign_in(ada)
    page = visitor.open("/")
    page.get_by_label("Search by name or title").fill("quin")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".chart-name")).to_have_text(["Quinces"])
    page.get_by_label("Select Quinces").check()
    page.get_by_role("button", name="Render again").click()
    expect(page.get_by_text("1 chart will be drawn again.")).to_be_visible()
    visitor.context.close()


def test_it_looks_right(
    visitor: Visitor,
    ada: User,
    some: list[Chart],
) -> None:
    visitor.sign_in(ada)
    look(visitor, ["/", "/?q=nothing", "/?tag=garden&sort=name"])
