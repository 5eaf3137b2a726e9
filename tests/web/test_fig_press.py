"""<fig-press> in a real browser: a placeholder, the picture when it is drawn, light and dark, and what cannot come."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.test import Client
from django.urls import path
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from project.urls import urlpatterns as project_urls
from renderer.jobs import charts, lifecycle
from renderer.models import RenderJob
from renderer.models.job import Trigger
from renderer.recipe import Recipe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def bare(request: HttpRequest) -> HttpResponse:
    """Somebody's page with the component, under the content security policy of the project."""
    return HttpResponse(
        f"<!DOCTYPE html><title>Somebody's page</title><script src='{static('renderer/fig-press.js')}' defer></script>"
        f"<fig-press src='/api/v1/charts/{request.GET['chart']}/image' alt='Fruit sold' theme='auto' width='640' "
        "height='400'></fig-press>"
    )


urlpatterns = [path("bare/", bare), *project_urls]


@pytest.fixture
def browser_page(live_server: LiveServer, ada: User, settings: Settings) -> Iterator[tuple[Page, list[str]]]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, but there is no Chromium on PATH: install the package chromium")
        pytest.skip("there is no Chromium on PATH: install the package chromium to run the browser tests")
    settings.ROOT_URLCONF = __name__
    client = Client()
    client.force_login(ada)
    cookie = django_settings.SESSION_COOKIE_NAME
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # an event loop runs in this thread
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            context = browser.new_context(color_scheme="light")
            context.add_cookies([{"name": cookie, "value": client.cookies[cookie].value, "url": live_server.url}])
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            yield page, complaints
            browser.close()


def test_the_way_of_one_picture(
    browser_page: tuple[Page, list[str]],
    live_server: LiveServer,
    ada: User,
    spec: dict[str, object],
    execute: Callable[[RenderJob], RenderJob],
) -> None:
    page, complaints = browser_page
    recipe = Recipe.from_spec(spec).with_files(formats=["png"], scales=[1], themes=["light", "dark"])
    chart = charts.create(ada, recipe)[0]
    job = charts.render(chart, trigger=Trigger.WEB).job

    page.goto(f"{live_server.url}/bare/?chart={chart.pk}")
    element = page.locator("fig-press")
    image = element.locator("img")
    expect(element).to_have_attribute("state", "waiting", timeout=20_000)
    expect(image).to_have_attribute("alt", "Fruit sold (is being drawn)")
    expect(image).to_have_attribute("src", re.compile(r"theme=light&t="))
    room = image.bounding_box()

    execute(job)
    expect(element).to_have_attribute("state", "ready", timeout=20_000)
    expect(image).to_have_attribute("alt", "Fruit sold")
    expect(image).to_have_attribute("src", re.compile(r"theme=light&v=[0-9a-f]{16}$"))
    expect(element).to_have_attribute("aria-busy", "false")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    assert image.bounding_box() == room, "nothing moves"

    page.emulate_media(color_scheme="dark")
    expect(image).to_have_attribute("src", re.compile(r"theme=dark&v=[0-9a-f]{16}$"), timeout=20_000)

    element.evaluate("element => element.setAttribute('alt', 'Other words')")
    expect(image).to_have_attribute("alt", "Other words")
    assert complaints == []

    other = charts.create(ada, Recipe.from_spec(spec | {"title": "Never"}))[0]
    assert lifecycle.cancel(charts.render(other, trigger=Trigger.WEB).job)
    page.goto(f"{live_server.url}/bare/?chart={other.pk}")
    expect(element).to_have_attribute("state", "missing", timeout=20_000)
    expect(image).to_have_attribute("alt", "Fruit sold (not drawn)")
    assert complaints == []

    charts.delete(other)
    page.reload()
    expect(element).to_have_attribute("state", "failed", timeout=20_000)
    expect(image).to_have_attribute("alt", "Fruit sold (could not be loaded)")
