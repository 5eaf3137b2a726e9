"""Webhooks with real workers, a real beat and a real receiver, which is away at first, and hangs later."""

from __future__ import annotations

import json
import re
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from renderer.models import Delivery, Webhook
from renderer.webhooks import deliveries
from tests.web_servers import Receiver, Server

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

PAGE = Path(__file__).resolve().parents[2] / "docs/webhooks.md"
SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


def test_an_event_reaches_its_receiver_who_was_away_and_a_lost_message_is_made_up_for(live: Live) -> None:
    receiver = Receiver(["503 Closed", "204 No Content"])
    hangs = threading.Event()

    def script(connection: socket.socket, head: str) -> None:
        if hangs.is_set():
            server.over.wait(20)
        else:
            receiver(connection, head)

    with Server(script) as server:
        inside: Any = {"FIGPRESS_FETCH_INTERNAL": f"127.0.0.1:{server.port}"}
        live.start_web(**inside)
        live.start_worker(**inside)
        made = live.call("POST", "/api/v1/webhooks", {"url": f"{server.url}/hook", "events": ["render.succeeded"]})
        assert made.status == 201, made.body
        secret = made.json()["secret"]
        asked = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
        assert asked.status == 201, asked.body
        first = live.wait_for(lambda: Delivery.objects.filter(last_status=503).first(), what="the first attempt")
        assert (first.status, first.attempts) == ("waiting", 1)

        live.restart_redis(keep=False)
        Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))  # and its message is lost
        live.start_beat(**inside)
        live.wait_for(lambda: Delivery.objects.filter(status="delivered").exists(), deadline=60, what="the second")

        # A worker is killed while it delivers: what it held does not hold up the rest until its lease ends.
        hangs.set()
        again = live.call("POST", "/api/v1/charts", {"spec": SPEC | {"title": "Again"}}, headers={"Prefer": "wait=30"})
        assert again.status == 201, again.body
        live.wait_for(lambda: len(server.requests) == 3, what="the attempt that hangs")
        live.kill_worker()
        hangs.clear()
        live.start_worker(concurrency=1, **inside)
        second = live.wait_for(
            Delivery.objects.filter(status="delivered").exclude(pk=first.pk).first, deadline=40, what="what was held"
        )
        assert second.attempts == 2
        assert second.finished_at < second.created_at + deliveries.LEASE
    assert len(receiver.taken) == 3
    (verify,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(verify, str(PAGE), "exec"), names)
    for headers, body in receiver.taken[:2]:
        names["verify"](secret, headers, body)
        assert headers["webhook-id"] == str(first.event_id)
        event = json.loads(body)
        assert (event["type"], event["data"]["job"]) == ("render.succeeded", asked.json()["job"]["id"])
    assert Webhook.objects.get().failures == 0
    assert secret not in "".join(process.output() for process in live.processes)
