"""Jobs in a real browser: sift, tick, cancel and retry by the many; one job's life; the pictures of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from renderer.jobs import charts, overviews
from renderer.models import RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from tests.web.browser.visitor import Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sift_tick_cancel_and_retry(
    visitor: Visitor, ada: User, spec: dict[str, Any], draw: Callable[[], RenderJob]
) -> None:
    made = [charts.create(ada, Recipe.from_spec(spec), name=f"Chart {n}")[0] for n in range(3)]
    for chart in made:
        charts.render(chart, trigger=Trigger.API)
    visitor.sign_in(ada)
    page = visitor.open("/jobs/")
    expect(page.locator("#filter-queued .count")).to_have_text("3")
    page.get_by_role("checkbox", name="Tick Chart 0").check()
    page.get_by_role("checkbox", name="Tick Chart 1").check()
    expect(page.locator("#bulk-count")).to_have_text("2 ticked")

    draw()  # the list comes anew, and what was ticked is ticked
    expect(page.locator("#filter-succeeded .count")).to_have_text("1")
    expect(page.get_by_role("checkbox", name="Tick Chart 1")).to_be_checked()
    expect(page.locator("#bulk-count")).to_have_text("2 ticked")
    page.get_by_role("checkbox", name="Tick Chart 2").check()

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel 2 jobs?")
    page.get_by_role("button", name="Cancel 2 jobs").click()
    expect(page.locator(".message")).to_contain_text("2 jobs cancelled")

    page.get_by_label("Why it was asked").select_option("api")
    page.get_by_role("button", name="Show").click()
    page.locator("#filter-cancelled").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert page.url.endswith("?status=cancelled&trigger=api")
    page.get_by_label("All 2 that match").check()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Draw 2 once more").click()
    expect(page.locator(".message")).to_contain_text("2 jobs are waiting to be drawn")
    assert RenderJob.objects.filter(status=Status.QUEUED, trigger=Trigger.RETRY).count() == 2

    page.get_by_role("link", name="Chart 1").first.click()
    page.get_by_role("link", name="All its jobs").click()
    expect(page.get_by_text("Only jobs of the chart “Chart 1”.")).to_be_visible()


def test_the_day_appears_in_the_open_page(
    visitor: Visitor, ada: User, spec: dict[str, Any], draw: Callable[[], RenderJob]
) -> None:
    charts.render(charts.create(ada, Recipe.from_spec(spec))[0], trigger=Trigger.WEB)
    draw()
    visitor.sign_in(ada)
    page = visitor.open("/jobs/")
    expect(page.get_by_text("Not drawn yet.")).to_have_count(2)
    page.evaluate("window.shifted = 0")
    assert overviews.draw_due(timezone.now() + timedelta(seconds=1)) == 2
    draw()
    draw()
    expect(page.locator(".overview img")).to_have_count(2)
    width = page.locator(".overview img").first.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width == 2 * overviews.WIDTH
    assert page.evaluate("window.shifted") < 0.05, "the picture takes the room that was kept for it"


def test_the_pages_are_sound(
    visitor: Visitor,
    ada: User,
    spec: dict[str, Any],
    draw: Callable[[], RenderJob],
) -> None:
    for n, recipe in enumerate([Recipe.from_spec(spec), Recipe.from_figure("tests.broken")] * 2):
        charts.render(charts.create(ada, recipe, name=f"{n} with a long name " * 4)[0], trigger=Trigger.API)
        draw()
    overviews.look(ada, timezone.now())
    overviews.draw_due(timezone.now() + timedelta(seconds=1))
    draw()
    draw()
    charts.render(charts.create(ada, Recipe.from_spec(spec), name="Waits")[0], trigger=Trigger.WEB)
    visitor.sign_in(ada)
    jobs = [reverse("job", args=[job.pk]) for job in RenderJob.objects.filter(owner=ada)[:3]]
    look(visitor, ["/jobs/", "/jobs/?status=failed&trigger=api&since=24h", "/jobs/?reason=timeout", *jobs])
