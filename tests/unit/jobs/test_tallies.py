"""Counters of /metrics: every finished job once, whoever counts, and never less than before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from renderer import metrics
from renderer.jobs import charts, executor, lifecycle, tallies
from renderer.models import Chart, Delivery, RenderJob
from renderer.models.job import Queue, Status, Trigger
from renderer.recipe import Recipe
from renderer.webhooks import hooks, outbox

LATER = timedelta(minutes=5)


def counters(name: str) -> dict[tuple[str, ...], float]:
    return {tuple(labels): values[0] for labels, values in tallies.numbers().get(name, [])}


@pytest.fixture
def begun(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting has begun; what finishes from now on is counted at once."""
    monkeypatch.setattr(tallies, "SETTLED", timedelta())
    tallies.count(timezone.now())


@pytest.mark.usefixtures("begun", "media")
def test_a_drawn_job_is_counted_once(chart: Chart) -> None:
    job = charts.render(chart, trigger=Trigger.API, queue=Queue.BULK).job
    executor.execute(job.pk, worker="w@host#1", task_id="task")

    assert tallies.count(timezone.now()) == 1
    assert tallies.count(timezone.now()) == 0

    assert counters(tallies.JOBS) == {("bulk", "bar", "succeeded", ""): 1}
    assert counters(tallies.ATTEMPTS) == {("bulk",): 1}
    assert counters(tallies.PICTURES) == {("png",): 1}
    file = job.renditions.get()
    assert counters(tallies.BYTES) == {("png",): file.bytes}
    stages = {labels[0]: values for labels, values in tallies.numbers()[tallies.STAGE_TIME]}
    assert stages.keys() == {"loading", "drawing", "encoding", "storing"}
    assert all(sum(values[1:]) == 1 for values in stages.values())


@pytest.mark.usefixtures("begun")
def test_a_counter_never_goes_down_with_its_jobs(job_in: Callable[[Status], RenderJob]) -> None:
    job_in(Status.FAILED)
    tallies.count(timezone.now())
    RenderJob.objects.all().delete()
    assert tallies.count(timezone.now()) == 0
    job_in(Status.FAILED)
    tallies.count(timezone.now())
    assert counters(tallies.JOBS) == {("interactive", "bar", "failed", "internal"): 2}


@pytest.mark.usefixtures("begun")
def test_what_finished_just_now_is_not_counted_yet(
    job_in: Callable[[Status], RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "SETTLED", LATER)
    job_in(Status.FAILED)
    assert tallies.count(timezone.now()) == 0
    assert tallies.count(timezone.now() + LATER) == 1


@pytest.mark.usefixtures("begun")
def test_many_jobs_are_counted_in_windows(
    job_in: Callable[[Status], RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "BATCH", 2)
    for _ in range(5):
        job_in(Status.FAILED)
    assert tallies.count(timezone.now()) == 5
    assert sum(counters(tallies.JOBS).values()) == 5


@pytest.mark.usefixtures("begun")
def test_prometheus_understands_it_all(chart: Chart, ada: User, spec: dict[str, Any], media: object) -> None:
    executor.execute(charts.render(chart, trigger=Trigger.API).job.pk, worker="w@host#1", task_id="task")
    running = charts.render(chart, trigger=Trigger.API, force=True).job
    assert lifecycle.claim(running.pk, worker="w@host#1", task_id="task-1")
    another, _ = charts.create(ada, Recipe.from_spec(spec), name="another")
    waiting = charts.render(another, trigger=Trigger.API, queue=Queue.BULK).job
    RenderJob.objects.filter(pk=waiting.pk).update(available_at=timezone.now() - timedelta(minutes=3))
    metrics.count_request("GET", "charts/<uuid:pk>/", 200, 0.02)

    families = {family.name: family for family in text_string_to_metric_families(metrics.text().decode())}
    values = {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert values["figpress_database_up",] == 1
    assert values["figpress_jobs_running", "interactive"] == 1
    assert values["figpress_jobs_queued", "bulk"] == 1
    assert values["figpress_oldest_queued_seconds", "bulk"] >= 180
    assert values["figpress_workers",] == 0
    assert values["figpress_jobs_finished_total", "bar", "interactive", "", "succeeded"] == 1
    assert values["figpress_job_draw_seconds_count", "bar"] == 1
    assert values["figpress_job_draw_seconds_bucket", "bar", "+Inf"] == 1
    assert values["figpress_http_requests_total", "GET", "charts/<uuid:pk>/", "200"] >= 1


@pytest.mark.usefixtures("begun")
def test_deliveries_are_counted_when_they_end(ada: User) -> None:
    hook = hooks.create(ada, "https://example.org/hook")[0]
    waiting, arrived, given_up = (outbox.test(hook) for _ in range(3))
    for row, status in ((arrived, "delivered"), (given_up, "failed")):
        ended = {"status": status, "finished_at": timezone.now(), "next_attempt_at": None}
        Delivery.objects.filter(pk=row.pk).update(**ended)
    Delivery.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now() - LATER)

    families = text_string_to_metric_families(metrics.text().decode())
    values = {(s.name, *s.labels.values()): s.value for f in families for s in f.samples}
    assert values["figpress_deliveries_total", "delivered"] == values["figpress_deliveries_total", "failed"] == 1
    assert values["figpress_deliveries_waiting",] == 1
    assert 300 <= values["figpress_oldest_delivery_seconds",] < 400

    Delivery.objects.filter(status="delivered").delete()
    tallies.count(timezone.now())
    assert counters(tallies.DELIVERIES) == {("delivered",): 1, ("failed",): 1}
