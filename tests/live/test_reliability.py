"""The whole way with real processes: asked, drawn, shown, drawn again."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_celery_results.models import TaskResult
from PIL import Image

from renderer.jobs import lifecycle, schedules
from renderer.models import Chart, RenderJob, Schedule
from renderer.models.job import Status
from tests.live.installation import Live
from tests.live.steps import SPEC, ask, assert_sound, ends, files, is_drawing, open_gate

pytestmark = pytest.mark.live


def test_from_http_to_picture(live: Live) -> None:
    live.start_worker()
    live.start_web()

    answer = live.call("POST", "/api/v1/charts", {"spec": SPEC, "formats": ["png", "svg"]})
    assert answer.status == 202, answer.body
    location = answer.headers["Location"]
    done = live.call("GET", location, headers={"Prefer": "wait=20"})

    assert done.json()["status"] == "succeeded", done.body
    picture = live.call("GET", done.json()["links"]["image"])
    assert picture.status == 200
    assert picture.headers["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(picture.body)) as image:
        assert image.size == (1600, 1000)
    job = RenderJob.objects.get()
    assert job.attempts.get().task_result is None
    assert not TaskResult.objects.exists(), "what went well is in the job's row"
    assert_sound(live)

    # A hundred equal asks at once draw once.
    answers: list[int] = []
    equal = SPEC | {"title": "Wanted by a hundred"}

    def post() -> None:
        answers.append(live.call("POST", "/api/v1/charts", {"spec": equal}).status)

    threads = [threading.Thread(target=post) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(answers) == 100
    # 201 for who made the job, where the worker was faster than the answer.
    assert set(answers) <= {200, 201, 202}
    assert answers.count(201) <= 1
    second = RenderJob.objects.exclude(pk=job.pk).get()
    assert ends(live, second).status == Status.SUCCEEDED
    assert Chart.objects.count() == 2
    assert User.objects.count() == 1
    assert_sound(live)


def test_a_schedule_draws_again_with_what_is_new(live: Live, hazards: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "log"
    asked = ask(live, "counts", log=str(log))
    live.start_worker(**hazards)
    ends(live, asked.job)
    chart = Chart.objects.get()
    first = chart.image.name
    schedule = schedules.create(live.user(), chart, cron="* * * * *")
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=timezone.now() - timedelta(seconds=1))

    live.start_beat().kill()  # one that dies, and two that live: a second one makes no second run
    live.start_beat()
    live.start_beat()
    live.wait_for(lambda: RenderJob.objects.filter(schedule=schedule, status=Status.SUCCEEDED).exists())

    chart.refresh_from_db()
    assert chart.image.name != first
    assert log.read_text().splitlines() == ["drawn", "drawn"]
    assert RenderJob.objects.filter(schedule=schedule).count() == 1
    assert_sound(live)


def test_a_running_job_that_is_cancelled_stops(live: Live, hazards: dict[str, Any], gate: Path) -> None:
    job = ask(live, "gated", gate=str(gate)).job
    live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    assert lifecycle.cancel(job)
    open_gate(live, gate)

    assert ends(live, job).status == Status.CANCELLED
    assert files(live) == []
    assert_sound(live)
