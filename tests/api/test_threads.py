"""The web process keeps a few threads with their connections, and no dead one among these."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.utils import ConnectionHandler

from project.local import wait_for
from project.short import ShortRequests
from renderer.api import threads
from renderer.models import ApiToken
from tests.postgres import OWNER, PASSWORD, Postgres

SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """A process that keeps threads, and after it none that holds a connection."""
    threads.start()
    yield
    ended = list(threads._idle)
    threads.stop()
    for thread in ended:
        thread.shutdown()


@pytest.mark.django_db  # a database of its own
def test_a_connection_that_the_server_has_closed_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> None:
    address = {"HOST": postgres.host, "PORT": postgres.port, "USER": OWNER, "PASSWORD": PASSWORD, "NAME": "postgres"}
    own = ConnectionHandler({"default": {"ENGINE": "django.db.backends.postgresql", **address}})
    with monkeypatch.context() as patch:  # undone before this process stops keeping any
        patch.setattr(threads, "connections", own)

        def backend() -> int:
            with own["default"].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                return int(cursor.fetchone()[0])

        first = backend()
        threads.drop_lost()
        assert backend() == first

        def is_dropped() -> bool:
            threads.drop_lost()
            return own["default"].connection is None

        postgres.run(f"SELECT pg_terminate_backend({first})")
        wait_for(is_dropped, deadline=20, what="the end of the connection")
        assert backend() != first
        own.close_all()


def test_a_few_are_kept_and_the_last_comes_first() -> None:
    taken = [threads.take() for _ in range(threads.KEPT + 3)]
    assert len(set(taken)) == len(taken)
    for thread in taken:
        threads.keep(thread)
    again = [threads.take() for _ in range(threads.KEPT)]
    assert again == taken[: threads.KEPT][::-1]
    for thread in taken[threads.KEPT :]:
        with pytest.raises(RuntimeError):
            thread.submit(int)
    for thread in again:
        threads.keep(thread)


def test_a_thread_is_given_back_when_it_has_done_its_work() -> None:
    thread, goes_on = threads.take(), Event()
    thread.submit(goes_on.wait)
    threads.give_back(thread)
    other = threads.take()
    assert other is not thread
    threads.keep(other)
    goes_on.set()
    wait_for(lambda: thread in threads._idle, deadline=20, what="the thread")


@pytest.mark.django_db(transaction=True)
def test_one_client_is_served_by_the_same_threads() -> None:
    application = ShortRequests()
    secret = ApiToken.issue(User.objects.create_user("ada"), "test")[1]

    async def call(method: str, path: str, body: object = None, **more: str) -> tuple[int, dict[str, str], Any]:
        said: list[Any] = []
        sent = json.dumps(body).encode() if body is not None else b""
        incoming: list[dict[str, Any]] = [
            {"type": "http.request", "body": sent[:9], "more_body": True},
            {"body": sent[9:]},
        ]
        gone = asyncio.Event()

        async def receive() -> Any:
            if incoming:
                return {"type": "http.request", **incoming.pop(0)}
            return await gone.wait()

        async def send(message: Any) -> None:
            said.append(message)

        headers = {"host": "localhost", "authorization": f"Bearer {secret}", "content-type": "application/json", **more}
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        if body is not None:
            scope["headers"].append((b"content-length", str(len(sent)).encode()))  # type: ignore[attr-defined]
        await application(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in said[1:])
        named = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        return said[0]["status"], named, json.loads(content) if content else None

    async def journey() -> None:
        status, headers, asked = await call("POST", "/api/v1/charts", {"spec": SPEC})
        assert (status, asked["job"]["status"]) == (202, "queued")
        status, polled, job = await call("GET", headers["location"])
        assert (status, job) == (200, asked["job"])
        assert (await call("GET", headers["location"], **{"if-none-match": polled["etag"]}))[0] == 304
        status, _, listed = await call("GET", "/api/v1/jobs")  # the long way
        assert (status, [one["id"] for one in listed["items"]]) == (200, [job["id"]])
        assert (await call("POST", "/api/v1/charts", {"spec": {"kind": "bra"}}))[0] == 422

    asyncio.run(journey())
    # The long way gives its thread back a moment later: the request after it may have had another one.
    assert 1 <= len(threads._idle) <= 2


def test_where_nobody_takes_them_none_is_kept() -> None:
    threads.stop()
    thread = threads.take()
    threads.keep(thread)
    assert not threads._idle
    with pytest.raises(RuntimeError):
        thread.submit(int)
