"""Events: what becomes of jobs, pushed through a stream in Redis to whoever waits for it. One stream an owner.

The row is the truth and an event is a nudge, as the broker's message is: it may be missing, after which waiting goes
on by asking the row. So Redis may be away, slow or emptied, and no job notices: time-outs are short, and after an error
nothing is tried for a few seconds.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis
import redis.asyncio
from celery import current_app
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from renderer import sentinels
from renderer.models import Chart, RenderJob
from renderer.models.job import FINAL

logger = logging.getLogger(__name__)

SETTING = "FIGPRESS_EVENTS_URL"
KEPT: Final = 1000
"""Events that a stream holds, more or less: as many as somebody can miss who was away for a moment."""
KEPT_FOR: Final = 3600
"""Seconds after its last event that a stream goes: whoever comes later reads the rows."""
PATIENCE: Final = 0.5
"""Seconds that a change of a job's status waits for a Redis that does not answer, and then for a while not at all."""
REST: Final = 5.0
"""Seconds without a try after an error."""
START: Final = "0-0"
"""The id before every event."""
_ID: Final = re.compile(r"\d{1,19}-\d{1,19}")


class EventsAway(Exception):
    """There are no events now: no Redis for them, or it does not answer. Ask the rows."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one job. ``id`` is its place in the stream: whoever has seen it goes on after it."""

    id: str
    action: str
    job: UUID
    chart: UUID | None
    status: str
    stage: str
    attempt: int
    reason: str

    @property
    def is_final(self) -> bool:
        """Whether it is the job's last."""
        return self.status in FINAL


def publish(action: str, jobs: Sequence[RenderJob]) -> bool:
    """Write events, in one round trip. Returns whether Redis took them; never raises, and never waits for long."""
    global _rest_until
    url = address()
    if not url or time.monotonic() < _rest_until:
        return False
    try:
        _write(_client(url), action, jobs)
    except (redis.RedisError, OSError) as error:
        _rest_until = time.monotonic() + REST
        logger.warning("events: Redis is away (%s); who waits asks the rows", error, extra={"action": "events.away"})
        return False
    return True


def _write(client: redis.Redis, action: str, jobs: Sequence[RenderJob]) -> None:
    if len(jobs) == 1 and jobs[0].attempt and not jobs[0].is_final:
        # How long the stream stays was told when the job was queued, and is told again when it ends: half the work.
        client.xadd(stream_of(jobs[0].owner_id), _fields(action, jobs[0]), maxlen=KEPT, approximate=True)
        return
    pipeline = client.pipeline(transaction=False)
    for job in jobs:
        pipeline.xadd(stream_of(job.owner_id), _fields(action, job), maxlen=KEPT, approximate=True)
    for stream in {stream_of(job.owner_id) for job in jobs}:
        pipeline.expire(stream, KEPT_FOR)
    pipeline.execute()


def read(owner: int | None, after: str, *, block: float = 0, count: int = 100) -> list[Event]:
    """The events of an owner after an id; if there are none, the first that come within ``block`` seconds.

    Raises EventsAway, and ValueError if ``after`` is no id.
    """
    with _waiting_client(redis.Redis, block) as client:
        try:
            return _events(client.xread({stream_of(owner): _checked(after)}, count=count, block=milliseconds(block)))
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error


async def aread(owner: int | None, after: str, *, block: float = 0, count: int = 100) -> list[Event]:
    """The same without a thread."""
    async with _waiting_client(redis.asyncio.Redis, block) as client:
        try:
            found = await client.xread({stream_of(owner): _checked(after)}, count=count, block=milliseconds(block))
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error
    return _events(found)


def last_id(owner: int | None) -> str:
    """The id of an owner's newest event. Take it, then read the row, then wait for what comes after it: so nothing is
    missed between the two. Raises EventsAway."""
    with _waiting_client(redis.Redis, 0) as client:
        try:
            return newest(client.xrevrange(stream_of(owner), count=1))
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error


async def alast_id(owner: int | None) -> str:
    """The same without a thread."""
    async with _waiting_client(redis.asyncio.Redis, 0) as client:
        try:
            return newest(await client.xrevrange(stream_of(owner), count=1))
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error


async def asince(owner: int | None, after: str) -> list[Event] | None:
    """Everything that an owner's stream holds after an id; None if some of it may be gone. Raises EventsAway."""
    async with _waiting_client(redis.asyncio.Redis, 0) as client:
        try:
            return await since(client, owner, after)
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error


async def since(client: Any, owner: int | None, after: str) -> list[Event] | None:
    """The same on a connection that is there.

    The oldest entries are the ones that go: nothing after ``after`` is gone while it, or an older one, is there. An id
    from the future is one of a Redis that was emptied since.
    """
    stream = stream_of(owner)
    pipeline = client.pipeline(transaction=True)
    pipeline.xrange(stream, count=1)
    pipeline.xrevrange(stream, count=1)
    pipeline.xrange(stream, min=f"({_checked(after)}")
    oldest, latest, later = await pipeline.execute()
    if not oldest or not place_of(newest(oldest)) <= place_of(after) <= place_of(newest(latest)):
        return None
    return [event_of(place, fields) for place, fields in later]


def place_of(event_id: str) -> tuple[int, int]:
    """What ids are compared by."""
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number)


def is_id(text: str) -> bool:
    """Whether a text, such as ``Last-Event-ID``, is an id of ours."""
    return _ID.fullmatch(text) is not None


def address() -> str:
    """The Redis of the events: the setting, else the broker if it is one. Empty: there are no events."""
    if chosen := getattr(settings, SETTING, ""):
        return str(chosen)
    broker: Any = current_app.conf.broker_write_url or ""
    first = str(broker if isinstance(broker, str) else next(iter(broker), "")).partition(";")[0]
    # Celery's form of a sentinel's address does not say what it watches over: there the setting is needed.
    return first if first.startswith(("redis://", "rediss://")) else ""


def chart_of(job: RenderJob) -> str:
    """The id of the chart that a job draws; empty if its target is another model's."""
    return str(job.target_id) if job.target_model == Chart._meta.label_lower else ""


# --- Clients ------------------------------------------------------------------------------------------------------
_clients: dict[str, redis.Redis] = {}
_rest_until = 0.0


def _forget_clients() -> None:
    """In a child: sockets that it shares with its parent would mix up the answers of both."""
    global _clients, _rest_until
    _clients, _rest_until = {}, 0.0


os.register_at_fork(after_in_child=_forget_clients)


def _client(url: str) -> redis.Redis:
    """This process's client for writing."""
    client = _clients.get(url)
    if client is None:
        # One try more on another connection: the idle one may have been closed by a Redis that was restarted.
        once_more = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        client = sentinels.connect(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, socket_keepalive=True, retry=once_more
        )
        _clients.clear()
        _clients[url] = client
    return client


def _waiting_client(kind: Any, block: float) -> Any:
    """A connection for one read, which may take as long as it waits. Raises EventsAway if there is nobody to ask."""
    url = address()
    if not url:
        raise EventsAway("there is no Redis for events")
    apart = kind is redis.asyncio.Redis
    never_again = (redis.asyncio.retry.Retry if apart else Retry)(NoBackoff(), 0)
    connect: Any = sentinels.aconnect if apart else sentinels.connect
    return connect(url, socket_timeout=block + 2, socket_connect_timeout=2 * PATIENCE, retry=never_again)


# --- Rows and entries -------------------------------------------------------------------------------------------------
def stream_of(owner: int | str | None) -> str:
    """The name of an owner's stream."""
    return f"figpress:events:{owner if owner is not None else 'nobody'}"


def _fields(action: str, job: RenderJob) -> dict[Any, Any]:
    return {
        "action": str(action),
        "job": str(job.pk),
        "chart": chart_of(job),
        "status": str(job.status),
        "stage": str(job.stage),
        "attempt": job.attempt,
        "reason": str(job.reason),
    }


def entries_of(answer: Any) -> Iterator[tuple[str, list[Any]]]:
    """The streams of an XREAD's answer, each with its entries."""
    for name, entries in answer.items() if isinstance(answer, Mapping) else answer or ():
        # The protocol's third version nests the entries once more.
        yield name.decode(), entries[0] if entries and isinstance(entries[0], list) else entries


def event_of(place: bytes, fields: Mapping[bytes, bytes]) -> Event:
    """The event that an entry holds."""
    known = {name.decode(): value.decode() for name, value in fields.items()}
    return Event(
        id=place.decode(),
        action=known["action"],
        job=UUID(known["job"]),
        chart=UUID(known["chart"]) if known["chart"] else None,
        status=known["status"],
        stage=known["stage"],
        attempt=int(known["attempt"]),
        reason=known["reason"],
    )


def _events(answer: Any) -> list[Event]:
    return [event_of(place, fields) for _, entries in entries_of(answer) for place, fields in entries]


def newest(entries: Any) -> str:
    """The id of the first of some entries; START if there is none."""
    return str(entries[0][0].decode()) if entries else START


def _checked(after: str) -> str:
    if not is_id(after):
        raise ValueError(f"{after!r} is no event's id")
    return after


def milliseconds(block: float) -> int | None:
    """Seconds to wait, as Redis takes them. Zero would be for ever; None does not wait."""
    return max(1, round(block * 1000)) if block > 0 else None
