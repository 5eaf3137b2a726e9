"""How many messages the broker holds: enough for the next moments, and never the backlog."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from renderer.jobs import dispatch, queues
from renderer.models import Worker
from renderer.models.job import Queue
from tests.unit.jobs.conftest import Broker
from tests.unit.jobs.test_line import make, take


def test_a_job_on_an_idle_system_is_one_message_at_once(ada: User, broker: Broker) -> None:
    assert dispatch.publish([make(ada, Queue.INTERACTIVE)]) == 1
    assert (broker.messages(Queue.INTERACTIVE), broker.messages(Queue.BULK)) == (1, 0)


def test_a_backlog_costs_the_broker_nothing(ada: User, broker: Broker) -> None:
    jobs = [make(ada) for _ in range(3)] * 1000
    assert dispatch.publish(jobs) == dispatch.AHEAD
    assert dispatch.publish(jobs[:1]) == 0
    assert broker.messages(Queue.BULK) == dispatch.AHEAD


def test_a_message_is_sent_for_each_that_is_used_up_until_nothing_waits(
    ada: User, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "AHEAD", 4)
    for _ in range(9):
        dispatch.publish([make(ada)])
    assert broker.messages(Queue.BULK) == 4
    drawn = 0
    while more := broker.take(Queue.BULK):
        if more.get("more"):
            dispatch.fill(Queue.BULK)
        assert broker.messages(Queue.BULK) <= 4
        drawn += take() is not None
    assert drawn == 9


def test_a_process_looks_what_is_missing_once_in_a_moment(
    ada: User, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_filled", {})
    monkeypatch.setattr(dispatch, "REFILL", 60.0)
    for _ in range(2):
        make(ada)
    assert [dispatch.refill(Queue.BULK), dispatch.refill(Queue.BULK)] == [2, 0]
    broker.empty()
    monkeypatch.setattr(dispatch, "REFILL", 0.0)
    assert dispatch.refill(Queue.BULK) == 2


def test_an_emptied_broker_gets_what_it_lacks_and_no_more(ada: User, broker: Broker) -> None:
    now = timezone.now()
    for queue in (Queue.BULK, Queue.BULK, Queue.SCHEDULED):
        make(ada, queue)
    make(ada, Queue.BULK, available_at=now + timedelta(minutes=1))
    for _ in range(2):
        dispatch.top_up(timezone.now())
        assert [broker.messages(queue) for queue in (Queue.BULK, Queue.SCHEDULED, Queue.INTERACTIVE)] == [2, 1, 0]


def test_many_hands_get_more_messages(ada: User, broker: Broker) -> None:
    now = timezone.now()
    Worker.objects.create(name="w", concurrency=50, started_at=now, seen_at=now)
    for _ in range(110):
        make(ada)
    assert dispatch.fill(Queue.BULK) == 100


def test_nobody_is_woken_for_a_paused_queue_until_it_goes_on(
    ada: User, broker: Broker, django_capture_on_commit_callbacks: object
) -> None:
    make(ada)
    assert queues.pause(Queue.BULK)
    assert not queues.pause(Queue.BULK), "it was"
    assert queues.paused() == [Queue.BULK]
    dispatch.top_up(timezone.now())
    assert dispatch.fill(Queue.BULK) == 0
    assert broker.messages(Queue.BULK) == 0

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture without a type
        assert queues.resume(Queue.BULK)
        assert not queues.resume(Queue.BULK)

    assert broker.messages(Queue.BULK) == 1
