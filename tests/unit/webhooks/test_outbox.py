"""The outbox: what is written with which change, for whom, and that neither is there without the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from renderer.jobs import charts, lifecycle, schedules
from renderer.jobs.lifecycle import Claim
from renderer.models import Chart, Delivery, RenderJob, Webhook
from renderer.models.job import Reason, Trigger
from renderer.webhooks import hooks, outbox


def told() -> list[tuple[str, dict[str, Any]]]:
    """All events, with their data."""
    rows = Delivery.objects.order_by("id")
    payloads = [json.loads(row.payload) for row in rows]
    assert [payload["type"] for payload in payloads] == [row.type for row in rows]
    return [(payload["type"], payload["data"]) for payload in payloads]


def test_each_end_of_a_job_is_told(hook: Webhook, chart: Chart, running: Callable[[], Claim]) -> None:
    done = running()
    assert lifecycle.succeed(done, warnings=[], timings={})
    failed = running()
    assert lifecycle.fail(failed, Reason.DATA_ERROR, "the column 'hush' is missing")
    waiting = charts.render(chart, trigger=Trigger.API, force=True).job
    assert lifecycle.cancel(waiting)
    late = charts.render(chart, trigger=Trigger.API, force=True).job
    RenderJob.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    assert lifecycle.expire(timezone.now()) == 1

    events = told()
    assert [(name, data["job"], data["status"], data["reason"]) for name, data in events] == [
        ("render.succeeded", str(done.job.pk), "succeeded", None),
        ("render.failed", str(failed.job.pk), "failed", "data_error"),
        ("render.cancelled", str(waiting.pk), "cancelled", None),
        ("render.expired", str(late.pk), "expired", None),
    ]
    assert {data["chart"] for _, data in events} == {str(chart.pk)}
    assert all(data["finished_at"].endswith("Z") for _, data in events)
    assert "hush" not in json.dumps(events).lower(), "ids, and nothing of the chart"


def test_what_goes_on_is_not_told(hook: Webhook, running: Callable[[], Claim]) -> None:
    assert lifecycle.retry(running(), Reason.DATA_ERROR, "away")
    assert told() == []


def test_a_schedule_that_is_paused(hook: Webhook, ada: User, chart: Chart, running: Callable[[], Claim]) -> None:
    schedule = schedules.create(ada, chart, cron="0 7 * * *", pause_after=1)
    schedules.pause(schedule)
    schedules.resume(schedule)
    now = timezone.now() + timedelta(days=2)
    assert schedules.tick(now) == 1
    job = RenderJob.objects.get(schedule=schedule)
    claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="t")
    assert claimed
    lifecycle.fail(claimed, Reason.INTERNAL, "no")
    schedules.tick(now)
    paused = [data for name, data in told() if name == "schedule.paused"]
    ids = {"schedule": str(schedule.pk), "chart": str(chart.pk)}
    assert paused == [{**ids, "by_itself": False}, {**ids, "by_itself": True}]


def test_only_those_are_told_who_want_to_hear_of_it(hook: Webhook, ada: User, running: Callable[[], Claim]) -> None:
    hooks.change(hook, events=["render.failed"])
    both = hooks.create(ada, "https://example.org/two", events=["render.failed", "render.succeeded"])[0]
    hooks.switch_off(hooks.create(ada, "https://example.org/off")[0])
    hooks.create(User.objects.create_user("eve"), "https://example.org/eve")

    lifecycle.succeed(running(), warnings=[], timings={})
    assert Delivery.objects.get().webhook == both
    lifecycle.fail(running(), Reason.INTERNAL, "no")
    failed = Delivery.objects.filter(type="render.failed")
    assert {row.webhook_id for row in failed} == {hook.pk, both.pk}
    assert len({row.event_id for row in failed}) == 1


def test_it_is_written_with_the_change_or_not_at_all(hook: Webhook, running: Callable[[], Claim]) -> None:
    claim = running()
    with transaction.atomic():
        assert lifecycle.succeed(claim, warnings=[], timings={})
        assert Delivery.objects.exists()
        transaction.set_rollback(True)  # the worker dies before its commit
    assert told() == []
    claim.job.refresh_from_db()
    assert claim.job.status == "running"


def test_many_jobs_cost_one_look_up(ada: User, chart: Chart, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    job = charts.render(chart, trigger=Trigger.API).job
    lifecycle.cancel(job)
    job.refresh_from_db()
    with django_assert_num_queries(1):
        outbox.jobs_ended([job] * 100)
    job.owner = None
    with django_assert_num_queries(0):
        outbox.jobs_ended([job])
