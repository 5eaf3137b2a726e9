"""What a patrol brings back, and what it leaves alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from renderer.jobs import datasets, dispatch, exports, lifecycle, rescue
from renderer.jobs.lifecycle import Claim
from renderer.models import Dataset, DatasetVersion, Delivery, Export, RenderJob, Worker
from renderer.models.job import Reason, Stage, Status
from renderer.models.owned import new_id
from renderer.models.worker import LOST_AFTER
from renderer.webhooks import deliveries, hooks, outbox
from tests.unit.jobs.conftest import Broker


def worker(name: str, *, seen: timedelta) -> None:
    now = timezone.now()
    Worker.objects.create(name=name, started_at=now - timedelta(hours=1), seen_at=now - seen)


def status(job: RenderJob) -> str:
    job.refresh_from_db()
    return job.status


def test_a_job_of_a_silent_worker_is_brought_back_at_once(claim: Claim, broker: Broker) -> None:
    worker(claim.job.worker, seen=LOST_AFTER + timedelta(seconds=1))
    rescue.patrol(timezone.now())
    assert status(claim.job) == Status.QUEUED
    assert broker.messages() == 1


def test_a_job_of_a_living_worker_is_left_alone(claim: Claim, broker: Broker) -> None:
    worker(claim.job.worker, seen=LOST_AFTER - timedelta(seconds=2))
    rescue.patrol(timezone.now())
    assert status(claim.job) == Status.RUNNING
    assert broker.messages() == 0


def test_a_job_whose_lease_is_over_is_brought_back_even_from_a_living_worker(claim: Claim) -> None:
    worker(claim.job.worker, seen=timedelta())
    rescue.patrol(timezone.now() + lifecycle.LEASE + timedelta(seconds=1))
    assert status(claim.job) == Status.QUEUED


def test_who_was_cut_off_itself_takes_nobody_for_lost(claim: Claim) -> None:
    worker(claim.job.worker, seen=timedelta(hours=1))
    rescue.patrol(timezone.now() + timedelta(hours=1), steady=False)
    assert status(claim.job) == Status.RUNNING


def test_a_sign_of_life_from_before_the_clock_was_set_back_is_none(claim: Claim) -> None:
    worker(claim.job.worker, seen=timedelta(hours=-1))
    rescue.patrol(timezone.now())
    assert status(claim.job) == Status.QUEUED


def test_a_lease_from_before_the_clock_was_set_back_is_over(claim: Claim) -> None:
    worker(claim.job.worker, seen=timedelta())
    RenderJob.objects.update(lease_expires_at=timezone.now() + timedelta(hours=1))
    rescue.patrol(timezone.now())
    assert status(claim.job) == Status.QUEUED


@pytest.mark.parametrize("how", ["lost", "given back", "timed out"])
def test_what_a_dead_attempt_had_begun_to_store_is_removed(
    how: str, claim: Claim, media: Path, broker: Broker, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    names = [default_storage.save(name, ContentFile(b"half a pic")) for name in ("charts/1.png", "renditions/1.svg")]
    assert lifecycle.advance(claim, Stage.STORING, files=[*names, "renditions/never-written.pdf"])
    with django_capture_on_commit_callbacks(execute=True):
        match how:
            case "lost":
                rescue.bring_back(claim.job)
            case "given back":
                rescue.give_back(claim.job.worker)
            case _:
                rescue.end_attempt("task-1", worker=claim.job.worker, timed_out=True)
    assert not any(default_storage.exists(name) for name in names)


def test_a_rescue_that_comes_too_late_removes_nothing(claim: Claim, media: Path) -> None:
    name = default_storage.save("charts/1.png", ContentFile(b"a picture"))
    assert lifecycle.advance(claim, Stage.STORING, files=[name])
    assert lifecycle.succeed(claim, warnings=[], timings={})
    rescue.bring_back(claim.job)
    assert default_storage.exists(name)


def test_a_message_that_never_came_or_was_lost_is_sent_by_the_patrol(job: RenderJob, broker: Broker) -> None:
    rescue.patrol(timezone.now())
    assert broker.messages() == 1
    rescue.patrol(timezone.now())
    assert broker.messages() == 1, "one is enough"
    broker.empty()
    rescue.patrol(timezone.now())
    assert broker.messages() == 1


def test_a_job_that_waits_for_its_next_attempt_is_published_when_it_is_time(claim: Claim, broker: Broker) -> None:
    lifecycle.retry(claim, Reason.STORAGE_ERROR, "full")
    claim.job.refresh_from_db()
    rescue.patrol(claim.job.available_at - timedelta(milliseconds=1))
    assert broker.messages() == 0
    rescue.patrol(claim.job.available_at)
    assert broker.messages() == 1


def test_a_patrol_expires_what_is_not_worth_drawing(job: RenderJob) -> None:
    RenderJob.objects.update(expires_at=timezone.now())
    rescue.patrol(timezone.now())
    assert status(job) == Status.EXPIRED


def test_a_worker_that_shuts_down_gives_back_what_it_had(claim: Claim, broker: Broker) -> None:
    rescue.give_back("somebody@else#2")
    assert status(claim.job) == Status.RUNNING
    rescue.give_back(claim.job.worker)
    assert status(claim.job) == Status.QUEUED
    assert broker.messages() == 1


@pytest.mark.parametrize(("timed_out", "end"), [(True, Status.FAILED), (False, Status.QUEUED)])
def test_the_parent_ends_the_attempt_of_a_child_that_died(
    timed_out: bool, end: Status, claim: Claim, broker: Broker
) -> None:
    rescue.end_attempt("task-of-somebody", worker=claim.job.worker, timed_out=timed_out)
    rescue.end_attempt("task-1", worker="another@host#9", timed_out=timed_out)
    assert status(claim.job) == Status.RUNNING

    rescue.end_attempt("task-1", worker=claim.job.worker, timed_out=timed_out)

    assert status(claim.job) == end
    assert claim.job.reason == (Reason.TIMEOUT if timed_out else "")
    assert broker.messages() == (0 if timed_out else 1)


def test_a_task_that_was_delivered_twice_ends_only_its_last_attempt(claim: Claim) -> None:
    lifecycle.rescue(claim.job)
    again = lifecycle.claim(claim.job.pk, worker=claim.job.worker, task_id="task-1")
    assert again
    rescue.end_attempt("task-1", worker=claim.job.worker, timed_out=True)
    assert status(claim.job) == Status.FAILED
    assert claim.job.attempt == 2


def test_a_broker_that_is_away_is_no_error(job: RenderJob, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app
    from kombu.exceptions import OperationalError

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", refuse)
    assert dispatch.publish([job]) == 0
    job.refresh_from_db()
    assert job.status == Status.QUEUED


Held = DatasetVersion | Export | Delivery


def held(task: str, monkeypatch: pytest.MonkeyPatch) -> Held:
    """Something else that the worker w@host#1 is at: an upload, an export or a delivery."""
    ada = User.objects.create_user("ada")
    mine: Held
    match task:
        case datasets.READ:
            dataset = Dataset.objects.create(owner=ada, name="sales")
            mine = DatasetVersion.objects.create(dataset=dataset, number=1)
            assert datasets._claim(mine.pk, "w@host#1")
        case exports.MAKE:
            mine = Export.objects.create(owner=ada)
            assert exports._claim(mine.pk, "w@host#1")
        case _:
            mine = outbox.test(hooks.create(ada, "https://example.org/hook")[0])
            with monkeypatch.context() as patch:
                patch.setattr(deliveries, "_send", lambda *_: sys.exit())
                with pytest.raises(SystemExit):
                    deliveries.attempt(mine.pk, worker="w@host#1")
    mine.refresh_from_db()
    return mine


def is_held(row: Held) -> bool:
    row.refresh_from_db()
    return (row.held_until if isinstance(row, Delivery) else row.lease_expires_at) is not None


@pytest.mark.parametrize("task", rescue.OTHERS)
class TestOthers:
    """What workers work on besides jobs is brought back as jobs are."""

    def test_from_a_silent_worker_at_once(self, task: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        row = held(task, monkeypatch)
        worker("w@host#1", seen=LOST_AFTER - timedelta(seconds=2))
        rescue.patrol(timezone.now())
        assert is_held(row), "it lives"
        Worker.objects.update(seen_at=timezone.now() - LOST_AFTER)
        rescue.patrol(timezone.now(), steady=False)
        assert is_held(row), "who was cut off itself takes nobody for lost"
        rescue.patrol(timezone.now())
        assert not is_held(row)

    def test_from_a_child_that_died(self, task: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        row = held(task, monkeypatch)
        rescue.end_other("shop.mail", [str(row.pk)], worker="w@host#1")
        rescue.end_other(task, [str(row.pk)], worker="w@host#2")
        rescue.end_other(task, [str(new_id())], worker="w@host#1")
        assert is_held(row)
        rescue.end_other(task, [str(row.pk)], worker="w@host#1")
        assert not is_held(row)

    def test_one_that_kills_whoever_takes_it_ends(self, task: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        row = held(task, monkeypatch)
        type(row)._default_manager.update(**{"attempts" if isinstance(row, Delivery) else "attempt": 20})
        rescue.bring_back_from("w@host#1")
        row.refresh_from_db()
        assert row.status == "failed"

    def test_a_worker_that_shuts_down_gives_it_back_at_no_cost(
        self, task: str, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = held(task, monkeypatch)
        rescue.give_back("w@host#2")
        assert is_held(row)
        rescue.give_back("w@host#1")
        assert not is_held(row)
        assert (row.attempts if isinstance(row, Delivery) else row.attempt) == 0
