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
from workers import heartbeat
from workers.heartbeat import Heartbeat


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


@pytest.mark.django_db
def test_a_beat_patrols_and_forgets_workers_of_long_ago() -> None:
    now = timezone.now()
    Worker.objects.create(name="old@host#9", started_at=now, seen_at=now - timedelta(days=2))
    Worker.objects.create(name="w@host#1", started_at=now, seen_at=now - timedelta(minutes=1))
    Heartbeat("w@host#1", queues="", concurrency=1).beat()
    assert [worker.is_alive(timezone.now()) for worker in Worker.objects.all()] == [True]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_does_not_end_the_heartbeat(
    fast: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patrols: list[object] = []

    def away_at_first(now: object) -> None:
        patrols.append(now)
        if len(patrols) == 1:
            raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(rescue, "patrol", away_at_first)
    beat = Heartbeat("w@host#1", queues="", concurrency=1)
    with caplog.at_level(logging.WARNING):
        beat.start()
        wait(lambda: len(patrols) > 2)
        beat.stop()
    assert "heartbeat: the database is away" in caplog.text
