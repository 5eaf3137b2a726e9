"""A long line, a real broker and one hand to draw: who comes when, and what it costs the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import current_app
from django.contrib.auth.models import User

from renderer.jobs import charts, dispatch, lifecycle, queues
from renderer.models import RenderJob
from renderer.models.job import Queue, Status, Trigger
from renderer.recipe import Recipe

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
LINE = 150


def ask(owner: User, title: str, queue: Queue) -> RenderJob:
    chart, _ = charts.create(owner, Recipe.from_spec(SPEC | {"title": title}))
    return charts.render(chart, trigger=Trigger.CODE, queue=queue).job


def messages(queue: Queue) -> int:
    with current_app.connection_for_write() as connection, connection.channel() as channel:
        declared: Any = current_app.amqp.queues[queue.value].bind(channel).queue_declare()
        return int(declared.message_count)


def passed_by(job: RenderJob) -> int:
    """How many others were begun between the ask for this one and its own beginning."""
    return RenderJob.objects.filter(started_at__gt=job.created_at, started_at__lt=job.started_at).count()


def test_a_long_line_delays_neither_the_urgent_nor_the_others(live: Live) -> None:
    ada, bob = live.user(), live.user("bob")
    for number in range(LINE):
        ask(ada, f"Bulk {number}", Queue.BULK)
    assert messages(Queue.BULK) == dispatch.AHEAD, "the rest of the line is in the database alone"
    live.start_worker(concurrency=1)
    succeeded = RenderJob.objects.filter(status=Status.SUCCEEDED)
    live.wait_for(lambda: succeeded.count() > 5, what="the line to move")

    urgent = ask(ada, "Urgent", Queue.INTERACTIVE)
    his = ask(bob, "His only one", Queue.BULK)

    for job in (urgent, his):
        live.wait_for(succeeded.filter(pk=job.pk).exists, what=f"{job}")
        job.refresh_from_db()
    assert passed_by(urgent) <= 2
    assert passed_by(his) <= 4
    assert queues.pause(Queue.BULK)
    live.wait_for(lambda: not RenderJob.objects.filter(status=Status.RUNNING).exists(), what="the line to stand still")
    drawn = succeeded.count()
    assert drawn < LINE
    assert live.wait_for(lambda: messages(Queue.BULK) == 0, what="the nudges that find nothing") is True
    assert succeeded.count() == drawn
    waiting = list(RenderJob.objects.filter(status=Status.QUEUED).order_by("-turn").defer("recipe"))
    for job in waiting[:-3]:
        assert lifecycle.cancel(job)
    queues.resume(Queue.BULK)

    live.wait_for(lambda: succeeded.count() == drawn + 3, what="what is left of the line")
    assert not RenderJob.objects.filter(status__in=(Status.QUEUED, Status.RUNNING)).exists()
