"""News: what becomes of jobs, from one reader in this process to everybody who waits in it.

Whoever waits holds a :class:`Watch`, which is a few hundred bytes, and no thread, no connection to Redis, none to the
database. Two tasks serve all of them: one hears the events of their owners (``jobs.listener``), one looks at their rows
(``looks``), many rows in one query. The rows are the truth: they are looked at when an event says that there is
something to see, and now and then also when none does. While there are no events, they are asked again and again.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError

from renderer.api import looks
from renderer.api.looks import Look, State
from renderer.jobs import events
from renderer.jobs.events import Event, EventsAway
from renderer.jobs.listener import Listener, Owner

FIRST: Final = 0.015
GROWTH: Final = 1.3
LONGEST: Final = 1.0
"""Seconds between two looks without events. Small charts take a few hundredths: the first are close together."""
SAFE: Final = 10.0
"""Seconds between two looks beside events, which may be missing."""
EARLY: Final = 0.02
"""Seconds by which a look may be early, so that many are one query."""
LINGER: Final = 30.0
"""Seconds that the two tasks stay after the last one who waits, and an owner is followed: the next one finds them."""
KEPT: Final = 500
"""News that may lie there for somebody who does not take them; whoever is that slow begins anew."""

logger = logging.getLogger(__name__)


class Sign(Enum):
    """News that are about no single event."""

    GONE = "gone"
    """The job is not there any more."""
    LOST = "lost"
    """Some news may be missing: read the state anew."""
    CLOSED = "closed"
    """The server is about to stop."""


News = Event | Look | Sign


@dataclass(eq=False, slots=True)
class Watch:
    """One who waits: for one job, or, without a job, for all of an owner's."""

    owner: Owner
    job: UUID | None
    hears: bool
    """Whether events are wanted as they come; else an event is only the occasion for a look."""
    due: float
    """When the next look is, by the loop's clock."""
    interval: float = FIRST
    heard: int = 0
    """Events so far: a look that began before the last of them shows nothing new."""
    _news: deque[News] = field(default_factory=deque)
    _taker: asyncio.Future[None] | None = None

    async def next(self, seconds: float) -> News | None:
        """The next news; None if there are none within this time."""
        if not self._news and seconds > 0:
            loop = asyncio.get_running_loop()
            self._taker = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._taker
            finally:
                timer.cancel()
                self._taker = None
        return self._news.popleft() if self._news else None

    def seen(self) -> None:
        """Its row was read by who waits: what looks have shown until now is old."""
        self.heard += 1
        self._news = deque(item for item in self._news if not isinstance(item, Look))

    def put(self, news: News) -> None:
        """Bring news."""
        if len(self._news) >= KEPT:
            self._news.clear()
            self._news.append(Sign.LOST)
        self._news.append(news)
        self._wake()

    def _wake(self) -> None:
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)


@dataclass(slots=True)
class _Known:
    """What was seen of an owner's jobs, where no events tell of them."""

    newest: UUID | None
    active: dict[UUID, State]


class Newsroom:
    """All who wait in one event loop, and the two tasks that serve them."""

    def __init__(self) -> None:
        self.closed = False
        self._of_jobs: dict[UUID, set[Watch]] = {}
        self._of_owners: dict[Owner, set[Watch]] = {}
        """Those who wait for all jobs of an owner."""
        self._wanted: Counter[Owner] = Counter()
        """How many wait for something of an owner."""
        self._known: dict[Owner, _Known] = {}
        self._listener: Listener | None = None
        self._away = False
        """There are no events: the last try failed."""
        self._changed = asyncio.Event()
        """Somebody else is followed now, or the events went away."""
        self._look_now = asyncio.Event()
        self._rung = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    # --- For those who wait -------------------------------------------------------------------------------------------
    @contextmanager
    def watch(self, owner: Owner, job: UUID | None = None, *, hears: bool = False) -> Iterator[Watch]:
        """Wait for news of a job, or of all of an owner's jobs."""
        watch = Watch(owner, job, hears, due=asyncio.get_running_loop().time())
        groups: dict[Any, set[Watch]] = self._of_owners if job is None else self._of_jobs
        key = owner if job is None else job
        groups.setdefault(key, set()).add(watch)
        self._wanted[owner] += 1
        if self.closed:
            watch.put(Sign.CLOSED)
        elif job is None and self._away and owner in self._known:
            watch.put(Sign.LOST)
        self._serve(owner)
        try:
            yield watch
        finally:
            groups[key].discard(watch)
            if not groups[key]:
                del groups[key]
            self._wanted[owner] -= 1
            if not self._wanted[owner]:
                del self._wanted[owner]
            if owner not in self._of_owners:
                self._known.pop(owner, None)

    async def follows(self, owner: Owner) -> bool:
        """Wait until the events of an owner who is watched are heard. False where there are none."""
        while not self.closed and not self._away:
            if self.hears(owner):
                return True
            await self._changed.wait()
        return False

    def hears(self, owner: Owner) -> bool:
        """Whether the events of an owner are heard now."""
        return self._listener is not None and owner in self._listener.places

    def place(self, owner: Owner) -> str:
        """The id of the last event that was heard of an owner; empty if there is none."""
        place = self._listener.places.get(owner, events.START) if self._listener else events.START
        return "" if place == events.START else place

    async def since(self, owner: Owner, after: str) -> list[Event] | None:
        """The events of an owner after an id; None if some of them may be gone."""
        try:
            return await self._listener.since(owner, after) if self._listener else None
        except EventsAway:
            return None

    def close(self) -> None:
        """Let everybody go: the server is about to stop."""
        self.closed = True
        for watch in self._all():
            watch.put(Sign.CLOSED)
        self._tell_of_change()
        for task in self._tasks.values():
            task.cancel()

    # --- The two tasks ------------------------------------------------------------------------------------------------
    def _serve(self, owner: Owner) -> None:
        if self.closed:
            return
        self._begin("listen", self._listen)
        self._begin("look", self._look)
        self._look_now.set()
        if self._listener is not None and not self.hears(owner) and not self._rung:
            self._rung = True
            self._begin("ring", partial(self._ring, self._listener))

    def _begin(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if name not in self._tasks:
            # Nothing of the request that happens to be the first one goes with them: not its id, not its threads.
            task = asyncio.get_running_loop().create_task(self._work(name, work), context=contextvars.Context())
            self._tasks[name] = task

    async def _work(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        me = asyncio.current_task()
        try:
            await work()
        except Exception:
            logger.exception("waiting: the task %r ended; the next one who waits starts it again", name)
        finally:
            if self._tasks.get(name) is me:
                del self._tasks[name]

    async def _ring(self, listener: Listener) -> None:
        try:
            await listener.ring()
        except EventsAway:
            self._rung = False  # the reader finds out, too

    async def _listen(self) -> None:
        """Hear the events of all owners who are wanted, until nobody has waited for a while."""
        while not self.closed:
            if url := events.address():
                listener = Listener(url)
                try:
                    await self._hear(listener)
                except EventsAway as error:
                    if not self._away:
                        says = "waiting: Redis is away (%s); the rows are asked instead"
                        logger.warning(says, error, extra={"action": "events.away"})
                    self._lose()
                finally:
                    self._listener = None
                    await listener.close()
            else:
                self._lose()
            if self._away:
                await asyncio.sleep(events.REST)
            if not self._wanted:
                return

    async def _hear(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        wanted_at = swept_at = loop.time()
        while True:
            self._rung = False
            while (new := [o for o in self._wanted if o not in listener.places]) or self._listener is None:
                await listener.follow(new)
                self._find(listener, new)
            now = loop.time()
            wanted_at = now if self._wanted else wanted_at
            if now - wanted_at > LINGER:
                return
            if now - swept_at > LINGER:
                swept_at = now
                listener.forget([owner for owner in listener.places if owner not in self._wanted])
            for owner, event in await listener.read():
                self._bring(owner, event)

    def _find(self, listener: Listener, owners: Iterable[Owner]) -> None:
        """These owners are followed now: what happened before is in their rows."""
        self._listener, back, self._away = listener, self._away, False
        if back:
            logger.info("waiting: Redis is back", extra={"action": "events.back"})
            self._known.clear()
            for group in self._of_owners.values():
                for watch in group:
                    watch.put(Sign.LOST)
        followed = set(owners)
        for group in self._of_jobs.values():
            for watch in group:
                if watch.owner in followed:
                    watch.due = 0
        self._look_now.set()
        self._tell_of_change()

    def _lose(self) -> None:
        """There are no events now."""
        self._listener = None
        if self._away:
            return
        self._away = True
        for watch in self._all():
            watch.due, watch.interval = 0, FIRST
        self._look_now.set()
        self._tell_of_change()

    def _bring(self, owner: Owner, event: Event) -> None:
        for watch in self._of_jobs.get(event.job, ()):
            watch.heard += 1
            if watch.hears:
                watch.put(event)
            else:
                watch.due = 0
                self._look_now.set()
        for watch in self._of_owners.get(owner, ()):
            watch.put(event)

    async def _look(self) -> None:
        """Look at the rows that are due, until nobody has waited for a while."""
        loop = asyncio.get_running_loop()
        wanted_at = loop.time()
        while True:
            self._look_now.clear()
            now = loop.time()
            jobs = [w for group in self._of_jobs.values() for w in group if w.due <= now + EARLY]
            owners = [owner for owner, group in self._of_owners.items() if any(w.due <= now + EARLY for w in group)]
            try:
                if jobs:
                    await self._see_jobs(jobs)
                if self._away:
                    for owner in owners:
                        await self._see_owner(owner)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("waiting: the database does not answer: %s", error)
            if jobs or (self._away and owners):
                continue
            wanted_at = now if self._wanted else wanted_at
            if now - wanted_at > LINGER:
                return
            watching = self._all() if self._away else (w for group in self._of_jobs.values() for w in group)
            pause = max(EARLY, min((watch.due - now for watch in watching), default=LINGER))
            timer = loop.call_later(pause, self._look_now.set)
            try:
                await self._look_now.wait()
            finally:
                timer.cancel()

    async def _see_jobs(self, watches: list[Watch]) -> None:
        heard = [watch.heard for watch in watches]
        for watch in watches:
            self._put_off(watch)
        found = await looks.apart(partial(looks.of_jobs, {watch.job for watch in watches if watch.job}))
        for watch, before in zip(watches, heard, strict=True):
            if watch.job is not None and not (watch.hears and watch.heard != before):
                watch.put(found.get(watch.job, Sign.GONE))

    async def _see_owner(self, owner: Owner) -> None:
        for watch in self._of_owners.get(owner, ()):
            self._put_off(watch)
        known = self._known.get(owner)
        if known is None:
            newest = await looks.apart(partial(looks.newest_of, owner))
            found = await looks.apart(partial(looks.of_owner, owner, newer_than=newest, known=()))
            news: list[News] = [Sign.LOST]
        else:
            newest = known.newest
            found = await looks.apart(partial(looks.of_owner, owner, newer_than=newest, known=[*known.active]))
            news = []
            for job, look in sorted(found.items()):
                before = known.active.get(job)
                if before != look.state:
                    news.append(replace(look.event, action=looks.action_between(before, look.state)))
        if not self._away or owner not in self._of_owners:
            return
        active = {job: look.state for job, look in found.items() if not look.state.is_final}
        self._known[owner] = _Known(max([*found, *([newest] if newest else [])], default=None), active)
        for watch in self._of_owners[owner]:
            for item in news:
                watch.put(item)

    def _put_off(self, watch: Watch) -> None:
        """The next look at it: soon without events, else late."""
        now = asyncio.get_running_loop().time()
        if self.hears(watch.owner):
            watch.due = now + SAFE
        else:
            watch.due = now + watch.interval
            watch.interval = min(watch.interval * GROWTH, LONGEST)

    def _all(self) -> Iterator[Watch]:
        for groups in (self._of_jobs, self._of_owners):
            for group in groups.values():
                yield from group

    def _tell_of_change(self) -> None:
        before, self._changed = self._changed, asyncio.Event()
        before.set()


_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, Newsroom] = WeakKeyDictionary()


def room() -> Newsroom:
    """The newsroom of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _rooms:
        _rooms[loop] = Newsroom()
    return _rooms[loop]
