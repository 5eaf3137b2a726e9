"""The editor in a real browser: completion, marks, the preview through the queue, and the form beside the text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from renderer.models import Chart, RenderJob
from renderer.models.job import Status
from tests.web.browser.visitor import DESK, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def text_of(page: Page) -> str:
    """What is sent when the form is."""
    return page.locator("textarea[name=spec]").input_value()


def put(page: Page, text: str) -> None:
    """Write the text anew, by the keyboard."""
    content = page.get_by_label("Spec", exact=True).and_(page.locator(".cm-content"))
    content.press("Control+a")
    page.keyboard.insert_text(text)


def test_completion_knows_the_language_and_the_data(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/?start=line")
    expect(page.get_by_label("Kind")).to_have_value("line")
    put(page, '{"kind": "line", "data": {"columns": {"month": ["2025-01", "2025-02"], "sales": [1, 2]}}, "x": "month"}')
    expect(page.locator("#columns option")).to_have_count(2)
    page.keyboard.press("ArrowLeft")
    page.keyboard.type(', "interp')
    options = page.locator(".cm-tooltip-autocomplete li")
    expect(options.first).to_contain_text("interpolate")
    options.first.click()
    expect(options.filter(has_text="step")).not_to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.type('"linear", "t')
    expect(options.filter(has_text=re.compile("^title$"))).to_have_count(1)
    expect(options.filter(has_text="horizontal")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.type('itle": "", "y": "sa')
    page.keyboard.press("Control+Space")
    expect(options.filter(has_text="column")).to_have_text(re.compile("sales"))
    expect(page.locator("#preview")).not_to_be_empty()


def test_what_is_wrong_is_marked_where_it_stands(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/?start=line")
    put(page, text_of(page).replace('"color"', '"hue"'))
    expect(page.locator(".cm-lintRange-error")).to_have_text('"hue": "site"')
    expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    expect(page.locator(".editor-problems")).to_contain_text("did you mean 'color'?")
    expect(page.locator("#preview")).to_contain_text("Mend the one thing")
    put(page, '{"title": "Ünïcode 😀", "kind": "bär"}')
    expect(page.locator(".cm-lintRange-error").first).to_have_text('"kind": "bär"')
    put(page, '{"kind": ')
    expect(page.locator(".editor-problems")).to_contain_text("is not JSON")
    page.locator(".cm-content").press("Tab")
    expect(page.locator(".cm-content")).not_to_be_focused()


def test_the_preview_is_drawn_by_the_queue(visitor: Visitor, ada: User, draw: Callable[[], RenderJob]) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/?start=bar")
    status = page.locator("#preview")
    picture = page.locator(".preview-picture img")
    expect(status).to_contain_text("No worker has been seen")
    assert draw().status == Status.SUCCEEDED
    expect(status).to_contain_text(re.compile(r"drawn in .+, after .+ in the queue"))
    expect(picture).to_have_attribute("alt", re.compile("Revenue by quarter"))
    first = picture.get_attribute("src") or ""

    page.get_by_label("Title", exact=True).fill("Half a ti")
    expect(status).to_contain_text("Waiting")
    expect(picture).to_have_attribute("src", first)
    page.get_by_label("Title", exact=True).fill("Half a title no more")
    expect(page.locator("textarea[name=spec]")).to_have_value(re.compile("no more"))
    waiting = RenderJob.objects.filter(status=Status.QUEUED)
    expect(page.locator(".preview-now")).to_have_attribute("data-state", "queued")
    page.get_by_label("Theme").last.select_option("dark")
    with page.expect_response(lambda answer: "theme=dark" in (answer.request.post_data or "")):
        pass
    job = waiting.get()
    assert (job.recipe["spec"]["title"], job.recipe["themes"]) == ("Half a title no more", ["dark"])
    assert draw().status == Status.SUCCEEDED
    expect(picture).to_have_attribute("src", re.compile("theme=dark"))
    draft = Chart.objects.get()
    assert draft.is_draft

    page.get_by_role("button", name="Draw it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Half a title no more")
    assert not Chart.objects.get().is_draft
    visitor.open("/")
    expect(page.locator(".chart-card")).to_have_count(1)


def test_fields_and_text_follow_each_other(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/?start=bar")
    kind, stack = page.get_by_label("Kind"), page.get_by_label("Stack")
    expect(stack).to_have_value("grouped")
    before = text_of(page)
    stack.select_option("normalized")
    assert text_of(page) == before.replace('"grouped"', '"normalized"'), "the rest stays as it was written"
    page.get_by_label("Width").fill("640")
    page.get_by_label("Legend").select_option("top")
    document = json.loads(text_of(page))
    assert document["image"] == {"width": 640}
    assert document["color"] == {"field": "region", "legend": "top"}
    expect(page.get_by_label("Colour")).to_have_value("region")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert text_of(page) == before
    page.get_by_role("button", name="Redo").click()
    expect(stack).to_have_value("normalized")
    put(page, text_of(page).replace('"kind": "bar"', '"kind": "line"').replace('"stack": "normalized",', ""))
    expect(kind).to_have_value("line")
    expect(stack).to_be_disabled()
    page.get_by_label("Subtitle").fill("")
    assert "subtitle" not in json.loads(text_of(page))


def test_without_scripts_the_text_field_is_there(
    chromium: Browser, live_server: LiveServer, ada: User, figures: object
) -> None:
    visitor = Visitor(chromium, live_server.url, java_script_enabled=False, **DESK)
    visitor.sign_in(ada)
    page = visitor.open("/charts/new/?start=scatter")
    expect(page.get_by_label("Spec")).to_be_visible()
    expect(page.locator(".preview")).to_be_hidden()
    page.get_by_role("button", name="Draw it").click()
    expect(page.locator(".status-line .state")).to_have_text("Waiting")
    visitor.context.close()


def test_the_editor_fits_and_can_be_read(
    visitor: Visitor,
    ada: User,
    drawn: Chart,
) -> None:
    visitor.sign_in(ada)
    look(visitor, ["/charts/new/", reverse("edit-chart", args=[drawn.pk])])
    put(visitor.page, '{"kind": "bar", "hue": 1}')
    expect(visitor.page.locator(".cm-lint-marker-error")).to_be_visible()
