"""The tasks that deliver webhooks: one attempt, and the look at what is due."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from renderer.webhooks import deliveries
from renderer.webhooks.messages import DELIVER


@shared_task(name=DELIVER, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def deliver(delivery_id: str) -> bool:
    """Attempt a delivery. Returns whether it arrived."""
    return deliveries.attempt(UUID(delivery_id))


@shared_task(name="figpress.webhooks.due", ignore_result=True)
def publish_due() -> int:
    """Tell the workers what is due. Returns how many deliveries."""
    return deliveries.publish_due(timezone.now())
