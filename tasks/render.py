"""The task that draws one job."""

from __future__ import annotations

import os
from uuid import UUID

from celery import Task, shared_task
from celery.worker.request import Request

from renderer.jobs import executor
from renderer.jobs.dispatch import RENDER
from renderer.jobs.executor import RenderFailed


class SafeRequest(Request):
    """A MemoryError that leaves a task stops the whole worker, and with late acknowledgement it stops it again after
    each restart. The executor lets none out; this is the second line, for one raised between the two."""

    def on_failure(self, exc_info, send_failed_event=True, return_ok=False):  # type: ignore[no-untyped-def]  # celery's signature
        """Called in the worker's main process."""
        inner = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(inner, MemoryError):
            exc_info.exception = RenderFailed("out of memory")
        return super().on_failure(exc_info, send_failed_event, return_ok)


class RenderTask(Task[..., bool]):
    """Requests of this task are safe."""

    Request = SafeRequest  # type: ignore[assignment]  # Celery takes a class as well as the name of one


# The options stand here and not only in our settings, because a project of somebody else's has its own.
@shared_task(
    name=RENDER,
    bind=True,
    base=RenderTask,
    acks_late=True,
    reject_on_worker_lost=False,
    ignore_result=False,
    track_started=True,
    throws=(RenderFailed,),
)
def render(self: RenderTask, job_id: str) -> bool:
    """Draw a job. Returns whether this message drew it; raises RenderFailed with the cause chained."""
    return executor.execute(
        UUID(job_id), worker=f"{self.request.hostname}#{os.getppid()}", task_id=self.request.id or ""
    )
