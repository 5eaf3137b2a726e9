"""Redis with a user for each role: everything works, and none of them may do more than it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from django.utils import timezone

from project import local
from renderer.models import Beat, Delivery
from tests.live.installation import Live
from tests.live.steps import SPEC

pytestmark = pytest.mark.live

Address = Callable[[str], str]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    """The addresses, by role, of a Redis started as compose.yaml and Kubernetes start theirs; and one for an admin."""
    port = local.free_port()
    options = [
        "--bind",
        local.LOOPBACK,
        "--port",
        str(port),
        "--save",
        "",
        "--user",
        *["admin", "on", ">admin", "~*", "&*", "+@all"],
    ]
    passwords = {f"REDIS_{role.upper()}_PASSWORD": role for role in ("web", "worker", "fetcher", "beat")}
    server = local.Process(
        "Redis", ["sh", str(local.ROOT / "deploy/redis/start.sh"), *options], log=tmp_path / "users-redis.log",
        cwd=tmp_path, env={**os.environ, **passwords, "REDIS_SERVER": local.find_redis()},
    )  # fmt: skip
    try:
        server.wait_until(lambda: local.is_listening(port))
        yield lambda role: f"redis://{role}:{role}@{local.LOOPBACK}:{port}/0"
    finally:
        server.stop(grace=3)


def test_each_role_may_do_what_it_needs_and_no_more(live: Live, address: Address) -> None:
    started = timezone.now()
    live.start_worker(concurrency=1, queues="upkeep,interactive,data,scheduled,bulk", REDIS_URL=address("worker"))
    live.start_worker(concurrency=1, queues="fetch", REDIS_URL=address("fetcher"))
    live.start_web(REDIS_URL=address("web"))
    live.start_beat(REDIS_URL=address("beat"))
    hook = live.call("POST", "/api/v1/webhooks", {"url": "https://example.invalid/hook"}).json()
    assert live.call("POST", f"/api/v1/webhooks/{hook['id']}/test").status == 202
    drawn = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
    assert drawn.status == 201, drawn.body
    assert live.call("GET", drawn.json()["chart"]["links"]["image"]).body.startswith(b"\x89PNG")
    assert "RateLimit" in drawn.headers, "rates are counted"
    shared = live.call("POST", drawn.json()["chart"]["links"]["self"] + "/links", {}).json()["url"]
    etag = live.call("GET", shared).headers["ETag"]
    assert live.call("GET", shared, headers={"If-None-Match": etag}).status == 304, "and one is given back"
    parts = live.call("GET", "/readyz").json()
    assert parts["ready"], parts
    live.wait_for(lambda: Beat.objects.filter(seen_at__gt=started).exists(), what="a tick came to the worker")
    live.wait_for(lambda: not Delivery.objects.filter(attempts=0).exists(), what="the fetcher tried to deliver")

    usual: list[list[Any]] = [
        ["GET", "secret"], ["KEYS", "*"], ["SCAN", 0], ["FLUSHALL"], ["CONFIG", "GET", "*"], ["SHUTDOWN"], ["SAVE"],
        ["ACL", "LIST"], ["MODULE", "LIST"], ["EVAL", "return 1", 0], ["CLIENT", "LIST"], ["REPLICAOF", "NO", "ONE"],
        ["PUBLISH", "/0.celery.pidbox", "{}"],
    ]  # fmt: skip
    refused: dict[str, list[list[Any]]] = {
        "web": [["BRPOP", "interactive", 1], ["LRANGE", "interactive", 0, -1], ["HGETALL", "unacked"]],
        "beat": [["LPUSH", "interactive", "x"], ["XADD", "figpress:events:1", "*", "a", "b"], ["RPOP", "upkeep"]],
        "fetcher": [["BRPOP", "interactive", 1], ["RPOP", "upkeep"], ["XREAD", "STREAMS", "figpress:events:1", "0"]],
        "health": [["LPUSH", "upkeep", "x"], ["XREAD", "STREAMS", "figpress:events:1", "0"]],
        "worker": [["XREAD", "STREAMS", "figpress:events:1", "0"], ["INCR", "figpress:rate:sign-in"]],
    }
    with redis_client.Redis.from_url(address("admin")) as admin:
        denied = [f"{entry['username']}: {entry['reason']} {entry['object']}" for entry in admin.acl_log()]
        assert denied == [], "nobody wanted what they may not"
    for role, commands in refused.items():
        with redis_client.Redis.from_url(address(role)) as client:
            assert client.ping()
            for command in [*usual, *commands]:
                with pytest.raises(redis_client.exceptions.NoPermissionError):
                    client.execute_command(*command)
    with (
        redis_client.Redis.from_url(address("admin").replace("admin:admin@", "")) as stranger,
        pytest.raises(redis_client.exceptions.AuthenticationError),
    ):
        stranger.ping()
