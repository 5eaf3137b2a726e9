"""Webhooks over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from renderer.models import Delivery, Webhook
from renderer.webhooks import deliveries, hooks, keys, signing

URL = "https://example.org/hook"
EVENTS = ["render.succeeded", "render.failed", "render.cancelled", "render.expired", "schedule.paused"]


def test_the_secret_is_shown_once(api: Any) -> None:
    made = api.post("/webhooks", {"url": URL, "name": "mine", "events": ["render.failed"]})
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    row = Webhook.objects.get()
    secret = made.body["secret"]
    assert secret == signing.shown(keys.secret_of(row.pk, row.seed))
    assert (row.url, row.name, row.events) == (URL, "mine", ["render.failed"])

    one, listed = api.get(made.headers["Location"]), api.get("/webhooks")
    assert "secret" not in one.body
    assert one.body == listed.body["items"][0]
    for answer in (one, listed):
        assert secret not in answer.content.decode()
        assert row.seed not in answer.content.decode()

    rotated = api.post(one.body["links"]["rotate"])
    assert (rotated.status, rotated.headers["Cache-Control"]) == (200, "no-store")
    assert rotated.body["secret"].startswith("whsec_")
    assert rotated.body["secret"] != secret
    assert rotated.body["previous_secret_until"]


def test_it_is_changed_switched_off_and_on_and_deleted(api: Any) -> None:
    path = api.post("/webhooks", {"url": URL}).headers["Location"]
    Webhook.objects.update(failures=7, disabled_reason="Gone.")
    changed = api.patch(path, {"url": URL + "/2", "events": ["schedule.paused", "render.failed"], "is_active": False})
    assert changed.status == 200
    assert (changed.body["url"], changed.body["is_active"]) == (URL + "/2", False)
    assert changed.body["events"] == ["render.failed", "schedule.paused"]
    going = api.patch(path, {"is_active": True})
    assert (going.body["is_active"], going.body["failures"], going.body["disabled_reason"]) == (True, 0, None)
    assert api.delete(path).status == 204
    assert api.get(path).status == 404


def test_the_log_of_deliveries(api: Any) -> None:
    links = api.post("/webhooks", {"url": URL}).body["links"]
    sent = api.post(links["test"])
    assert (sent.status, sent.body["type"], sent.body["status"]) == (202, "webhook.test", "waiting")
    again = sent.body["links"]["redeliver"]
    waits = api.post(again)
    assert (waits.status, waits.body["code"]) == (409, "delivery_waits")

    User.objects.update(is_active=False)
    deliveries.attempt(Delivery.objects.get().pk)
    User.objects.update(is_active=True)
    (item,) = api.get(links["deliveries"]).body["items"]
    assert (item["status"], item["attempts"], item["message"]) == ("failed", 1, "The webhook is off.")
    assert item["payload"]["type"] == "webhook.test"
    once_more = api.post(again)
    assert (once_more.status, once_more.body["status"]) == (202, "waiting")
    assert once_more.body["event_id"] == item["event_id"]


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "/url", "'url' is required"),
        ({"url": "http://127.0.0.1:6379/"}, "/url", "only 80 and 443"),
        ({"url": "http://169.254.169.254/"}, "/url", "not public"),
        ({"url": "ftp://example.org/"}, "/url", "must begin with https"),
        ({"url": URL, "events": []}, "/events", "must not be empty"),
        ({"url": URL, "events": ["render.faild"]}, "/events/0", "did you mean 'render.failed'"),
        ({"url": URL, "events": ["webhook.test"]}, "/events/0", "no such event"),
        ({"url": URL, "name": "x" * 101}, "/name", "longer than 100"),
        ({"url": URL, "secret": "whsec_mine"}, "/secret", "unknown field"),
    ],
)
def test_wrong_webhooks_are_named(api: Any, body: Any, pointer: str, message: str) -> None:
    answer = api.post("/webhooks", body)
    assert answer.status == 422
    assert [(e["pointer"], message in e["message"]) for e in answer.body["errors"]] == [(pointer, True)], answer.body
    assert not Webhook.objects.exists()


def test_a_wrong_change_changes_nothing(api: Any) -> None:
    path = api.post("/webhooks", {"url": URL}).headers["Location"]
    assert api.patch(path, {"url": "http://10.0.0.1/", "is_active": False}).status == 422
    row = Webhook.objects.get()
    assert (row.url, row.is_active, row.events) == (URL, True, EVENTS)


def test_there_is_an_end_to_how_many(api: Any, ada: User) -> None:
    for _ in range(hooks.MOST):
        assert api.post("/webhooks", {"url": URL}).status == 201
    answer = api.post("/webhooks", {"url": URL})
    assert (answer.status, "delete one first" in answer.body["detail"]) == (422, True)
    assert Webhook.objects.filter(owner=ada).count() == hooks.MOST
