"""Messages to the workers: which delivery to attempt. The row is the truth; a message that comes twice does no harm."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from celery import current_app
from kombu import Producer
from kombu.exceptions import OperationalError

from renderer import tracing
from renderer.models.job import Queue

DELIVER: Final = "figpress.deliver"
"""The task's name. ``renderer`` publishes by name and never imports the tasks."""
MOST: Final = 256
"""Where so many messages wait in the queue, nobody is there to take more."""

logger = logging.getLogger(__name__)


def publish(ids: Iterable[UUID]) -> int:
    """Tell the workers that these deliveries are due. Returns how many messages were sent.

    A broker that is away is no error: the next look at what is due makes up for it.
    """
    policy = current_app.conf.task_publish_retry_policy
    try:
        with current_app.producer_or_acquire() as producer:
            # First, because the producer's channel would try for 6 s to connect, whatever the policy says.
            producer.connection.ensure_connection(**policy)
            send = producer.connection.ensure(producer, _send, **policy)
            return int(send(producer, list(ids)))
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away (%.200s); deliveries wait for the next look", error)
        return 0


def _send(producer: Producer, ids: Sequence[UUID]) -> int:
    # A declaration answers with the queue's length.
    declared: Any = current_app.amqp.queues[Queue.FETCH.value].bind(producer.channel).queue_declare()  # type: ignore[arg-type]  # its channel is there: the connection is
    room = max(0, MOST - int(declared.message_count))
    context = tracing.traceparent()
    for pk in ids[:room]:
        current_app.send_task(
            DELIVER, args=[str(pk)], queue=Queue.FETCH.value, producer=producer, retry=False,
            time_limit=None, soft_time_limit=None, headers={tracing.HEADER: context} if context else None,
        )  # fmt: skip
    return min(room, len(ids))
