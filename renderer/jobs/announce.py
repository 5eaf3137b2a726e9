"""Announce: telling everybody who listens what became of a job, once that is committed.

The lifecycle calls :func:`tell` after each of its updates. Who waits hears of it from a stream (``events``), a
project's own code by a signal (``renderer.signals``), the operator by a line in the log. What goes to webhooks is
written before, in the transaction of the update: it must not be lost.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from django.apps import apps
from django.db import transaction
from django.dispatch import Signal

from renderer import signals
from renderer.jobs import events
from renderer.models import RenderJob
from renderer.webhooks import outbox

logger = logging.getLogger(__name__)


class Action(StrEnum):
    """What happened to a job."""

    QUEUED = "queued"
    STARTED = "started"
    ADVANCED = "advanced"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RETRIED = "retried"
    RESCUED = "rescued"
    RELEASED = "released"


SIGNALS: Final[Mapping[Action, Signal]] = {
    Action.QUEUED: signals.job_queued,
    Action.STARTED: signals.job_started,
    Action.ADVANCED: signals.job_advanced,
    Action.SUCCEEDED: signals.job_succeeded,
    Action.FAILED: signals.job_failed,
    Action.CANCELLED: signals.job_cancelled,
    Action.EXPIRED: signals.job_expired,
    Action.RETRIED: signals.job_requeued,
    Action.RESCUED: signals.job_requeued,
    Action.RELEASED: signals.job_requeued,
}
_LEVELS: Final[Mapping[Action, int]] = {
    Action.STARTED: logging.DEBUG,
    Action.ADVANCED: logging.DEBUG,
    Action.FAILED: logging.WARNING,
    Action.RETRIED: logging.WARNING,
    Action.RESCUED: logging.WARNING,
}


def tell(action: Action, *jobs: RenderJob, **changed: Any) -> None:
    """Say on commit that this happened to these jobs; ``changed`` is what the update wrote.

    Called in the transaction of an update that ends a job.
    """
    if jobs:
        now = [_as_changed(job, changed) for job in jobs]
        outbox.jobs_ended(now)

        def announce() -> None:  # a function with a name: Django logs it when it raises
            _announce(action, now)

        transaction.on_commit(announce, robust=True)


def _as_changed(job: RenderJob, changed: Mapping[str, Any]) -> RenderJob:
    """A copy: the caller's own goes on showing what it read."""
    job = copy.copy(job)
    for name, value in changed.items():
        setattr(job, name, value)
    return job


def _announce(action: Action, jobs: Sequence[RenderJob]) -> None:
    events.publish(action, jobs)
    for job in jobs:
        _log(action, job)
        if signal := SIGNALS.get(action):
            signal.send_robust(sender=_model_of(job), job=job)


def _model_of(job: RenderJob) -> type:
    try:
        return apps.get_model(job.target_model)
    except LookupError:  # the project has taken the model away
        return RenderJob


def _log(action: Action, job: RenderJob) -> None:
    level = _LEVELS.get(action, logging.INFO)
    if not logger.isEnabledFor(level):
        return
    says, more = f"job {job.pk}: {action}", dict[str, object]()
    if action is Action.SUCCEEDED:
        more["ms"] = round(sum(job.timings.values()), 1)
        more["timings"] = job.timings
        says += f" in {more['ms']:.0f} ms"
    if action is Action.ADVANCED:
        says += f" to {job.stage}"
    if action in (Action.FAILED, Action.RETRIED, Action.CANCELLED, Action.RESCUED):
        says += f": {job.message}"
    if job.is_final and job.waited is not None:
        more["waited_ms"] = round(job.waited.total_seconds() * 1000)
    fields = {"action": f"job.{action}", **fields_of(job), **more}
    logger.log(level, "%s", says, extra={name: value for name, value in fields.items() if value not in ("", None)})


def fields_of(job: RenderJob) -> dict[str, object]:
    """What a line in the log says about a job."""
    return {
        "job": str(job.pk),
        "request_id": job.request_id,
        "chart": events.chart_of(job),
        "owner": job.owner_id,
        "worker": job.worker,
        "attempt": job.attempt or None,
        "queue": job.queue,
        "reason": job.reason,
    }
