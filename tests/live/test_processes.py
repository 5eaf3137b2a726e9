"""The processes of one installation start, answer and leave nothing behind."""

from __future__ import annotations

from typing import Any

import psutil
import pytest
import redis as redis_client

from project import local
from renderer.models import ApiToken

pytestmark = pytest.mark.live


def test_our_redis_asks_for_its_password_and_keeps_what_it_is_told(live: Any) -> None:
    with redis_client.Redis.from_url(live.redis.url) as client:
        client.set("kept", "yes")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    live.restart_redis()
    with redis_client.Redis.from_url(live.redis.url) as client:
        assert client.get("kept") == b"yes"
    with (
        redis_client.Redis(port=live.redis.port) as stranger,
        pytest.raises(redis_client.AuthenticationError),
    ):
        stranger.get("kept")
    live.restart_redis(keep=False)
    with redis_client.Redis.from_url(live.redis.url) as client:
        assert client.get("kept") is None


def test_a_killed_worker_leaves_no_child_behind(live: Any) -> None:
    worker = live.start_worker(concurrency=2)
    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    assert len(family) == 3
    live.kill_worker()
    live.wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family))


def test_a_stopped_worker_ends_well(live: Any) -> None:
    live.start_worker(concurrency=1)
    assert live.stop_worker() == 0


def test_the_test_and_the_processes_share_one_database(live: Any) -> None:
    live.start_web()
    token, _ = ApiToken.issue(live.user(), "shared")
    answer = live.call("GET", "/admin/login/")
    assert answer.status == 200
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_a_process_that_ends_early_says_why(live: Any) -> None:
    broken = live.start("broken", ["sh", "-c", "echo no such thing; exit 3"])
    with pytest.raises(local.LocalError, match=r"ended with 3[\s\S]*no such thing"):
        broken.wait_until(lambda: False, deadline=10)
