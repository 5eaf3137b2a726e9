"""Streams: the news of jobs as server-sent events, for browsers and for programs that would rather listen than ask.

A frame has the name of what happened, the job in a few fields, and the id of its event. A client that lost its
connection says in ``Last-Event-ID`` what it has seen, as browsers do by themselves, and hears what it missed; where
that is not there any more it is told so (``reset``), and reads the state anew.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from renderer.api import door, looks, news
from renderer.api.looks import Look, State, action_between
from renderer.api.news import News, Sign, Watch
from renderer.api.problems import ApiProblem
from renderer.api.requests import is_head, user_of
from renderer.api.waiting import let_go
from renderer.jobs import events
from renderer.jobs.announce import Action
from renderer.jobs.events import Event, EventsAway
from renderer.models import RenderJob

SETTING: Final = "FIGPRESS_STREAMS"
MOST: Final = 20
"""Streams that one owner may have open in one process, if the setting does not say."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies cut connections that say nothing for a minute."""
OPEN_FOR: Final = 600.0
"""Seconds after which a stream ends; the client comes back, and is asked again who it is: a token that was taken back
and a session that has ended hear nothing more after this time."""
RETRY: Final = b"retry: 2000\n\n"
"""Milliseconds after which a browser comes back."""
END: Final = "end"
"""The id of a final frame that comes from the row and not from an event."""
DOUBT: Final = 1.0
"""Seconds until a row that says more than its events is looked at again."""
BEAT: Final = b":\n\n"
HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_open: Counter[int] = Counter()
"""Open streams by owner, in this process."""


class EventStream(StreamingHttpResponse):
    """A stream that counts for its owner until it is closed, however it ends."""

    def __init__(self, story: _OfJob | _OfOwner, owner: int) -> None:
        super().__init__(_frames(story), headers=HEADERS)
        _open[owner] += 1
        # Django closes no response whose client went away before the first byte.
        self._leave = weakref.finalize(self, _leave, owner, story)
        self._leave.atexit = False

    def close(self) -> None:
        """Give its place to another."""
        self._leave()
        super().close()


async def of_job(request: HttpRequest, job: RenderJob) -> HttpResponseBase:
    """The news of one job until its end. 204, which tells a browser to stay away, if the client has heard the end."""
    after = _last_seen(request)
    if job.is_final and after and await _has_heard_the_end(job, after):
        return HttpResponse(status=204)
    return _respond(request, _OfJob(job.owner_id, job.pk, after))


async def of_owner(request: HttpRequest) -> HttpResponseBase:
    """The news of all jobs of a user."""
    return _respond(request, _OfOwner(user_of(request).pk, _last_seen(request)))


def most() -> int:
    """How many streams one owner may have open in one process."""
    return int(getattr(settings, SETTING, MOST))


def _respond(request: HttpRequest, story: _OfJob | _OfOwner) -> HttpResponseBase:
    if not isinstance(request, ASGIRequest):
        raise ApiProblem("no_streams")
    if is_head(request):
        return HttpResponse(headers=HEADERS)
    owner = user_of(request).pk
    if _open[owner] >= most():
        detail = f"You have {most()} event streams open. Close one; GET /events tells of all your jobs at once."
        raise ApiProblem("too_many_streams", detail, headers={"Retry-After": "10"})
    return EventStream(story, owner)


def _last_seen(request: HttpRequest) -> str:
    """Last-Event-ID; what is none of ours is some id that is not there any more."""
    sent = request.headers.get("Last-Event-ID", "")[:100]
    return sent if not sent or sent == END or events.is_id(sent) else events.START


async def _has_heard_the_end(job: RenderJob, after: str) -> bool:
    if after == END:
        return True
    try:
        missed = await events.asince(job.owner_id, after)
    except EventsAway:
        return False
    return missed is not None and not any(event.job == job.pk for event in missed)


async def _frames(story: _OfJob | _OfOwner) -> AsyncIterator[bytes]:
    await let_go()
    ends = _now() + OPEN_FOR
    yield RETRY
    with news.room().watch(story.owner, story.job, hears=True) as watch:
        async for frame in story.beginning(watch):
            yield frame
        spoke = _now()
        while not story.ended:
            found = await watch.next(min(spoke + HEARTBEAT, ends) - _now())
            if found is Sign.CLOSED or _now() >= ends:
                return
            frame = story.frame(watch, found) if found is not None else b""
            if not frame and _now() >= spoke + HEARTBEAT:
                frame = BEAT
            if frame:
                spoke = _now()
                yield frame
        story.leave = await door.enter()


class _OfJob:
    """What the client of one job has been told so far."""

    def __init__(self, owner: int | None, job: UUID, after: str) -> None:
        self.owner = owner
        self.job = job
        self.last = after
        self.told: State | None = None
        self.doubted: State | None = None
        self.seen: State | None = None
        """Told from the row: the event that says the same is no news, if it comes at all."""
        self.ended = False
        self.leave: Callable[[], None] | None = None

    async def beginning(self, watch: Watch) -> AsyncIterator[bytes]:
        """What it missed, or how things stand."""
        room, missed = news.room(), None
        if await room.follows(self.owner) and events.is_id(self.last):
            missed = await room.since(self.owner, self.last)
        place = room.place(self.owner)  # before the row is read: whatever comes after it is told
        for event in missed or ():
            if event.job == self.job and not self.ended:
                yield self._of_event(event)
        if self.ended:
            return
        look = (await looks.apart(partial(looks.of_jobs, [self.job]))).get(self.job)
        watch.seen()
        if look is None:
            yield self._gone()
        elif look.state.is_final:
            yield self._of_row(look, look.state.status, place or END)
        elif missed is None:
            name, self.last = "reset" if self.last else "ready", place
            yield self._of_row(look, name, place)
        elif self.told is None:
            self.told = look.state

    def frame(self, watch: Watch, found: News) -> bytes:
        """The frame of some news; nothing if they are known."""
        match found:
            case Event():
                if _is_known(found.id, self.last):
                    return b""
                frame, was_seen = self._of_event(found), self.seen
                self.seen = None
                return b"" if was_seen == self.told else frame
            case Look(state):
                if _same(state, self.told):
                    self.doubted = None
                    return b""
                # Its event may be on the way: what is seen a second time without one is told.
                if news.room().hears(self.owner) and state != self.doubted:
                    self.doubted, watch.due = state, _now() + DOUBT
                    return b""
                return self._of_row(found, action_between(self.told, state), END if state.is_final else "")
            case Sign.GONE:
                return self._gone()
            case _:  # some news are lost: the next look finds what they said
                watch.due = 0
                return b""

    def _of_event(self, event: Event) -> bytes:
        self.last, self.ended = event.id, event.is_final
        self.told = State(event.status, event.stage, event.attempt, event.action == Action.CANCELLING)
        return _frame(event, event.id)

    def _of_row(self, look: Look, name: str, event_id: str) -> bytes:
        self.told = self.seen = look.state
        self.ended = look.state.is_final
        return _frame(replace(look.event, action=name), event_id)

    def _gone(self) -> bytes:
        self.ended = True
        return f"event: deleted\ndata: {json.dumps({'job': str(self.job)})}\n\n".encode()


class _OfOwner:
    """What the client of all jobs of an owner has been told so far."""

    job: Final = None
    ended: Final = False

    def __init__(self, owner: int, after: str) -> None:
        self.owner = owner
        self.last = after
        self.begun = bool(after)
        self.leave: Callable[[], None] | None = None

    async def beginning(self, watch: Watch) -> AsyncIterator[bytes]:
        """What it missed, or that from here on everything is told. Without events the first look says that."""
        room = news.room()
        if await room.follows(self.owner):
            missed = await room.since(self.owner, self.last) if events.is_id(self.last) else None
            if missed is None:
                yield self._anew()
            for event in missed or ():
                self.last = event.id
                yield _frame(event, event.id)

    def frame(self, watch: Watch, found: News) -> bytes:
        """The frame of some news; nothing if they are known."""
        match found:
            case Event() if not _is_known(found.id, self.last):
                self.last = found.id or self.last
                return _frame(found, found.id)
            case Sign.LOST:
                return self._anew()
            case _:
                return b""

    def _anew(self) -> bytes:
        place = news.room().place(self.owner)
        name, self.begun = "reset" if self.begun else "ready", True
        self.last = place or self.last
        return _named(f"event: {name}\ndata: {{}}\n\n", place)


def _frame(event: Event, event_id: str) -> bytes:
    data = {
        "job": str(event.job),
        "chart": str(event.chart) if event.chart else None,
        "status": event.status,
        "stage": event.stage or None,
        "attempt": event.attempt,
        "reason": event.reason or None,
    }
    return _named(f"event: {event.action}\ndata: {json.dumps(data)}\n\n", event_id)


def _named(frame: str, event_id: str) -> bytes:
    return (f"id: {event_id}\n{frame}" if event_id else frame).encode()


def _is_known(event_id: str, last: str) -> bool:
    """Whether an event is not after the last one that was told. Without Redis events have no ids, and come once."""
    return events.is_id(event_id) and events.is_id(last) and events.place_of(event_id) <= events.place_of(last)


def _same(state: State, told: State | None) -> bool:
    """Whether it is told already. Of a request to stop a running job there is one event, and no other repeats it."""
    return told is not None and state[:3] == told[:3]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _leave(owner: int, story: _OfJob | _OfOwner) -> None:
    if story.leave:
        story.leave()
    _open[owner] -= 1
    if not _open[owner]:
        del _open[owner]
