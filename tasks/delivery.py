"""The tasks that deliver webhooks: one attempt, and the look at what is due."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from renderer import tracing
from renderer.webhooks import deliveries
from renderer.webhooks.messages import DELIVER

from .safe import SafeTask


@shared_task(name=DELIVER, bind=True, base=SafeTask, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def deliver(self: SafeTask, delivery_id: str) -> bool:
    """Attempt a delivery. Returns whether it arrived."""
    # The first attempt is part of the trace of what it tells; it has one only as long as its message lives.
    of = str((self.request.headers or {}).get(tracing.HEADER, ""))
    with tracing.span("deliver", {"figpress.delivery": delivery_id}, kind="client", of=of):
        return deliveries.attempt(UUID(delivery_id), worker=self.worker)


@shared_task(name="figpress.webhooks.due", base=SafeTask, ignore_result=True)
def publish_due() -> int:
    """Tell the workers what is due. Returns how many deliveries."""
    return deliveries.publish_due(timezone.now())
