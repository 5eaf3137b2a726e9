"""Workers that are asked to go: they end what they draw, or give it back, and are gone, not lost."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from renderer.models import Worker
from renderer.models.job import Status
from renderer.models.worker import State
from tests.live.installation import Live
from tests.live.steps import ask, ask_spec, assert_sound, ends, is_drawing, open_gate, status

pytestmark = pytest.mark.live


def test_asked_asked_again_and_killed(live: Live, hazards: dict[str, Any], gate: Path, tmp_path: Path) -> None:
    hazards |= {"FIGPRESS_SHUTDOWN_TIMEOUT": "1", "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    job = ask(live, "gated", gate=str(gate)).job

    # SIGTERM and another one: no time to end what is drawn, so it is given back. It costs no attempt.
    worker = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job), what="the claim")
    worker.signal(signal.SIGTERM)
    live.wait_for(lambda: Worker.objects.get().state(timezone.now()) == State.STOPPING, what="it to say that it stops")
    worker.signal(signal.SIGTERM)
    live.wait_for(lambda: not worker.is_running, what="its end")
    assert not Worker.objects.exists(), "it is gone, not lost"
    job.refresh_from_db()
    assert (job.status, job.attempt, job.max_attempts) == (Status.QUEUED, 1, 4)

    # The same at the first one, on a platform that kills soon.
    worker = live.start_worker(concurrency=1, REMAP_SIGTERM="SIGQUIT", **hazards)
    live.wait_for(lambda: is_drawing(job, 2), what="the claim")
    worker.signal(signal.SIGTERM)
    live.wait_for(lambda: not worker.is_running, what="its end")
    job.refresh_from_db()
    assert (job.status, job.attempt, job.max_attempts) == (Status.QUEUED, 2, 5)

    # SIGTERM, and then SIGKILL before it is done: noticed like any other death.
    worker = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job, 3), what="the claim")
    worker.signal(signal.SIGTERM)
    live.wait_for(lambda: Worker.objects.get().stopping, what="it to say that it stops")
    live.kill_worker(worker)

    # SIGTERM alone: it ends what it draws, and takes nothing more.
    worker = live.start_worker(concurrency=1, **hazards)
    live.wait_for(lambda: is_drawing(job, 4), what="the claim")
    waiting = ask_spec(live, "Waits for the next worker")
    worker.signal(signal.SIGTERM)
    open_gate(live, gate)
    live.wait_for(lambda: not worker.is_running, what="its end")
    assert worker.returncode == 0
    assert status(job) == Status.SUCCEEDED
    assert [attempt.outcome for attempt in job.attempts.all()] == [
        "given back",
        "given back",
        "worker lost",
        "succeeded",
    ]
    assert status(waiting) == Status.QUEUED
    assert not Worker.objects.filter(stopping=False).exists()

    live.start_worker(concurrency=1)
    assert ends(live, waiting).status == Status.SUCCEEDED
    left = list((tmp_path / "tmp").glob("figpress-worker-*"))
    assert len(left) == 1, "each takes its children's folder with it, but for the one that was killed"
    assert_sound(live)
