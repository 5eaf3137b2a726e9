"""Nudges to the workers: broker messages that say "there is work", and nothing else.

Which job a worker draws is decided when it has a hand free, by the row that is next in line (``line.py``), and of small
charts it draws several for one message. So the broker holds no backlog, only a few messages for the next moments: never
more than AHEAD, or twice as many as there are hands to draw. Behind a long line one message is sent for each that is
used up, a handful at a time, by the worker that gets a message marked ``more``.

A message that is lost, comes late or comes twice does no harm: every worker's heartbeat sends what is missing
(:func:`top_up`), and a nudge that finds nothing is over at once.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from celery import current_app
from django.utils import timezone
from kombu import Producer
from kombu.exceptions import OperationalError

from renderer import tracing
from renderer.jobs import line, pace
from renderer.models import PausedQueue, RenderJob
from renderer.models.job import Queue

RENDER = "figpress.render"
"""The task's name. ``renderer`` publishes by name and never imports the tasks."""
AHEAD = 16
"""Messages that wait in the broker for one queue, on a few machines: each is the work of a quarter of a second, or of
more, and those that find nothing because others were quick cost a worker some milliseconds each."""
REFILL = 0.25
"""Seconds for which one look at what the broker lacks is good enough for a process: it costs as much as a message."""

logger = logging.getLogger(__name__)

_filled: dict[str, float] = {}
"""When this process last looked for a message that asked for more."""


def publish(jobs: Iterable[RenderJob]) -> int:
    """Tell the workers that these jobs wait. Returns how many messages were sent; enough may have been there.

    A broker that is away is no error here: the rows are queued, and a heartbeat nudges later.
    """
    counts = Counter(job.queue for job in jobs)
    with tracing.span("publish", {"messaging.system": "celery"}, kind="producer"):
        return sum(_nudge(queue, count, most=AHEAD) for queue, count in counts.items())


def fill(queue: Queue | str, now: datetime | None = None) -> int:
    """Send what the broker lacks of a message for each waiting job; nothing for a paused queue. Returns how many."""
    if PausedQueue.objects.filter(queue=queue).exists():
        return 0  # nobody would find anything, and the messages would call for more of their kind for ever
    now = now or timezone.now()
    most = max(AHEAD, 2 * pace.slots(now))
    wanted = line.waiting(queue, now)[:most].count()
    return _nudge(queue, most, most=wanted) if wanted else 0


def refill(queue: str) -> int:
    """The same for a message that asks for more, where this process has not just done it."""
    now = time.monotonic()
    if now - _filled.get(queue, -REFILL) < REFILL:
        return 0
    _filled[queue] = now
    return fill(queue)


def top_up(now: datetime) -> int:
    """The same for every queue: for messages that never came, and jobs whose time has come."""
    return sum(fill(queue, now) for queue in Queue)


def _nudge(queue: str, count: int, *, most: int) -> int:
    """Send ``count`` messages, or fewer if there would be more than ``most``."""
    policy = current_app.conf.task_publish_retry_policy
    try:
        with current_app.producer_or_acquire() as producer:
            # First, because the producer's channel would try for 6 s to connect, whatever the policy says.
            producer.connection.ensure_connection(**policy)
            send = producer.connection.ensure(producer, _send, **policy)
            return int(send(producer, queue, count, most))
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away (%.200s); what waits in %s waits for a heartbeat", error, queue)
        return 0


def _send(producer: Producer, queue: str, count: int, most: int) -> int:
    # Declared as Celery's own publishing does, so that it is there; a declaration answers with the queue's length.
    declared: Any = current_app.amqp.queues[queue].bind(producer.channel).queue_declare()  # type: ignore[arg-type]  # its channel is there: the connection is
    there = declared.message_count
    missing: int = max(0, min(count, most - int(there)))
    for place in range(there, there + missing):
        current_app.send_task(
            RENDER,
            kwargs={"more": True} if place >= AHEAD // 2 else {},
            queue=queue,
            producer=producer,
            retry=False,  # whoever called this tries again, with all of it
            # No limits in the message: the worker's own count, whatever this process would set.
            time_limit=None,
            soft_time_limit=None,
        )
    return missing
