"""The whole way with real processes, and what happens when they die on it."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_celery_results.models import TaskResult
from PIL import Image

from renderer import registry
from renderer.jobs import charts, lifecycle, schedules
from renderer.jobs.enqueue import Enqueued
from renderer.models import Attempt, Chart, RenderJob, Rendition, Schedule, Worker
from renderer.models.job import Reason, Stage, Status, Trigger
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from tests.live.conftest import Live

pytestmark = pytest.mark.live

SPEC = {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
HAZARDS: Any = {"FIGPRESS_APPS": "tests.live.hazards"}


@pytest.fixture(autouse=True)
def _hazards() -> None:
    """Register the hazards in the test's own process too: it makes jobs of them."""
    if "hazards.gated" not in {figure.name for figure in registry.all_figures()}:
        import_module("tests.live.hazards.figures")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A pipe that holds up hazards.gated until somebody writes into it."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def open_gate(live: Live, gate: Path) -> None:
    """Let the job go on that waits at the gate, or comes to it."""

    def try_to_open() -> int:
        try:
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)  # an error as long as nobody reads
        except OSError:
            return 0

    pipe = live.wait_for(try_to_open, deadline=60, what="somebody at the gate")
    os.write(pipe, b"go")
    os.close(pipe)


def is_drawing(job: RenderJob) -> bool:
    job.refresh_from_db()
    return job.stage == Stage.DRAWING


def ask(live: Live, name: str, **params: Any) -> Enqueued:
    """Ask for a hazard to be drawn, onto a chart of its own."""
    chart = charts.create(live.user(), Recipe.from_figure(f"hazards.{name}", params), name=f"{name} chart")[0]
    return charts.render(chart, trigger=Trigger.CODE)


def ask_spec(live: Live, title: str) -> RenderJob:
    chart, _ = charts.create(live.user(), Recipe.from_spec(SPEC | {"title": title}))
    return charts.render(chart, trigger=Trigger.CODE).job


def status(job: RenderJob) -> str:
    job.refresh_from_db()
    return job.status


def ends(live: Live, job: RenderJob, deadline: float = 40) -> RenderJob:
    """Wait for a job's end, and return it."""
    live.wait_for(lambda: status(job) not in (Status.QUEUED, Status.RUNNING), deadline=deadline, what=f"end of {job}")
    return job


def files(live: Live) -> list[Path]:
    return [path for path in (live.folder / "media").rglob("*") if path.is_file()]


def assert_nothing_left_over(live: Live) -> None:
    """Each file is named by a row, each succeeded job has its picture, each final attempt has its end."""
    named = {live.folder / "media" / name for name in Rendition.objects.values_list("file", flat=True)}
    assert set(files(live)) == named
    for chart in Chart.objects.exclude(image=""):
        assert Path(chart.image.path) in named
    assert not Attempt.objects.filter(ended_at=None, job__finished_at__isnull=False).exists()


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
    result = job.attempts.get().task_result
    assert result
    live.wait_for(lambda: TaskResult.objects.get(pk=result.pk).status == "SUCCESS", what="the result")
    assert_nothing_left_over(live)


def test_a_schedule_draws_again_with_what_is_new(live: Live, tmp_path: Path) -> None:
    log = tmp_path / "log"
    asked = ask(live, "counts", log=str(log))
    live.start_worker(**HAZARDS)
    ends(live, asked.job)
    chart = Chart.objects.get()
    first = chart.image.name
    schedule = schedules.create(live.user(), chart, cron="* * * * *")
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=timezone.now() - timedelta(seconds=1))

    live.start_beat()
    live.start_beat()  # a second one makes no second run
    live.wait_for(lambda: RenderJob.objects.filter(schedule=schedule, status=Status.SUCCEEDED).exists())

    chart.refresh_from_db()
    assert chart.image.name != first
    assert log.read_text().splitlines() == ["drawn", "drawn"]
    assert RenderJob.objects.filter(schedule=schedule).count() == 1
    assert_nothing_left_over(live)


def test_a_worker_killed_in_the_middle_of_a_picture(live: Live, gate: Path) -> None:
    """kill -9 of the whole worker: another one notices, and draws the job."""
    job = ask(live, "gated", gate=str(gate)).job
    live.start_worker(concurrency=1, **HAZARDS)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    live.kill_worker()

    live.start_worker(concurrency=1, **HAZARDS)
    open_gate(live, gate)
    ends(live, job, deadline=60)

    assert (job.status, job.attempt) == (Status.SUCCEEDED, 2)
    assert [attempt.outcome for attempt in job.attempts.all()] == ["worker lost", "succeeded"]
    assert_nothing_left_over(live)


def test_a_child_killed_in_the_middle_of_a_picture(live: Live, gate: Path) -> None:
    """The worker's main process sees it at once."""
    job = ask(live, "gated", gate=str(gate)).job
    worker = live.start_worker(concurrency=1, **HAZARDS)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    for child in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)

    live.wait_for(lambda: is_drawing(job) and job.attempt == 2, what="the second attempt")
    open_gate(live, gate)
    ends(live, job)

    assert (job.status, job.attempt) == (Status.SUCCEEDED, 2)
    assert Worker.objects.count() == 1
    assert_nothing_left_over(live)


@pytest.mark.parametrize(
    ("hazard", "reason", "attempts"),
    [
        ("segfault", Reason.WORKER_LOST, 3),
        ("memory", Reason.TOO_LARGE, 1),
        ("quits", Reason.FIGURE_ERROR, 1),
        ("spin", Reason.TIMEOUT, 1),
    ],
)
def test_a_poison_job_ends_and_the_others_go_on(live: Live, hazard: str, reason: Reason, attempts: int) -> None:
    # Not for the others: Celery takes some seconds to see that a child is lost, and 4 s would come first.
    limits = {"FIGPRESS_SOFT_TIME_LIMIT": "2", "FIGPRESS_TIME_LIMIT": "4"} if hazard == "spin" else {}
    worker = live.start_worker(concurrency=1, **HAZARDS, **limits)
    poison = ask(live, hazard).job
    good = ask_spec(live, "After the poison")

    ends(live, poison, deadline=60)
    ends(live, good)

    assert (poison.status, poison.reason, poison.attempt) == (Status.FAILED, reason, attempts)
    assert good.status == Status.SUCCEEDED
    assert worker.is_running
    if attempts == 1 and hazard != "spin":
        result = poison.attempts.get().task_result
        assert result
        live.wait_for(lambda: TaskResult.objects.get(pk=result.pk).status == "FAILURE", what="the result")
        assert "Traceback" in TaskResult.objects.get(pk=result.pk).traceback
    assert_nothing_left_over(live)


def test_jobs_asked_for_while_the_broker_is_away_are_drawn_when_it_is_back(live: Live) -> None:
    live.start_worker()
    live.redis.kill()
    start = timezone.now()
    job = ask_spec(live, "Asked in the dark")
    assert timezone.now() - start < timedelta(seconds=5), "an ask does not wait for the broker"
    assert job.status == Status.QUEUED

    live.restart_redis()

    assert ends(live, job, deadline=60).status == Status.SUCCEEDED


def test_a_broker_that_comes_back_empty_loses_no_job(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [ask_spec(live, f"Chart {number}") for number in range(5)]

    live.restart_redis(keep=False)

    live.start_worker()

    for job in jobs:
        assert ends(live, job, deadline=60).status == Status.SUCCEEDED
    assert_nothing_left_over(live)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_draws(live: Live, gate: Path) -> None:
    job = ask(live, "gated", gate=str(gate)).job
    worker = live.start_worker(concurrency=1, **HAZARDS)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    waiting = ask_spec(live, "Waits for the next worker")
    worker.signal(signal.SIGTERM)
    open_gate(live, gate)

    live.wait_for(lambda: not worker.is_running, what="its end")
    assert worker.returncode == 0
    assert status(job) == Status.SUCCEEDED
    assert status(waiting) == Status.QUEUED
    assert not Worker.objects.exists(), "it is gone, not lost"
    live.start_worker(concurrency=1)
    assert ends(live, waiting).status == Status.SUCCEEDED


def test_a_running_job_that_is_cancelled_stops(live: Live, gate: Path) -> None:
    job = ask(live, "gated", gate=str(gate)).job
    live.start_worker(concurrency=1, **HAZARDS)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    assert lifecycle.cancel(job)
    open_gate(live, gate)

    assert ends(live, job).status == Status.CANCELLED
    assert files(live) == []


def test_a_hundred_equal_asks_at_once_draw_once(live: Live, tmp_path: Path, wait_for: Callable[..., Any]) -> None:
    live.start_worker()
    live.start_web()
    live.call("GET", "/api/v1/charts")  # the token is made before the threads start
    answers: list[int] = []

    def post() -> None:
        answers.append(live.call("POST", "/api/v1/charts", {"spec": SPEC}).status)

    threads = [threading.Thread(target=post) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(answers) == 100
    # 201 for who made the job, where the worker was faster than the answer.
    assert set(answers) <= {200, 201, 202}
    assert answers.count(201) <= 1
    job = RenderJob.objects.get()
    assert ends(live, job).status == Status.SUCCEEDED
    assert Chart.objects.count() == 1
    assert User.objects.count() == 1
    assert_nothing_left_over(live)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--pool", "solo"], "prefork"),
        (["--pool", "threads"], "prefork"),
    ],
)
def test_a_worker_refuses_a_pool_without_limits(live: Live, options: list[str], word: str) -> None:
    from project import local

    shell, flag, line = local.command("worker")
    worker = live.start("worker", [shell, flag, f"{line} {' '.join(options)}"])
    live.wait_for(lambda: not worker.is_running, what="its end")
    assert word in worker.output()
