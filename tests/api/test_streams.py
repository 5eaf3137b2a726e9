"""Event streams where there is no Redis: the rows are asked, and the rest holds, too. ``tests/live`` has one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import connections

from renderer.api import streams
from renderer.jobs import charts, lifecycle
from renderer.models import Chart, RenderJob
from renderer.models.job import Stage, Trigger

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30
Frame = dict[str, Any]


class Stream:
    """A client of Django's ASGI handler, as a server hands it one."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sent: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            for frame in filter(None, message.get("body", b"").split(b"\n\n")):
                await self.sent.put(frame)
            if not message.get("more_body"):
                await self.sent.put(None)

    async def next(self) -> Frame | str | None:
        """The next frame; a comment or an instruction as it is; None at the end."""
        frame = await asyncio.wait_for(self.sent.get(), PATIENCE)
        if frame is None or not frame.startswith((b"event", b"id")):
            return None if frame is None else frame.decode()
        fields = dict(line.split(": ", 1) for line in frame.decode().split("\n"))
        return {**fields, "data": json.loads(fields["data"])}

    async def event(self) -> Frame:
        """The next frame that is an event."""
        while not isinstance(frame := await self.next(), dict):
            assert frame is not None, "the stream is at its end"
        return frame


@asynccontextmanager
async def listening(path: str, headers: dict[str, str]) -> AsyncIterator[Stream]:
    stream, gone, asked = Stream(), asyncio.Event(), False

    async def receive() -> Any:
        nonlocal asked
        if asked:
            await gone.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": f"/api/v1{path}",
        "query_string": b"",
        "headers": [(n.lower().encode(), v.encode()) for n, v in {**headers, "Host": "localhost"}.items()],
    }  # fmt: skip
    served = asyncio.ensure_future(get_asgi_application()(scope, receive, stream.send))
    try:
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(served, PATIENCE)


def _run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]  # a coroutine function's


async def _do(act: Callable[[], Any]) -> Any:
    """Something that a worker does meanwhile."""

    def closing() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    return await sync_to_async(closing, thread_sensitive=False)()


def test_without_redis_the_rows_are_asked(api: Any, queued: RenderJob, chart: Chart) -> None:
    async def scene() -> None:
        path = f"/jobs/{queued.pk}/events"
        async with listening(path, api.headers) as one, listening("/events", api.headers) as everything:
            assert await one.next() == "retry: 2000"
            ready = await one.event()
            assert (ready["event"], ready["data"]["status"], "id" in ready) == ("ready", "queued", False)
            assert (await everything.event())["event"] == "ready"

            claim = await _do(lambda: lifecycle.claim(queued.pk, worker="w@host#1", task_id="t"))
            assert (await one.event())["event"] == (await everything.event())["event"] == "started"
            await _do(lambda: lifecycle.advance(claim, Stage.ENCODING))
            assert (await one.event())["data"]["stage"] == (await everything.event())["data"]["stage"] == "encoding"
            await _do(lambda: lifecycle.succeed(claim, warnings=[], timings={}))
            last, told = await one.event(), await everything.event()
            assert (last["event"], last["id"]) == ("succeeded", streams.END)
            assert (told["event"], told["data"]) == ("succeeded", last["data"])
            assert await one.next() is None

            other = (await _do(lambda: charts.render(chart, trigger=Trigger.API, force=True))).job
            assert (new := await everything.event())["event"] == "queued"
            assert new["data"]["job"] == str(other.pk)
        async with listening(path, api.headers | {"Last-Event-ID": last["id"]}) as again:
            assert await again.next() is None
            assert again.status == 204

    _run(scene)


def test_silence_is_filled_and_a_deleted_job_is_said(
    api: Any, queued: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)

    async def scene() -> None:
        async with listening(f"/jobs/{queued.pk}/events", api.headers) as stream:
            await stream.event()
            assert await stream.next() == ":"
            assert await stream.next() == ":"
            await _do(lambda: RenderJob.objects.all().delete())
            deleted = await stream.event()
            assert (deleted["event"], deleted["data"]) == ("deleted", {"job": str(queued.pk)})
            assert await stream.next() is None

    _run(scene)


def test_a_stream_ends_so_that_the_client_says_again_who_it_is(
    api: Any, queued: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "OPEN_FOR", 0.05)

    async def scene() -> None:
        async with listening("/events", api.headers) as stream:
            while await stream.next() is not None:
                pass
        assert not streams._open

    _run(scene)


def test_there_are_none_under_wsgi_and_for_heads_there_is_no_body(api: Any, queued: RenderJob) -> None:
    refused = api.get("/events")
    assert (refused.status, refused.body["code"]) == (501, "no_streams")
    assert api.get(f"/jobs/{queued.pk}/events").status == 501
