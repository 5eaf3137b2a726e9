"""What pages say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from renderer.jobs import charts, lifecycle
from renderer.models import Chart, RenderJob, Worker
from renderer.models.job import Reason, Stage, Status, Trigger
from renderer.models.worker import LOST_AFTER
from renderer.recipe import Recipe
from renderer.web import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 ms"),
        (0.0004, "0 ms"),
        (0.34, "340 ms"),
        (0.9996, "1.0 s"),
        (4.24, "4.2 s"),
        (59.97, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7_860, "2 h 11 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(timedelta(seconds=seconds)) == text


def test_there_is_a_word_for_everything() -> None:
    assert set(words.ADVICE) == set(Reason)
    assert set(words.WORKING) == set(Stage)
    assert set(words.STATES) == set(Status)


def test_the_place_in_the_queue(job: RenderJob, chart: Chart, spec: dict[str, Any]) -> None:
    waiting = [job]
    for title in ("b", "c"):
        other, _ = charts.create(chart.owner, Recipe.from_spec(spec | {"title": title}))
        waiting.append(charts.render(other, trigger=Trigger.WEB).job)
    assert [words.sentence(job, timezone.now()) for job in waiting] == [
        "Next in line.",
        "1 job is before it.",
        "2 jobs are before it.",
    ]


def test_a_retry_says_why_and_that_another_attempt_follows(job: RenderJob) -> None:
    claim = lifecycle.claim(job.pk, worker="w", task_id="t")
    assert claim
    assert lifecycle.retry(claim, Reason.STORAGE_ERROR, "The storage is full.")
    job.refresh_from_db()
    before = job.available_at - timedelta(seconds=1)
    assert words.sentence(job, before) == "The storage is full. Attempt 2 of 3 follows in a moment."


def test_a_running_job(job: RenderJob, ended: Callable[[RenderJob, Status], RenderJob]) -> None:
    running = ended(job, Status.RUNNING)
    assert words.sentence(running, timezone.now()) == "Drawing the picture."
    assert words.state_of(running).label == "Drawing"
    assert lifecycle.cancel(running)
    running.refresh_from_db()
    assert words.state_of(running).label == "Stopping"


def test_whether_a_worker_is_there(db: None) -> None:
    now = timezone.now()
    missing = words.no_worker(now)
    assert missing
    assert missing.seen is None
    assert missing.command == "celery -A project worker -Q interactive,bulk,scheduled,fetch,upkeep,data"
    Worker.objects.create(name="w", started_at=now, seen_at=now - LOST_AFTER)
    gone = words.no_worker(now)
    assert gone
    assert gone.seen == now - LOST_AFTER
    Worker.objects.update(seen_at=now)
    assert words.no_worker(now) is None
