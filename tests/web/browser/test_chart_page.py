"""A chart's page in a real browser: its versions under a slider, back to one of them, and its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from tests.web.browser.visitor import DESK, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redrawn(drawn: Chart, spec: dict[str, Any], draw: Callable[[], RenderJob]) -> Chart:
    """Ada's chart with two versions, the newer of them in two themes."""
    rows = {"day": [1, 2, 3], "sold": [9, 1, 5], "note": ["=1+1", "a longer note " * 8, None]}
    changed = Recipe.from_spec({**spec, "data": {"columns": rows}})
    charts.change(drawn, recipe=changed.with_files(formats=["png", "svg"], themes=["light", "dark"]))
    charts.render(drawn, trigger=Trigger.WEB)
    assert draw().status == Status.SUCCEEDED
    drawn.refresh_from_db()
    return drawn


def test_before_and_after_by_keyboard_and_back_by_a_click(visitor: Visitor, ada: User, redrawn: Chart) -> None:
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[redrawn.pk]))
    newer = page.locator("#picture img").get_attribute("src")
    page.locator(".versions li:not(.is-shown) a").click()

    slider = page.get_by_role("slider", name="Before, from the left edge")
    expect(slider).to_be_focused()
    before = page.get_by_role("img", name=re.compile("^Before:"))
    after = page.get_by_role("img", name=re.compile("^After:"))
    assert before.bounding_box() == after.bounding_box(), "of one frame"
    for key, says, clip in (
        ("ArrowRight", "51 % before, 49 % after", "inset(0px 49% 0px 0px)"),
        ("Home", "0 % before, 100 % after", "inset(0px 100% 0px 0px)"),
        ("End", "100 % before, 0 % after", "inset(0px 0% 0px 0px)"),
    ):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", says)
        expect(before).to_have_css("clip-path", re.compile(clip.replace("(", r"\(").replace(")", r"\)") + "|inset"))
    box = after.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 40)
    expect(slider).to_have_value("25")
    expect(page.get_by_text("another than the one that the chart has now")).to_be_visible()

    page.get_by_role("button", name="Show this one again").click()
    expect(page.get_by_text(re.compile("is shown again. The recipe is as it was"))).to_be_visible()
    assert page.locator("#picture img").get_attribute("src") != newer

    page.locator(".versions .is-shown a").click()
    expect(page.get_by_role("heading", name="The picture that is shown")).to_be_focused()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#compare")).to_be_empty()
    expect(page.locator(".versions .is-shown a")).to_be_focused()


def test_the_rows_come_when_they_are_asked_for(visitor: Visitor, ada: User, redrawn: Chart) -> None:
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[redrawn.pk]))
    page.get_by_text("Show the rows").click()
    expect(page.get_by_role("cell", name="=1+1")).to_be_visible()
    expect(page.get_by_role("columnheader", name="sold")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download Rows in the spec as CSV").click()
    assert downloading.value.suggested_filename == "Fruit & -nuts-.csv"
    assert "'=1+1" in Path(downloading.value.path()).read_text()


def test_versions_and_rows_without_scripts(
    chromium: Browser, live_server: LiveServer, ada: User, redrawn: Chart
) -> None:
    visitor = Visitor(chromium, live_server.url, java_script_enabled=False, **DESK)
    visitor.sign_in(ada)
    page = visitor.open(reverse("chart", args=[redrawn.pk]))
    page.get_by_text("Show the rows").click()
    page.get_by_role("link", name="The rows, on a page of their own").click()
    expect(page.get_by_role("cell", name="=1+1")).to_be_visible()
    page.go_back()
    page.locator(".versions li:not(.is-shown) a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Versions")
    before, after = (page.get_by_role("img", name=re.compile(name)).bounding_box() for name in ("^Before", "^After"))
    assert before
    assert after
    assert before["x"] + before["width"] < after["x"], "side by side"
    page.get_by_role("button", name="Show this one again").click()
    expect(page.get_by_text(re.compile("is shown again"))).to_be_visible()
    visitor.context.close()


def test_it_fits_and_can_be_read(
    visitor: Visitor,
    ada: User,
    redrawn: Chart,
) -> None:
    visitor.sign_in(ada)
    names = ("chart-versions", "chart-data", "chart")
    look(visitor, [reverse(name, args=[redrawn.pk]) for name in names] + ["/charts/new/figures/tests.revenue/"])
    page = visitor.open(reverse("chart", args=[redrawn.pk]))
    page.locator(".versions li:not(.is-shown) a").click()
    expect(page.get_by_role("slider")).to_be_visible()
    page.get_by_text("Show the rows").click()
    expect(page.get_by_role("cell", name="=1+1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
