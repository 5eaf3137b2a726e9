"""What dies on the way: children, workers, the web server; and jobs that kill."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult
from pytest_django import Settings

from project.celery import app as celery_app
from renderer import health
from renderer.jobs import lifecycle
from renderer.jobs.dispatch import RENDER
from renderer.models import RenderJob, Worker
from renderer.models.job import Reason, Status
from renderer.models.worker import State
from tests.live.installation import Live
from tests.live.steps import (
    SPEC,
    ask,
    ask_spec,
    assert_sound,
    children,
    ends,
    is_drawing,
    open_gate,
    open_gate_for,
    status,
)

pytestmark = pytest.mark.live


def state_of(pid: int) -> State:
    return Worker.objects.get(name__endswith=f"#{pid}").state(timezone.now())


def outcomes(job: RenderJob) -> list[str]:
    return list(job.attempts.order_by("number").values_list("outcome", flat=True))


def test_whatever_dies_the_picture_comes(live: Live, hazards: dict[str, Any], gate: Path) -> None:
    """kill -9 of a child, of a worker, of the web server; and a worker that stands still and goes on later."""
    job = ask(live, "gated", gate=str(gate)).job
    first = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    for child in children(first.pid):
        os.kill(child, signal.SIGKILL)
    live.wait_for(lambda: is_drawing(job, 2), what="the second attempt, by the same worker's next child")

    live.kill_worker(first)
    second = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job, 3), what="the third attempt, by another worker")
    assert state_of(first.pid) == State.LOST
    open_gate(live, gate)
    ends(live, job)
    assert outcomes(job) == ["worker lost", "worker lost", "succeeded"]
    assert_sound(live)

    # A worker that stands still is lost within ten seconds; when it goes on, it finds its job done by another one.
    again = ask(live, "gated", gate=str(gate)).job
    live.wait_for(lambda: is_drawing(again), what="the claim")
    second.signal(signal.SIGSTOP)
    third = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: state_of(second.pid) == State.LOST, what="it to be seen as lost")
    assert "lost: " in health.look_at_workers().says
    live.wait_for(lambda: is_drawing(again, 2), what="the second attempt")
    open_gate_for(live, gate, again)  # both of them come to it
    second.signal(signal.SIGCONT)
    live.wait_for(lambda: state_of(second.pid) == State.ALIVE, what="it to be back")
    assert outcomes(again) == ["worker lost", "succeeded"]
    assert again.worker.endswith(f"#{third.pid}")
    assert_sound(live)

    # The web server is killed between its answer and anything else.
    live.start_web()
    answer = live.call("POST", "/api/v1/charts", {"spec": SPEC})
    assert live.web
    live.web.kill()
    assert ends(live, RenderJob.objects.get(pk=answer.json()["job"]["id"])).status == Status.SUCCEEDED
    live.start_web()
    assert live.call("GET", answer.headers["Location"]).json()["status"] == "succeeded"
    assert_sound(live)


def send_what_nobody_should(trap: Path) -> None:
    """What a stranger with access to the broker might try: a pickle that runs a command, and a broadcast to stop."""
    celery_app.control.broadcast("shutdown")
    with celery_app.connection_for_write() as connection, connection.Producer() as producer:
        producer.publish(
            f"cos\nsystem\n(S'touch {trap}'\ntR.".encode(),
            routing_key="interactive",
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers={"task": RENDER, "id": "stranger"},
        )


def test_poison_jobs_end_and_the_others_go_on(
    live: Live, hazards: dict[str, Any], settings: Settings, tmp_path: Path
) -> None:
    # The hard limit is above the time that Celery takes to see that a child is lost (4 to 5 s, FACTS 2.1).
    limits: dict[str, Any] = {"FIGPRESS_SOFT_TIME_LIMIT": "2", "FIGPRESS_TIME_LIMIT": "9"}
    spin = ask(live, "spin").job
    swallows = ask(live, "swallows").job
    worker = live.start_worker(**hazards, **limits)
    send_what_nobody_should(tmp_path / "trap")
    poison = {name: ask(live, name).job for name in ("segfault", "memory", "quits")}
    good = [ask_spec(live, f"Good {number}") for number in range(3)]
    live.wait_for(lambda: status(spin) == Status.RUNNING, what="the claim")
    live.wait_for(lambda: status(swallows) == Status.RUNNING, what="the claim")
    assert lifecycle.cancel(swallows)
    settings.CELERY_TASK_SOFT_TIME_LIMIT = 2
    live.wait_for(lambda: "over the soft time limit" in health.look_at_workers().says, what="doctor to see it")

    ends(live, spin, deadline=60)
    assert (spin.status, spin.reason, spin.attempt) == (Status.FAILED, Reason.TIMEOUT, 1)
    ends(live, swallows)
    assert (swallows.status, swallows.attempt) == (Status.CANCELLED, 1), "by force, at the limit"
    for name, reason, attempts in (
        ("segfault", Reason.WORKER_LOST, 3), ("memory", Reason.TOO_LARGE, 1), ("quits", Reason.FIGURE_ERROR, 1),
    ):  # fmt: skip
        job = ends(live, poison[name], deadline=90)
        assert (job.status, job.reason, job.attempt) == (Status.FAILED, reason, attempts)
        if attempts == 1:
            kept = TaskResult.objects.filter(task_id=job.attempts.get().task_id)
            live.wait_for(kept.filter(status="FAILURE").exists, what="the result")
            assert "Traceback" in kept.get().traceback
    assert {ends(live, job).status for job in good} == {Status.SUCCEEDED}
    assert worker.is_running, "none of them took the worker with it"
    assert not (tmp_path / "trap").exists()
    assert "untrusted content" in worker.output(), worker.output()
    assert_sound(live)


def test_what_a_child_may_use_and_when_it_is_replaced(live: Live, hazards: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "log"
    live.start_worker("--max-tasks-per-child 2 --max-memory-per-child 400000", concurrency=1, **hazards)
    for number in range(4):
        # The last but one takes more than a child may have used when it is done.
        ends(live, ask(live, "tells", log=str(log), megabytes=500 if number == 2 else number).job)

    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(told) == 4
    pids = [line["pid"] for line in told]
    assert pids[0] == pids[1] != pids[2] != pids[3], "recycled by count, then by memory"
    for line in told:
        assert line["folder"] == []
        assert line["RLIMIT_CORE"] == 0
        assert 0 < line["RLIMIT_NOFILE"] <= 256
        assert 0 < line["RLIMIT_AS"] < 3 * 1024**3
        assert 60 <= line["RLIMIT_CPU"] <= 120
    assert_sound(live)


@pytest.mark.parametrize("options", ["--pool solo", "--pool threads"])
def test_a_worker_refuses_a_pool_without_limits(live: Live, options: str) -> None:
    worker = live.start_worker(options, wait=False)
    live.wait_for(lambda: not worker.is_running, what="its end")
    assert "start the worker with -P prefork" in worker.output()
