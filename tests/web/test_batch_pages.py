"""Batches: the list and one batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from renderer.jobs import batches
from renderer.models import Batch, Chart, RenderJob, Worker
from renderer.models.job import Status
from renderer.recipe import Recipe

Ended = Callable[[RenderJob, Status], RenderJob]


@pytest.fixture
def batch(ada: User, spec: dict[str, Any]) -> Batch:
    """Four charts that wait."""
    recipes = [(Recipe.from_spec({**spec, "title": f"Fruit <{n}>"}), "") for n in range(4)]
    return batches.create(ada, recipes, name="March & April")


def test_empty(signed_in: Client) -> None:
    text = signed_in.get("/batches/").content.decode()
    assert "No batches yet." in text
    assert "POST /api/v1/batches" in text


def test_a_batch_while_it_is_drawn(signed_in: Client, batch: Batch, ended: Ended) -> None:
    jobs = list(RenderJob.objects.order_by("id"))
    page = signed_in.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Waiting" in page
    assert "0 of 4" in page
    assert 'id="zip"' not in page
    assert "Nobody is there to draw." in page
    assert f'hx-get="{reverse("batch-live", args=[batch.pk])}"' in page

    ended(jobs[0], Status.SUCCEEDED)
    ended(jobs[1], Status.FAILED)
    ended(jobs[2], Status.RUNNING)
    page = signed_in.get(reverse("batch-live", args=[batch.pk])).content.decode()
    assert "2 of 4" in page
    assert f'href="/api/v1/batches/{batch.pk}/zip"' in page
    assert "There are no rows." in page
    assert "Fruit &lt;3&gt;" in page
    failed = signed_in.get(reverse("batch", args=[batch.pk]), {"status": "failed"}).content.decode()
    assert "Fruit &lt;1&gt;" in failed
    assert "Fruit &lt;0&gt;" not in failed
    listed = signed_in.get("/batches/").content.decode()
    assert "March &amp; April" in listed
    assert "2 of 4" in listed


def test_nothing_asks_again_when_all_has_ended(signed_in: Client, batch: Batch, ended: Ended) -> None:
    for job in RenderJob.objects.all():
        ended(job, Status.SUCCEEDED)
    for path in ("/batches/", reverse("batch", args=[batch.pk])):
        page = signed_in.get(path).content.decode()
        assert "Ready" in page
        assert "hx-get" not in page


def test_cancel(signed_in: Client, batch: Batch) -> None:
    response = signed_in.post(reverse("cancel-batch", args=[batch.pk]), follow=True)
    assert set(RenderJob.objects.values_list("status", flat=True)) == {Status.CANCELLED}
    assert "Cancelled" in response.content.decode()
    again = signed_in.post(reverse("cancel-batch", args=[batch.pk]), follow=True)
    assert "There was nothing left to cancel." in again.content.decode()


def test_pages_follow_each_other(signed_in: Client, ada: User, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderer.web.batches.A_PAGE", 3)
    first = signed_in.get(reverse("batch", args=[batch.pk]))
    assert first.content.decode().count("chart-card") == 3
    third = batch.items.get(position=2)
    second = signed_in.get(reverse("batch", args=[batch.pk]), {"after": str(third.pk)}).content.decode()
    assert second.count("chart-card") == 1
    assert "Fruit &lt;3&gt;" in second


def test_a_chart_that_was_deleted_keeps_its_place(signed_in: Client, batch: Batch) -> None:
    Chart.objects.filter(title="Fruit <1>").delete()
    page = signed_in.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Chart 2" in page
    assert "Deleted" in page


def test_a_living_worker_is_no_news(signed_in: Client, batch: Batch) -> None:
    Worker.objects.create(name="w", started_at=batch.created_at, seen_at=batch.created_at)
    assert "Nobody is there to draw." not in signed_in.get("/batches/").content.decode()
