"""Pages when too many jobs wait, and when a queue is paused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from renderer.jobs import charts, queues
from renderer.models import Chart, RenderJob
from renderer.models.job import Queue, Trigger
from renderer.recipe import Recipe

pytestmark = pytest.mark.django_db
SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def browser(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def chart(owner: User, title: str) -> Chart:
    return charts.create(owner, Recipe.from_spec(SPEC | {"title": title}))[0]


def test_a_page_says_that_too_many_wait_and_goes_on(ada: User, browser: Client, settings: Settings) -> None:
    settings.FIGPRESS_MAX_WAITING = 1
    charts.render(chart(ada, "First"), trigger=Trigger.WEB)
    second = chart(ada, "Second")

    answer = browser.post(reverse("render-chart", args=[second.pk]), follow=True)

    assert answer.status_code == 200
    assert "1 jobs waiting in the queue interactive" in answer.content.decode()
    assert RenderJob.objects.count() == 1


def test_a_paused_queue_is_named_where_somebody_waits(ada: User, browser: Client) -> None:
    job = charts.render(chart(ada, "Waits"), trigger=Trigger.WEB, queue=Queue.BULK).job
    queues.pause(Queue.BULK)
    assert "The queue bulk is paused" in browser.get(reverse("jobs")).content.decode()
    assert "The queue bulk is paused" in browser.get(reverse("job", args=[job.pk])).content.decode()
    queues.resume(Queue.BULK)
    assert "paused" not in browser.get(reverse("jobs")).content.decode()
