"""The task that draws what is next in line."""

from __future__ import annotations

from typing import Any

from celery import shared_task

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
    # How it went is said by the job's row. A result of each would be four statements more for a row that nobody reads;
    # that of a failure holds the traceback.
    ignore_result=True,
    store_errors_even_if_ignored=True,
    track_started=False,
    throws=(RenderFailed,),
)
def render(self: SafeTask, *_: object, more: bool = False) -> int:
    """Draw what is next in line in the queues that this worker draws from. Returns how many jobs were drawn; raises
    RenderFailed with the cause chained.

    ``more`` says that more jobs may wait than there are messages. Positional arguments are those of older releases,
    whose messages named a job: they are nudges all the same.
    """
    message: Any = self.request.delivery_info or {}
    if more and (queue := message.get("routing_key")):
        dispatch.refill(queue)
    queues = [queue for queue in Queue if queue.value in self.app.amqp.queues.consume_from]
    return executor.execute_line(queues, worker=self.worker, task_id=self.request.id or "")
