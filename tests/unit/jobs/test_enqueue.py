"""One ask, one job, one picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from renderer.jobs import charts, dispatch, executor, lifecycle
from renderer.jobs.again import again
from renderer.jobs.enqueue import enqueue
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Queue, Reason, Status, Trigger
from renderer.recipe import Recipe

FIGURE = Recipe(figure="reads.tables", params={}, formats=("png",))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[RenderJob]:
    """What is handed to the broker."""
    jobs: list[RenderJob] = []
    monkeypatch.setattr(dispatch, "publish", jobs.extend)
    return jobs


def test_a_job_is_published_on_commit_and_not_before(
    chart: Chart, published: list[RenderJob], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job, created = charts.render(chart, trigger=Trigger.API)
        assert created
        assert published == []
    assert published == [job]


def test_a_rolled_back_ask_leaves_nothing(chart: Chart, published: list[RenderJob]) -> None:
    with transaction.atomic():
        charts.render(chart, trigger=Trigger.API)
        transaction.set_rollback(True)
    assert not RenderJob.objects.exists()
    assert published == []


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_an_active_job_of_the_same_picture_is_joined(status: Status, chart: Chart, job: RenderJob) -> None:
    if status is Status.RUNNING:
        assert lifecycle.claim(job.pk, worker="w", task_id="t")
    assert charts.render(chart, trigger=Trigger.WEB) == (job, False)


def test_joining_a_job_that_is_about_to_stop_keeps_it_going(chart: Chart, claim: Claim) -> None:
    lifecycle.cancel(claim.job)
    assert charts.render(chart, trigger=Trigger.WEB) == (claim.job, False)
    claim.job.refresh_from_db()
    assert claim.job.cancel_requested_at is None


def test_a_running_job_that_read_older_data_is_not_joined(chart: Chart) -> None:
    target = Target.of(chart, "image")
    first = enqueue(FIGURE, target, trigger=Trigger.CODE)
    assert enqueue(FIGURE, target, trigger=Trigger.CODE) == (first.job, False), "queued: it will read what is new"
    lifecycle.claim(first.job.pk, worker="w", task_id="t")

    second = enqueue(FIGURE, target, trigger=Trigger.CODE)

    assert second.created
    assert second.job != first.job


def test_a_picture_that_is_there_answers_at_once(chart: Chart, job: RenderJob, media: object) -> None:
    executor.execute(job.pk, worker="w", task_id="t")
    assert charts.render(chart, trigger=Trigger.API) == (job, False)
    assert charts.render(chart, trigger=Trigger.API, force=True).created


def test_a_picture_older_than_the_caller_accepts_is_drawn_again(chart: Chart, job: RenderJob, media: object) -> None:
    executor.execute(job.pk, worker="w", task_id="t")
    assert not charts.render(chart, trigger=Trigger.API, max_age=timedelta(minutes=1)).created
    RenderJob.objects.update(finished_at=timezone.now() - timedelta(minutes=2))
    assert charts.render(chart, trigger=Trigger.API, max_age=timedelta(minutes=1)).created


def test_a_picture_that_somebody_removed_is_drawn_again(chart: Chart, job: RenderJob, media: object) -> None:
    executor.execute(job.pk, worker="w", task_id="t")
    Chart.objects.update(image="")
    assert charts.render(chart, trigger=Trigger.API).created


def test_a_failed_job_is_no_picture(chart: Chart, claim: Claim) -> None:
    lifecycle.fail(claim, Reason.INTERNAL, "no")
    retried = again(claim.job, request_id="abc")
    assert retried.created
    assert retried.job.trigger == Trigger.RETRY
    assert retried.job.recipe == claim.job.recipe
    assert retried.job.request_id == "abc"


def test_the_same_unnamed_recipe_of_an_owner_is_one_chart(ada: User, spec: dict[str, Any]) -> None:
    bob = User.objects.create_user("bob")
    first, created = charts.create(ada, Recipe.from_spec(spec))
    assert created
    assert charts.create(ada, Recipe.from_spec(dict(reversed(spec.items())))) == (first, False)
    assert charts.create(ada, Recipe.from_spec(spec | {"title": "Vegetables"}))[1]
    assert charts.create(ada, Recipe.from_spec(spec), name="Mine")[1]
    assert charts.create(bob, Recipe.from_spec(spec))[1], "never across owners"


def test_a_changed_recipe_keeps_the_picture_until_it_is_drawn(
    chart: Chart, job: RenderJob, spec: dict[str, Any], media: object
) -> None:
    executor.execute(job.pk, worker="w", task_id="t")
    chart.refresh_from_db()
    picture = chart.image.name
    charts.change(chart, recipe=Recipe.from_spec(spec | {"title": "Vegetables"}), name="Greens")
    chart.refresh_from_db()
    assert (chart.image.name, chart.title, chart.name) == (picture, "Vegetables", "Greens")

    asked = charts.render(chart, trigger=Trigger.WEB, queue=Queue.BULK)
    executor.execute(asked.job.pk, worker="w", task_id="t")

    chart.refresh_from_db()
    assert chart.image.name != picture
    assert chart.drawn_by == asked.job


def test_a_chart_is_retried_with_the_recipe_it_has_now(chart: Chart, claim: Claim, spec: dict[str, Any]) -> None:
    lifecycle.fail(claim, Reason.INTERNAL, "no")
    charts.change(chart, recipe=Recipe.from_spec(spec | {"title": "Vegetables"}))
    assert again(claim.job).job.recipe["spec"]["title"] == "Vegetables"
