"""Chromium, and somebody who uses it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import executor
from renderer.jobs.executor import RenderFailed
from renderer.models import RenderJob
from renderer.models.job import Status
from tests.web.browser.visitor import DESK, PHONE, Visitor

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
expect.set_options(timeout=30_000)  # a busy machine is no reason to fail


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser. While it is open an event loop runs in this thread, which Django would take for a mistake."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, but there is no Chromium on PATH: install the package chromium")
        pytest.skip("there is no Chromium on PATH: install the package chromium to run the browser tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield browser
            browser.close()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visitor(
    request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer, figures: object
) -> Iterator[Visitor]:
    """Somebody who is not signed in: at a desk, in the light; and with a phone, in the dark."""
    visitor = Visitor(chromium, live_server.url, **request.param)
    yield visitor
    visitor.close()


@pytest.fixture
def draw() -> Callable[[], RenderJob]:
    """Do a worker's work: draw the oldest waiting job, in this process."""

    def work() -> RenderJob:
        job = RenderJob.objects.filter(status=Status.QUEUED).earliest("id")
        with suppress(RenderFailed):  # the row says so
            executor.execute(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
        job.refresh_from_db()
        return job

    return work
