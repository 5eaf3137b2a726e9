"""Nudges to the workers: a broker message that carries a job's id, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import current_app
from django.utils import timezone
from kombu.exceptions import OperationalError

from renderer.models import RenderJob

RENDER = "figpress.render"
"""The task's name. ``renderer`` publishes by name and never imports the tasks."""

logger = logging.getLogger(__name__)


def publish(jobs: Iterable[RenderJob]) -> int:
    """Publish jobs, and note when. Returns how many the broker took.

    A broker that is away is no error here: the row is queued, and the sweeper publishes it later. Publishing twice
    is harmless, because claiming is guarded.
    """
    sent = []
    for job in jobs:
        try:
            # No limits in the message: the worker's own count, whatever this process would set.
            current_app.send_task(RENDER, args=[str(job.pk)], queue=job.queue, time_limit=None, soft_time_limit=None)
        except (OperationalError, OSError) as error:
            logger.warning("the broker is away (%s); job %s waits for the sweeper", error, job.pk)
            break
        sent.append(job.pk)
    if sent:
        RenderJob.objects.filter(pk__in=sent).update(published_at=timezone.now())
    return len(sent)
