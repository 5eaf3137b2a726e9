"""Health in a real browser: what is missing is said, and goes away by itself when it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from renderer import readiness
from renderer.jobs import charts, lifecycle, overviews, queues
from renderer.jobs.schedules import TICKER
from renderer.models import Beat, RenderJob, Worker
from renderer.models.dataset import QUEUE
from renderer.models.job import Queue, Trigger
from renderer.recipe import Recipe
from tests.web.browser.visitor import Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _worker(name: str, *, ago: float = 0) -> Worker:
    now = timezone.now() - timedelta(seconds=ago)
    return Worker.objects.create(
        name=name, queues=",".join((*Queue.values, QUEUE)), concurrency=2, started_at=now, seen_at=now,
        memory=412 << 20, version="0.1.0",
    )  # fmt: skip


def test_what_is_missing_is_said_until_it_is_there(
    visitor: Visitor, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError

    readiness._good_until.clear()
    monkeypatch.setitem(readiness.PARTS, "broker", (away, readiness.PARTS["broker"][1]))
    visitor.sign_in(staff)
    page = visitor.open("/")
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_text("Nobody is there to draw.")).to_be_visible()
    expect(page.get_by_text("Start it (redis-server)")).to_be_visible()
    monkeypatch.undo()
    worker = _worker("figpress@host#7", ago=-60)
    Beat.objects.create(name=TICKER, seen_at=timezone.now())
    expect(page.locator("#live-health").get_by_text("All is well.")).to_be_visible()
    expect(page.get_by_text(worker.name)).to_be_visible()
    expect(page.get_by_text("Nobody is there to draw.")).to_have_count(0)


def test_the_pages_are_sound(
    visitor: Visitor,
    ada: User,
    staff: User,
    spec: dict[str, Any],
    draw: Callable[[], RenderJob],
) -> None:
    charts.render(charts.create(ada, Recipe.from_spec(spec))[0], trigger=Trigger.API)
    draw()
    overviews.look(staff, timezone.now(), everyone=True)
    overviews.draw_due(timezone.now() + timedelta(seconds=1))
    draw()
    draw()
    _worker("figpress@a-machine-with-quite-a-long-name.example.internal#4711")
    _worker("figpress@lost#3", ago=600)
    job = charts.render(charts.create(ada, Recipe.from_spec(spec), name="Runs")[0], trigger=Trigger.WEB).job
    assert lifecycle.claim(job.pk, worker="figpress@lost#3", task_id="t")
    queues.pause(Queue.BULK)
    for person in (staff, ada):
        visitor.page.goto("about:blank")  # whose page is open asks for nothing as somebody else
        visitor.sign_in(person)
        look(visitor, ["/health/"])
