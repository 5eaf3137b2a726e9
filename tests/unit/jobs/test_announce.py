"""Who hears what of a job: a project's signals, the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from renderer import logs, signals
from renderer.jobs import charts, lifecycle
from renderer.jobs.enqueue import enqueue
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Reason, Stage, Status, Trigger

SIGNALS = {name: signal for name, signal in vars(signals).items() if name.startswith("job_")}
Capture = Callable[..., Any]


@pytest.fixture
def heard() -> Iterator[list[tuple[str, type, RenderJob]]]:
    """Every signal that is sent: its name, its sender, its job."""
    found: list[tuple[str, type, RenderJob]] = []
    with ExitStack() as stack:
        for name, signal in SIGNALS.items():

            def receive(sender: type, job: RenderJob, *, name: str = name, **_: Any) -> None:
                found.append((name, sender, job))

            signal.connect(receive, weak=False)
            stack.callback(signal.disconnect, receive)
        yield found


def _claim(job: RenderJob) -> Claim:
    claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
    assert claimed
    return claimed


VERBS: dict[str, tuple[Callable[[Claim], object], str, Status]] = {
    "advance": (lambda claim: lifecycle.advance(claim, Stage.DRAWING), "job_advanced", Status.RUNNING),
    "succeed": (lambda claim: lifecycle.succeed(claim, warnings=[], timings={}), "job_succeeded", Status.SUCCEEDED),
    "fail": (lambda claim: lifecycle.fail(claim, Reason.TIMEOUT, "slow"), "job_failed", Status.FAILED),
    "stop": (lambda claim: lifecycle.stop(claim, "gone"), "job_cancelled", Status.CANCELLED),
    "retry": (lambda claim: lifecycle.retry(claim, Reason.INTERNAL, "away"), "job_requeued", Status.QUEUED),
    "release": (lifecycle.release, "job_requeued", Status.QUEUED),
    "rescue": (lambda claim: lifecycle.rescue(claim.job), "job_requeued", Status.QUEUED),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_sends_its_signal_when_it_is_committed(
    verb: str,
    claim: Claim,
    heard: list[tuple[str, type, RenderJob]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    say, name, status = VERBS[verb]
    with django_capture_on_commit_callbacks(execute=True):
        assert say(claim)
        assert heard == [], "not before the commit"

    ((sent, sender, job),) = heard
    assert (sent, sender, job.pk, job.status) == (name, Chart, claim.job.pk, status)
    row = RenderJob.objects.get(pk=job.pk)
    assert (job.stage, job.reason, job.message, job.finished_at) == (
        row.stage,
        row.reason,
        row.message,
        row.finished_at,
    )


def test_what_changes_nothing_is_not_told(
    claim: Claim, heard: list[tuple[str, type, RenderJob]], django_capture_on_commit_callbacks: Capture
) -> None:
    lifecycle.fail(claim, Reason.TIMEOUT, "slow")
    with django_capture_on_commit_callbacks(execute=True):
        for say, _, _ in VERBS.values():
            say(claim)
        lifecycle.cancel(claim.job)
    assert heard == []


def test_a_change_that_is_rolled_back_is_not_told(
    claim: Claim, heard: list[tuple[str, type, RenderJob]], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        assert lifecycle.fail(claim, Reason.TIMEOUT, "slow")
        transaction.set_rollback(True)
    assert heard == []


def test_from_the_ask_to_the_end(
    chart: Chart, heard: list[tuple[str, type, RenderJob]], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = charts.render(chart, trigger=Trigger.API).job
        charts.render(chart, trigger=Trigger.API)  # joins, and is no news
        _claim(job)
    assert [name for name, _, _ in heard] == ["job_queued", "job_started"]
    assert (heard[1][2].status, heard[1][2].attempt) == (Status.RUNNING, 1)


def test_jobs_that_expire_and_are_cancelled_are_told(
    chart: Chart,
    job: RenderJob,
    heard: list[tuple[str, type, RenderJob]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    now = timezone.now()
    late = enqueue(
        charts.recipe_of(chart).with_files(formats=["webp"], scales=[], themes=[]),
        Target.of(chart, "image"),
        trigger=Trigger.SCHEDULE,
        expires_at=now,
    ).job
    with django_capture_on_commit_callbacks(execute=True):
        assert lifecycle.cancel(job)
        assert lifecycle.expire(now) == 1
    assert [(name, told.pk, told.status) for name, _, told in heard] == [
        ("job_cancelled", job.pk, Status.CANCELLED),
        ("job_expired", late.pk, Status.EXPIRED),
    ]


def test_a_receiver_that_raises_stops_nobody(
    claim: Claim, heard: list[tuple[str, type, RenderJob]], django_capture_on_commit_callbacks: Capture
) -> None:
    def breaks(**_: Any) -> None:
        raise RuntimeError("a project's own error")

    signals.job_failed.connect(breaks)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert lifecycle.fail(claim, Reason.TIMEOUT, "slow")
    finally:
        signals.job_failed.disconnect(breaks)
    assert [name for name, _, _ in heard] == ["job_failed"]


def test_the_log_leads_from_the_request_to_the_worker(
    chart: Chart, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Capture
) -> None:
    caplog.set_level(logging.DEBUG, "renderer.jobs.announce")
    with django_capture_on_commit_callbacks(execute=True), logs.context(request_id="req-7"):
        job = charts.render(chart, trigger=Trigger.WEB).job
        claimed = _claim(job)
        lifecycle.fail(claimed, Reason.FIGURE_ERROR, "It raised ValueError.")

    fields = [vars(line) for line in caplog.records if line.name == "renderer.jobs.announce"]
    assert [line["action"] for line in fields] == ["job.queued", "job.started", "job.failed"]
    for line in fields:
        assert (line["job"], line["request_id"], line["chart"]) == (str(job.pk), "req-7", str(chart.pk))
    assert (fields[2]["worker"], fields[2]["attempt"], fields[2]["reason"]) == ("w@host#1", 1, "figure_error")
    assert fields[2]["levelname"] == "WARNING"
