"""Listener: one connection to Redis that hears the events of many owners, for everybody who waits in a process.

A client of its own for each who waits would be a connection for each. Here one connection blocks on all the streams at
once, and a few more answer short questions: where a stream stands, what somebody missed. A stream of its own, the bell,
is among those it blocks on: it is rung when another owner is to be followed, and, being a stream, is heard also by a
reader that had not yet begun to listen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import uuid4

import redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from renderer import sentinels
from renderer.jobs import events
from renderer.jobs.events import Event, EventsAway

BLOCK: Final = 5.0
"""Seconds that one read waits at most; so late at the latest it is noticed that Redis has gone silently."""
PATIENCE: Final = 2.0
"""Seconds for a short question."""
CONNECTIONS: Final = 2
"""For the short questions of all who wait; they stand in line for them."""

Owner = int | None


class Listener:
    """What blocks, and what asks. Raises EventsAway from everything it does."""

    def __init__(self, url: str) -> None:
        never_again = Retry(NoBackoff(), 0)
        self._reading = sentinels.aconnect(
            url, socket_timeout=BLOCK + PATIENCE, socket_connect_timeout=PATIENCE, retry=never_again
        )
        self._asking = sentinels.aconnect(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=never_again
        )
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._bell = events.stream_of(f"bell:{uuid4().hex}")
        self._rung = events.START
        self.places: dict[Owner, str] = {}
        """Whom it follows, and the id of the last event of each that was heard."""

    async def follow(self, owners: Iterable[Owner]) -> None:
        """Hear of these owners from now on."""
        owners = list(owners)
        async with self._asked() as client:
            pipeline = client.pipeline(transaction=False)
            for owner in owners:
                pipeline.xrevrange(events.stream_of(owner), count=1)
            found = await pipeline.execute()
        self.places.update(zip(owners, map(events.newest, found), strict=True))

    def forget(self, owners: Iterable[Owner]) -> None:
        """Hear of these owners no more."""
        for owner in owners:
            self.places.pop(owner, None)

    async def ring(self) -> None:
        """Let a read that waits return: there is somebody else to follow."""
        async with self._asked() as client:
            pipeline = client.pipeline(transaction=False)
            pipeline.xadd(self._bell, {"rung": ""}, maxlen=1, approximate=False)
            pipeline.expire(self._bell, 60)
            await pipeline.execute()

    async def read(self) -> list[tuple[Owner, Event]]:
        """The next events of all that are followed, in the order of each owner. None after BLOCK, or when rung."""
        streams = {events.stream_of(owner): owner for owner in self.places}
        after: dict[Any, Any] = {events.stream_of(owner): place for owner, place in self.places.items()}
        try:
            answer = await self._reading.xread(
                {**after, self._bell: self._rung}, count=100, block=events.milliseconds(BLOCK)
            )
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error
        heard: list[tuple[Owner, Event]] = []
        for stream, entries in events.entries_of(answer):
            if stream == self._bell:
                self._rung = entries[-1][0].decode()
                continue
            owner = streams[stream]
            found = [events.event_of(place, fields) for place, fields in entries]
            self.places[owner] = found[-1].id
            heard += [(owner, event) for event in found]
        return heard

    async def since(self, owner: Owner, after: str) -> list[Event] | None:
        """What an owner's stream holds after an id; None if some of it may be gone."""
        async with self._asked() as client:
            return await events.since(client, owner, after)

    async def newest(self, owner: Owner) -> str:
        """The id of an owner's newest event; START if there is none."""
        async with self._asked() as client:
            return events.newest(await client.xrevrange(events.stream_of(owner), count=1))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._reading.aclose()
        await self._asking.aclose()

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[Any]:
        try:
            async with asyncio.timeout(4 * PATIENCE):
                await self._turns.acquire()
            try:
                yield self._asking
            finally:
                self._turns.release()
        except (redis.RedisError, OSError) as error:
            raise EventsAway(str(error)) from error
