"""The task that makes one export."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from renderer.jobs import exports

from .safe import SafeTask


# As with uploads: the row brings it back when the worker is lost.
@shared_task(
    name=exports.MAKE, bind=True, base=SafeTask, acks_late=True, reject_on_worker_lost=False, ignore_result=True
)
def make(self: SafeTask, export_id: str) -> bool:
    """Make an export. Returns whether this message made it."""
    return exports.execute(UUID(export_id), worker=self.worker)
