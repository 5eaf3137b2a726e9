"""Signs of life. That a dead worker is noticed is seen with real processes, in tests/live."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from renderer.jobs import rescue
from renderer.models import Worker
from renderer.models.worker import LOST_AFTER, State
from workers import heartbeat
from workers.heartbeat import Heartbeat, Steadiness


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between beats."""
    monkeypatch.setattr(heartbeat, "BEAT_EVERY", timedelta(milliseconds=5))


def wait(condition: Callable[[], Any]) -> None:
    """Wait for another thread, with a deadline."""
    from project import local

    local.wait_for(condition, deadline=20)


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_seen_until_it_is_gone(fast: None) -> None:
    beat = Heartbeat("w@host#1", queues="bulk,interactive", concurrency=4)
    beat.start()
    worker = Worker.objects.get()
    assert (worker.name, worker.queues, worker.concurrency) == ("w@host#1", "bulk,interactive", 4)
    wait(lambda: Worker.objects.get().seen_at > worker.seen_at)
    beat.stop()
    assert not Worker.objects.exists()


@pytest.fixture
def worker(db: None) -> Worker:
    """A worker's row, not seen for a minute."""
    now = timezone.now()
    return Worker.objects.create(name="w@host#1", started_at=now, seen_at=now - timedelta(minutes=1))


def test_a_patrol_forgets_workers_of_long_ago(worker: Worker) -> None:
    now = timezone.now()
    Worker.objects.create(name="old@host#9", started_at=now, seen_at=now - timedelta(days=2))
    beat = Heartbeat("w@host#1", queues="", concurrency=1)
    beat.patrol()
    assert Worker.objects.count() == 2, "before its first beat it knows nothing"
    beat.beat()
    beat.patrol()
    assert [worker.is_alive(timezone.now()) for worker in Worker.objects.all()] == [True]


def test_a_worker_whose_main_loop_stands_still_is_deaf(worker: Worker) -> None:
    beat = Heartbeat("w@host#1", queues="", concurrency=1)
    beat.listen()
    beat.beat()
    worker.refresh_from_db()
    assert worker.state(timezone.now()) == State.ALIVE

    beat.listened -= 60
    beat.beat()
    worker.refresh_from_db()
    assert worker.state(timezone.now()) == State.DEAF

    beat.stopping = True
    beat.beat()
    worker.refresh_from_db()
    assert worker.state(timezone.now()) == State.STOPPING
    assert worker.state(timezone.now() + LOST_AFTER * 2) == State.LOST


class TestSteadiness:
    """Who was cut off, or whose clock was set, takes nobody for lost."""

    def beats(self, *gaps: tuple[float, float]) -> tuple[Steadiness, float, timedelta]:
        """Beats with so many seconds of the clock, and of the machine, before each; and the last jump."""
        steadiness, jump = Steadiness(), timedelta()
        clock, moment = timezone.now(), steadiness._since
        for passed, ran in gaps:
            clock += timedelta(seconds=passed)
            moment += ran
            jump = steadiness.note(clock, moment)
        return steadiness, moment, jump

    def test_it_is_steady_after_a_few_beats(self) -> None:
        assert not self.beats((2, 2))[0].is_steady(0)
        steadiness, moment, jump = self.beats(*[(2, 2)] * 4)
        assert steadiness.is_steady(moment)
        assert jump == timedelta()

    def test_a_gap_makes_it_wait_until_the_others_had_their_turn(self) -> None:
        steadiness, moment, _ = self.beats(*[(2, 2)] * 4, (40, 40))
        assert not steadiness.is_steady(moment)
        steadiness, moment, _ = self.beats(*[(2, 2)] * 4, (40, 40), (2, 2), (2, 2), (2, 2))
        assert steadiness.is_steady(moment)

    def test_while_its_own_beats_fail_it_is_not_steady(self) -> None:
        steadiness, moment, _ = self.beats(*[(2, 2)] * 4)
        assert not steadiness.is_steady(moment + 5)

    @pytest.mark.parametrize("hours", [1, -1])
    def test_a_clock_that_was_set_is_noticed(self, hours: int) -> None:
        steadiness, moment, jump = self.beats(*[(2, 2)] * 4, (hours * 3600 + 2, 2))
        assert not steadiness.is_steady(moment)
        assert jump == timedelta(hours=hours)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_does_not_end_the_heartbeat(
    fast: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patrols: list[object] = []

    def away_at_first(now: object, *, steady: bool) -> None:
        patrols.append(now)
        if len(patrols) == 1:
            raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(rescue, "patrol", away_at_first)
    beat = Heartbeat("w@host#1", queues="", concurrency=1)
    with caplog.at_level(logging.WARNING):
        beat.start()
        wait(lambda: len(patrols) > 2)
        beat.stop()
    assert "patrol: the database is away" in caplog.text
