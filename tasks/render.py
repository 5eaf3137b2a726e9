"""The task that draws the job that is next in line."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.exceptions import Ignore

from renderer.jobs import dispatch, executor
from renderer.jobs.dispatch import RENDER
from renderer.jobs.executor import RenderFailed
from renderer.models.job import Queue

from .safe import SafeTask


# The options stand here and not only in our settings, because a project of somebody else's has its own.
@shared_task(
    name=RENDER,
    bind=True,
    base=SafeTask,
    acks_late=True,
    reject_on_worker_lost=False,
    ignore_result=False,
    # That a job has begun is said by its row; stored here too it would be two statements more, and stay behind as
    # STARTED for each nudge that finds nothing.
    track_started=False,
    throws=(RenderFailed,),
)
def render(self: SafeTask, *_: object, more: bool = False) -> bool:
    """Draw the job that is next in line in the queues that this worker draws from. Returns whether it was drawn;
    raises RenderFailed with the cause chained, and Ignore where nothing waits.

    ``more`` says that more jobs may wait than there are messages. Positional arguments are those of older releases,
    whose messages named a job: they are nudges all the same.
    """
    message: Any = self.request.delivery_info or {}
    if more and (queue := message.get("routing_key")):
        dispatch.fill(queue)
    queues = [queue for queue in Queue if queue.value in self.app.amqp.queues.consume_from]
    drawn = executor.execute_next(queues, worker=self.worker, task_id=self.request.id or "")
    if drawn is None:
        raise Ignore
    return drawn
