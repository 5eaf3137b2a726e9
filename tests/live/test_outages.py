"""What is away for a while: the broker, the database, the storage. Each has its answer in docs/lifecycle.md."""

from __future__ import annotations

import signal
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from renderer import health
from renderer.jobs import charts, executor
from renderer.models import Chart, RenderJob, Worker
from renderer.models.job import Status, Trigger
from renderer.models.worker import LOST_AFTER, State
from tests.live.installation import Live
from tests.live.steps import SPEC, ask, ask_spec, assert_sound, ends, files, is_drawing, open_gate, status
from tests.postgres import Postgres

pytestmark = pytest.mark.live


def test_the_broker_is_away_hangs_and_comes_back_empty(live: Live, hazards: dict[str, Any], gate: Path) -> None:
    worker = live.start_worker(concurrency=1, **hazards)
    live.start_web()
    row = Worker.objects.get(name__endswith=f"#{worker.pid}")

    # Away: an ask is taken all the same, and drawn when the broker is back.
    live.redis.kill()
    answer = live.call("POST", "/api/v1/charts", {"spec": SPEC})
    assert answer.status == 202
    assert "does not answer" in health.look_at_broker().says
    live.restart_redis()
    done = RenderJob.objects.get(pk=answer.json()["job"]["id"])
    assert ends(live, done, deadline=60).status == Status.SUCCEEDED

    # Hung, while a job is drawn: the worker is not lost, its job is not drawn twice, an ask is answered.
    held = ask(live, "gated", gate=str(gate)).job
    live.wait_for(lambda: is_drawing(held), what="the claim")
    live.redis.signal(signal.SIGSTOP)
    stopped_at = timezone.now()
    answer = live.call("POST", "/api/v1/charts", {"spec": SPEC | {"title": "Asked of a broker that hangs"}})
    assert answer.status == 202
    live.wait_for(lambda: timezone.now() > stopped_at + LOST_AFTER * 1.5, what="the time to be lost in")
    row.refresh_from_db()
    assert row.state(timezone.now()) in (State.ALIVE, State.DEAF)
    assert is_drawing(held), "still its first attempt"
    open_gate(live, gate)
    assert ends(live, held).status == Status.SUCCEEDED
    live.redis.signal(signal.SIGCONT)
    hung = RenderJob.objects.get(pk=answer.json()["job"]["id"])
    assert ends(live, hung, deadline=60).status == Status.SUCCEEDED
    assert_sound(live)

    # Back, but empty, with jobs that waited in it.
    live.kill_worker(worker)
    jobs = [ask_spec(live, f"Chart {number}") for number in range(3)]
    live.restart_redis(keep=False)
    live.start_worker()
    assert {ends(live, job, deadline=60).status for job in jobs} == {Status.SUCCEEDED}
    assert_sound(live)


def test_a_database_that_is_locked_for_a_while_holds_up_but_loses_nothing(live: Live) -> None:
    live.start_worker(concurrency=2)
    live.start_web()
    live.call("GET", "/api/v1/charts")  # the token is made before
    jobs = [ask_spec(live, f"Chart {number}") for number in range(10)]
    lock = sqlite3.connect(live.folder / "figpress.sqlite3", isolation_level=None, timeout=20)
    try:
        lock.execute("BEGIN IMMEDIATE")
        locked_at = timezone.now()
        live.wait_for(lambda: timezone.now() > locked_at + timedelta(seconds=6), what="some beats to be missed")
        assert live.call("GET", "/api/v1/charts").status == 200, "readers do not wait"
        lock.execute("ROLLBACK")
    finally:
        lock.close()
    for job in jobs:
        ends(live, job)
        assert (job.status, job.attempt) == (Status.SUCCEEDED, 1)
    assert_sound(live)


def test_postgresql_is_killed_while_a_picture_is_drawn(
    live_on_postgres: Live, own_postgres: Postgres, hazards: dict[str, Any], gate: Path
) -> None:
    live = live_on_postgres
    worker = live.start_worker(concurrency=1, **hazards)
    live.start_web()
    good = ask_spec(live, "Before")
    assert ends(live, good).status == Status.SUCCEEDED
    job = ask(live, "gated", gate=str(gate)).job
    live.wait_for(lambda: is_drawing(job), what="the claim")

    assert live.call("GET", f"/api/v1/jobs/{job.pk}").json()["status"] == "running"

    own_postgres.kill()
    connection.close()
    with pytest.raises(OperationalError):
        status(job)
    assert live.call("GET", f"/api/v1/jobs/{job.pk}").status == 503
    open_gate(live, gate)  # its end is one that it cannot write down
    live.wait_for(lambda: "the database is away" in worker.output(), what="a beat that is missed")
    own_postgres.start()
    connection.close()

    live.wait_for(lambda: is_drawing(job, 2), deadline=90, what="the second attempt")
    open_gate(live, gate)
    assert ends(live, job).status == Status.SUCCEEDED
    assert worker.is_running
    assert live.call("GET", f"/api/v1/jobs/{job.pk}").json()["status"] == "succeeded"
    assert_sound(live)


def test_the_storage_is_full_and_then_away(live: Live, tmp_path: Path) -> None:
    full = tmp_path / "full"
    settings: dict[str, Any] = {"DJANGO_SETTINGS_MODULE": "tests.live.hazards.storage", "HAZARDS_FULL": str(full)}
    live.start_worker(concurrency=1, **settings)
    first = ends(live, ask_spec(live, "Fruit"))
    chart = Chart.objects.get()
    old = files(live)
    assert first.status == Status.SUCCEEDED
    assert Path(chart.image.path) in old

    full.touch()
    job = charts.render(chart, trigger=Trigger.API, force=True).job
    live.wait_for(lambda: status(job) == Status.QUEUED and job.message == executor.FULL, what="the first attempt's end")
    live.wait_for(lambda: files(live) == old, what="the end of the half picture, and of nothing else")
    full.unlink()
    assert ends(live, job).status == Status.SUCCEEDED
    assert job.attempt > 1

    media = live.folder / "media"
    media.rename(tmp_path / "elsewhere")
    media.write_text("no folder any more")
    away = charts.render(chart, trigger=Trigger.API, force=True).job
    live.wait_for(lambda: status(away) == Status.QUEUED and away.message == executor.AWAY, what="the attempt's end")
    media.unlink()
    (tmp_path / "elsewhere").rename(media)
    assert ends(live, away).status == Status.SUCCEEDED
    assert_sound(live)
