"""Outbox: writing down what is to be told, in the transaction of what happened.

Call it inside the transaction that changes the row: then either both are there or neither. The messages to the workers
go out on commit; those that are lost are made up for by ``deliveries.publish_due``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from renderer.models import Chart, Delivery, RenderJob, Schedule, Webhook, statements
from renderer.models.job import Status
from renderer.models.owned import new_id
from renderer.models.webhook import Event
from renderer.webhooks import messages

OF_JOBS: Final[Mapping[str, Event]] = {
    Status.SUCCEEDED: Event.RENDER_SUCCEEDED,
    Status.FAILED: Event.RENDER_FAILED,
    Status.CANCELLED: Event.RENDER_CANCELLED,
    Status.EXPIRED: Event.RENDER_EXPIRED,
}
"""What is told of a job that came to this status; nothing before its end."""
_CHART: Final = (Chart._meta.label_lower, "image")


def jobs_ended(jobs: Iterable[RenderJob]) -> None:
    """Write down those of these jobs, as they stand here, that are final. Costs one look-up for their owners."""
    ended = [job for job in jobs if job.status in OF_JOBS and job.owner_id is not None]
    # Most owners have none, and to find that out costs next to nothing.
    owners = [owner for owner in {job.owner_id for job in ended} if statements.exists(Webhook, {"owner_id": owner})]
    hooks = _hooks(owners) if owners else {}
    for job in ended:
        event = OF_JOBS[job.status]
        if wanting := [hook for hook in hooks.get(job.owner_id, ()) if event in hook.events]:
            # Of the job, which ends once: drawn again after a restore, its end is the same event to a receiver.
            _deliver(wanting, event, _about(job), event_id=uuid5(job.pk, event.value))


def schedule_paused(schedule: Schedule, *, by_itself: bool) -> None:
    """Nothing comes due any more until somebody resumes it."""
    event = Event.SCHEDULE_PAUSED
    if wanting := [hook for hook in _hooks({schedule.owner_id}).get(schedule.owner_id, ()) if event in hook.events]:
        data = {"schedule": str(schedule.pk), "chart": str(schedule.chart_id), "by_itself": by_itself}
        _deliver(wanting, event, data)


def test(webhook: Webhook) -> Delivery:
    """Something to try a receiver with."""
    return _deliver([webhook], Event.TEST, {"webhook": str(webhook.pk)})[0]


def _hooks(owners: Collection[int | None]) -> Mapping[int | None, list[Webhook]]:
    """The webhooks of these owners that are told of anything."""
    found: dict[int | None, list[Webhook]] = {}
    active = Webhook.objects.filter(owner__in=owners, is_active=True, owner__is_active=True)
    for hook in active.only("id", "owner_id", "events"):
        found.setdefault(hook.owner_id, []).append(hook)
    return found


def _about(job: RenderJob) -> dict[str, Any]:
    """What a receiver needs to ask for more: ids, and no word of what the chart shows."""
    return {
        "job": str(job.pk),
        "chart": job.target_id if (job.target_model, job.target_field) == _CHART else None,
        "target": {"model": job.target_model, "id": job.target_id, "field": job.target_field},
        "status": str(job.status),
        "reason": str(job.reason) or None,
        "unchanged": job.unchanged,
        "trigger": str(job.trigger),
        "created_at": _text(job.created_at),
        "finished_at": _text(job.finished_at),
    }


def _deliver(
    hooks: list[Webhook], event: Event, data: Mapping[str, Any], *, event_id: UUID | None = None
) -> list[Delivery]:
    now, event_id = timezone.now(), event_id or new_id()
    payload = json.dumps({"type": event.value, "timestamp": _text(now), "data": data}, separators=(",", ":"))
    rows = Delivery.objects.bulk_create(
        Delivery(webhook=hook, event_id=event_id, type=event, payload=payload, next_attempt_at=now) for hook in hooks
    )
    ids: list[UUID] = [row.pk for row in rows]
    transaction.on_commit(lambda: messages.publish(ids), robust=True)
    return rows


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
