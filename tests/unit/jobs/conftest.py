"""Jobs in any state, made the way they come about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.utils import timezone

from renderer.jobs import charts, lifecycle
from renderer.jobs.enqueue import enqueue
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Queue, Reason, Status, Trigger
from renderer.recipe import Recipe

HOUR = timedelta(hours=1)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


class Broker:
    """The broker of this process (``memory://``), as somebody sees it who looks in from outside."""

    def messages(self, queue: Queue | str = Queue.INTERACTIVE) -> int:
        """How many wait in a queue."""
        with current_app.connection_for_write() as connection, connection.channel() as channel:
            declared: Any = current_app.amqp.queues[str(queue)].bind(channel).queue_declare()
            return int(declared.message_count)

    def take(self, queue: Queue) -> dict[str, Any] | None:
        """The next message's keyword arguments; None if there is no message."""
        with current_app.connection_for_write() as connection, connection.channel() as channel:
            message = current_app.amqp.queues[queue.value].bind(channel).get(no_ack=True)
            if message is None:
                return None
            kwargs: dict[str, Any] = message.decode()[1]
            return {"message": message, **kwargs}

    def empty(self) -> None:
        """Lose them all."""
        with current_app.connection_for_write() as connection, connection.channel() as channel:
            for queue in Queue:
                current_app.amqp.queues[queue.value].bind(channel).queue_declare()
                current_app.amqp.queues[queue.value].bind(channel).purge()


@pytest.fixture
def broker() -> Iterator[Broker]:
    """An empty broker."""
    broker = Broker()
    broker.empty()
    yield broker
    broker.empty()


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small chart spec."""
    return {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture
def chart(ada: User, spec: dict[str, Any]) -> Chart:
    return charts.create(ada, Recipe.from_spec(spec))[0]


@pytest.fixture
def job(chart: Chart) -> RenderJob:
    """A queued job."""
    return charts.render(chart, trigger=Trigger.API).job


@pytest.fixture
def claim(job: RenderJob) -> Claim:
    """A running job, as its worker sees it."""
    claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
    assert claimed
    return claimed


@pytest.fixture
def job_in(chart: Chart) -> Callable[[Status], RenderJob]:
    """Make a job in a given status."""

    def make(status: Status) -> RenderJob:
        job = enqueue(
            Recipe.from_json({"spec": chart.spec, "formats": ["png"]}),
            Target.of(chart, "image"),
            trigger=Trigger.API,
            expires_at=timezone.now() + HOUR,
        ).job
        if status is Status.CANCELLED:
            assert lifecycle.cancel(job)
        elif status is Status.EXPIRED:
            assert lifecycle.expire(timezone.now() + HOUR)
        elif status is not Status.QUEUED:
            claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
            assert claimed
            if status is Status.SUCCEEDED:
                assert lifecycle.succeed(claimed, warnings=[], timings={})
            elif status is Status.FAILED:
                assert lifecycle.fail(claimed, Reason.INTERNAL, "no")
        job.refresh_from_db()
        assert job.status == status
        return job

    return make
