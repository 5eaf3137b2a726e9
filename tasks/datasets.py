"""The task that reads one upload."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from renderer.jobs import datasets

from .safe import SafeTask


# Late acknowledgement, and no redelivery when the worker is lost, as with render jobs: the row brings it back.
@shared_task(
    name=datasets.READ, bind=True, base=SafeTask, acks_late=True, reject_on_worker_lost=False, ignore_result=True
)
def read(self: SafeTask, version_id: str) -> bool:
    """Read an upload. Returns whether this message read it."""
    return datasets.execute(UUID(version_id), worker=self.worker)
