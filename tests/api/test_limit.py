"""The limit on bodies where they come in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.asgi import get_asgi_application

from renderer.api import bodies, limit
from renderer.api.limit import BodyLimit, Message, Receive, Send

LIMIT = 100


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BYTES", LIMIT)


class Server:
    """What stands between a client and the application."""

    def __init__(self, chunks: Iterable[bytes], **headers: str) -> None:
        chunks = list(chunks)
        self.left: Iterator[Message] = iter(
            {"type": "http.request", "body": chunk, "more_body": i < len(chunks) - 1} for i, chunk in enumerate(chunks)
        )
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/charts",
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return next(self.left, {"type": "http.disconnect"})

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def run(self, application: Any) -> tuple[int, dict[str, str], bytes]:
        asyncio.run(BodyLimit(application)(self.scope, self.receive, self.send))
        if not self.sent:
            return 0, {}, b""
        start, *body = self.sent
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(message["body"] for message in body)


async def echo(_: Any, receive: Receive, send: Send) -> None:
    """Answers with what it got; nothing if the client went away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def test_bodies_within_the_limit_come_through() -> None:
    assert Server([b"a" * 60, b"b" * 40]).run(echo) == (200, {}, b"a" * 60 + b"b" * 40)


async def _unasked(*_: object) -> None:
    raise AssertionError("the application was asked")


def is_413(status: int, headers: dict[str, str], body: bytes) -> bool:
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["content-length"]) == len(body)
    assert headers["connection"] == "close"
    return status == 413 and json.loads(body)["code"] == "body_too_large"


def test_a_length_over_the_limit_is_refused_without_asking() -> None:
    server = Server([b"a" * 50] * 3, content_length="150", x_request_id="req-1")
    answer = server.run(_unasked)

    assert is_413(*answer)
    assert answer[1]["x-request-id"] == "req-1" == json.loads(answer[2])["request_id"]
    assert next(server.left, None) is None, "it was read to its end, so that the client comes to listen"


def test_a_body_of_unknown_length_is_cut_off_at_the_limit() -> None:
    assert is_413(*Server([b"a" * 60] * 3).run(echo))


def test_django_is_cut_off_the_same_way() -> None:
    assert is_413(*Server([b"a" * 60] * 3, host="localhost").run(get_asgi_application()))


def test_what_never_ends_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "DRAINED", 1000)
    server = Server([b"a" * 100] * 50, content_length="5000")

    assert is_413(*server.run(_unasked))
    assert len(list(server.left)) == 39


def test_a_client_that_goes_gets_no_answer() -> None:
    server = Server([], content_length="5000")

    assert server.run(_unasked) == (0, {}, b"")
