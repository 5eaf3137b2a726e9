"""Webhooks with a real worker, a real beat and a real receiver, which is away at first."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from renderer.models import Delivery, Webhook
from tests.web_servers import Receiver, Server

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

PAGE = Path(__file__).resolve().parents[2] / "docs/webhooks.md"
SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


def test_an_event_reaches_its_receiver_who_was_away_and_a_lost_message_is_made_up_for(live: Live) -> None:
    receiver = Receiver(["503 Closed", "204 No Content"])
    with Server(receiver) as server:
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

    assert len(receiver.taken) == 2
    (verify,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(verify, str(PAGE), "exec"), names)
    for headers, body in receiver.taken:
        names["verify"](secret, headers, body)
        assert headers["webhook-id"] == str(first.event_id)
        event = json.loads(body)
        assert (event["type"], event["data"]["job"]) == ("render.succeeded", asked.json()["job"]["id"])
    assert Webhook.objects.get().failures == 0
    assert secret not in "".join(process.output() for process in live.processes)
