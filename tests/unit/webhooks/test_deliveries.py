"""Deliveries: what is sent and signed, when it is tried again, when it is given up, what a dead worker leaves."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from renderer.data.fetch import Caps, Fetcher
from renderer.models import Delivery, Webhook, Worker
from renderer.spec.errors import SpecError
from renderer.webhooks import deliveries, hooks, keys, outbox, signing
from tests.web_servers import Receiver, Server, answer

MINUTES = [1 / 6, 1, 5, 30, 120, 300, 480, 540]


class Clock:
    """The time, as the test says."""

    def __init__(self) -> None:
        self.now = timezone.now() + timedelta(seconds=5)  # what a test makes is due by then

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def listening(hook: Webhook, receiver: Receiver, settings: Settings) -> Iterator[Server]:
    """A server where the webhook leads, which the operator allows."""
    with Server(receiver) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        hooks.change(hook, url=f"{server.url}/hook?key=1")
        yield server


def event(hook: Webhook) -> Delivery:
    """One that is retried: a test is not."""
    delivery = outbox.test(hook)
    Delivery.objects.filter(pk=delivery.pk).update(type="render.failed")
    delivery.refresh_from_db()
    return delivery


def messages() -> list[Any]:
    """What the workers have been told since this was asked last."""
    with current_app.connection_for_write() as connection, connection.channel() as channel:
        queue = current_app.amqp.queues["fetch"].bind(channel)
        queue.queue_declare()
        taken = iter(lambda: queue.get(no_ack=True), None)
        return [message.decode()[0] for message in taken]


def test_what_is_sent(hook: Webhook, listening: Server, receiver: Receiver, clock: Clock) -> None:
    delivery = event(hook)
    assert deliveries.attempt(delivery.pk, clock=clock)
    ((headers, body),) = receiver.taken
    assert listening.requests[0].startswith("POST /hook?key=1 HTTP/1.1")
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["data"] == {"webhook": str(hook.pk)}
    secret = keys.secret_of(hook.pk, hook.seed)
    assert headers.items() >= signing.headers([secret], str(delivery.event_id), clock.now, body).items()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)
    assert delivery.message == "The receiver answered 204."
    assert delivery.last_ms is not None
    assert delivery.finished_at == clock.now
    assert not deliveries.attempt(delivery.pk, clock=clock), "once is enough"
    assert len(receiver.taken) == 1


def test_two_secrets_sign_while_one_is_rotated(
    hook: Webhook, listening: Server, receiver: Receiver, clock: Clock, settings: Settings
) -> None:
    old = keys.secret_of(hook.pk, hook.seed)
    shown = hooks.rotate(hook)
    new = keys.secret_of(hook.pk, hook.seed)
    assert shown == signing.shown(new) != signing.shown(old)
    assert deliveries.attempt(outbox.test(hook).pk)
    clock.now += timedelta(hours=24, minutes=1)
    assert deliveries.attempt(outbox.test(hook).pk, clock=clock)
    signed = [
        [signing.signature(key, h["webhook-id"], int(h["webhook-timestamp"]), body) for key in (new, old)]
        for h, body in receiver.taken
    ]
    assert [h["webhook-signature"].split() for h, _ in receiver.taken] == [signed[0], signed[1][:1]]

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one, after a change"
    assert keys.secrets_of(hook, timezone.now()) == [new, old]
    assert deliveries.attempt(outbox.test(hook).pk)


def test_a_secret_that_is_lost_is_said(
    hook: Webhook, listening: Server, receiver: Receiver, settings: Settings
) -> None:
    # The address is encrypted with a key of its own, if there is one: it is not lost with the other.
    settings.FIGPRESS_ENCRYPTION_KEYS = ["a key of its own " * 4]
    hook.save()
    settings.SECRET_KEY = "another one, without fallbacks"
    delivery = event(hook)
    assert not deliveries.attempt(delivery.pk)
    hook.refresh_from_db()
    delivery.refresh_from_db()
    assert not hook.is_active
    assert "rotate it" in hook.disabled_reason == delivery.message
    hooks.rotate(hook)
    hooks.switch_on(hook)
    assert deliveries.redeliver(delivery)
    assert deliveries.attempt(delivery.pk)
    assert len(receiver.taken) == 1


def test_it_is_tried_again_for_a_day(hook: Webhook, listening: Server, receiver: Receiver, clock: Clock) -> None:
    receiver.statuses = ["500 No"]
    delivery = event(hook)
    waits = []
    while True:
        assert not deliveries.attempt(delivery.pk, clock=clock)
        delivery.refresh_from_db()
        if delivery.next_attempt_at is None:
            break
        waits.append((delivery.next_attempt_at - clock.now) / timedelta(minutes=1))
        clock.now = delivery.next_attempt_at - timedelta(seconds=1)
        assert not deliveries.attempt(delivery.pk, clock=clock), "not before its time"
        clock.now = delivery.next_attempt_at
    assert len(waits) == len(MINUTES)
    assert all(0.8 * minutes <= wait <= 1.2 * minutes for wait, minutes in zip(waits, MINUTES, strict=True))
    assert (delivery.status, delivery.attempts, len(receiver.taken)) == ("failed", 9, 9)
    assert delivery.message == "The receiver answered 500."
    assert len({h["webhook-id"] for h, _ in receiver.taken}) == 1
    assert len({body for _, body in receiver.taken}) == 1
    hook.refresh_from_db()
    assert (hook.is_active, hook.failures) == (True, 9)

    receiver.statuses = ["200 OK"]
    assert deliveries.redeliver(delivery)
    assert not deliveries.redeliver(delivery), "it waits"
    assert deliveries.attempt(delivery.pk, clock=clock)
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since) == (0, None)
    assert receiver.taken[-1][0]["webhook-id"] == str(delivery.event_id)


def test_who_is_away_for_days_is_not_asked_any_more(
    hook: Webhook, listening: Server, receiver: Receiver, clock: Clock
) -> None:
    receiver.statuses = ["503 Closed"]
    for _ in range(25):
        deliveries.attempt(event(hook).pk, clock=clock)
    hook.refresh_from_db()
    assert hook.is_active, "many in a minute are one bad minute"
    clock.now += timedelta(days=3)
    waiting = Delivery.objects.order_by("id").first()
    assert waiting
    deliveries.attempt(waiting.pk, clock=clock)
    hook.refresh_from_db()
    assert not hook.is_active
    assert hook.disabled_at == clock.now
    assert hook.disabled_reason == "26 attempts in a row failed, over 3 days. The receiver answered 503."

    clock.now += timedelta(minutes=2)
    asked = len(receiver.taken)
    deliveries.attempt(waiting.pk, clock=clock)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.message, len(receiver.taken)) == ("failed", "The webhook is off.", asked)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7200", 7200), ("999999999999999999", 9 * 3600), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("later", None),
        ("-5", None), ("", None), ("\u00b2", None), ("DATE", 3600),
    ],
)  # fmt: skip
def test_a_receiver_says_when_it_is_to_be_asked_again(
    hook: Webhook, listening: Server, receiver: Receiver, clock: Clock, said: str, seconds: int | None
) -> None:
    clock.now = clock.now.replace(microsecond=0)
    said = format_datetime(clock.now + timedelta(hours=1), usegmt=True) if said == "DATE" else said
    receiver.statuses = [f"503 Busy\r\nRetry-After: {said}"]
    delivery, other, test = event(hook), event(hook), outbox.test(hook)
    deliveries.attempt(delivery.pk, clock=clock)

    for row in (delivery, other, test):
        row.refresh_from_db()
    assert (delivery.status, delivery.attempts, other.attempts) == ("waiting", 1, 0)
    assert test.next_attempt_at
    assert test.next_attempt_at < clock.now, "a person waits for that one"
    assert delivery.next_attempt_at
    if seconds is None:
        assert delivery.next_attempt_at < clock.now + timedelta(minutes=1)
        assert other.next_attempt_at
        assert other.next_attempt_at <= clock.now
        return
    assert delivery.next_attempt_at == other.next_attempt_at == clock.now + timedelta(seconds=seconds)
    clock.now += timedelta(seconds=seconds - 1)
    assert not deliveries.attempt(other.pk, clock=clock)
    assert len(receiver.taken) == 1
    receiver.statuses, clock.now = ["200 OK"], clock.now + timedelta(seconds=1)
    assert deliveries.attempt(other.pk, clock=clock)


def test_one_owners_dead_receiver_holds_up_nobody_else(
    hook: Webhook, listening: Server, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (event(hook) for _ in range(3))
    others = event(hooks.create(User.objects.create_user("bob"), f"{listening.url}/bob")[0])
    sent = deliveries._send
    messages()

    def hangs(*given: Any) -> deliveries.Outcome:
        with monkeypatch.context() as patch:
            patch.setattr(deliveries, "_send", sent)
            assert not deliveries.attempt(second.pk, clock=clock), "hers waits for the one that hangs"
            assert deliveries.attempt(others.pk, clock=clock), "his does not"
            assert messages() == []
            Worker.objects.create(
                name="w@host#1", queues="interactive,fetch", concurrency=4, started_at=clock.now, seen_at=clock.now
            )
            assert deliveries.attempt(third.pk, clock=clock), "with more hands there she may have two"
            assert messages() == [[str(second.pk)]], "the end of one calls the next"
            Worker.objects.all().delete()
        return deliveries.Outcome(False, "The receiver does not answer in time.")

    monkeypatch.setattr(deliveries, "_send", hangs)
    deliveries.attempt(first.pk, clock=clock)
    assert messages() == [[str(second.pk)]]
    second.refresh_from_db()
    assert (second.status, second.attempts) == ("waiting", 0)
    monkeypatch.setattr(deliveries, "_send", sent)
    assert deliveries.attempt(second.pk, clock=clock)


def test_each_owner_has_a_turn_in_what_is_published(hook: Webhook, clock: Clock) -> None:
    rows = [event(hook) for _ in range(5)]
    theirs = event(hooks.create(User.objects.create_user("bob"), "https://example.org/bob")[0])
    messages()
    assert deliveries.publish_due(clock.now) == 2
    assert messages() == [[str(rows[0].pk)], [str(theirs.pk)]]


def test_410_ends_it_at_once(hook: Webhook, listening: Server, receiver: Receiver) -> None:
    receiver.statuses = ["410 Gone"]
    delivery = event(hook)
    deliveries.attempt(delivery.pk)
    hook.refresh_from_db()
    delivery.refresh_from_db()
    assert (hook.is_active, delivery.status, delivery.attempts) == (False, "failed", 1)
    assert "410" in hook.disabled_reason


def test_a_test_is_sent_once_and_counts_for_nothing(hook: Webhook, listening: Server, receiver: Receiver) -> None:
    receiver.statuses = ["500 No"]
    hooks.switch_off(hook)
    delivery = hooks.send_test(hook)
    deliveries.attempt(delivery.pk)
    hook.refresh_from_db()
    delivery.refresh_from_db()
    assert (delivery.status, len(receiver.taken), hook.failures) == ("failed", 1, 0)


def test_an_owner_who_may_no_more_is_told_no_more(
    hook: Webhook, listening: Server, receiver: Receiver, ada: User
) -> None:
    delivery = event(hook)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    deliveries.attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, receiver.taken) == ("failed", [])


def test_a_worker_that_dies_in_the_middle_loses_nothing(
    hook: Webhook, listening: Server, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = event(hook)
    sent = deliveries._send

    def dies(*given: Any) -> None:
        sent(*given)
        assert not deliveries.attempt(delivery.pk, clock=clock), "never two at once"
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_send", dies)
        with pytest.raises(SystemExit):
            deliveries.attempt(delivery.pk, clock=clock)
    assert len(receiver.taken) == 1
    assert not deliveries.attempt(delivery.pk, clock=clock), "its lease holds"
    clock.now += deliveries.LEASE
    assert deliveries.attempt(delivery.pk, clock=clock)
    assert [h["webhook-id"] for h, _ in receiver.taken] == [str(delivery.event_id)] * 2


def test_what_was_under_way_before_a_restore_is_due_at_once(
    hook: Webhook, listening: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = event(hook), event(hook)

    def dies(*given: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_send", dies)
        with pytest.raises(SystemExit):
            deliveries.attempt(first.pk, clock=clock)
    assert not deliveries.attempt(second.pk, clock=clock), "its owner has one hand, which is taken"
    assert deliveries.give_back(clock.now) == 1
    assert deliveries.attempt(second.pk, clock=clock)
    assert deliveries.attempt(first.pk, clock=clock)
    first.refresh_from_db()
    assert (first.status, first.attempts) == ("delivered", 1)


def test_an_attempt_that_was_overtaken_changes_nothing(
    hook: Webhook, listening: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = event(hook)
    sent = deliveries._send

    def slow(*given: Any) -> deliveries.Outcome:
        monkeypatch.setattr(deliveries, "_send", sent)
        clock.now += deliveries.LEASE
        assert deliveries.attempt(delivery.pk, clock=clock)
        return deliveries.Outcome(False, "too late")

    monkeypatch.setattr(deliveries, "_send", slow)
    deliveries.attempt(delivery.pk, clock=clock)
    delivery.refresh_from_db()
    hook.refresh_from_db()
    assert (delivery.status, delivery.attempts, hook.failures) == ("delivered", 2, 0)


def test_what_is_due_is_published_after_a_lost_message(
    hook: Webhook, clock: Clock, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    messages()
    with django_capture_on_commit_callbacks(execute=True):
        delivery = event(hook)
    assert messages() == [[str(delivery.pk)]]
    assert deliveries.publish_due(delivery.created_at - timedelta(seconds=1)) == 0
    assert deliveries.publish_due(clock.now + timedelta(seconds=60)) == 1
    assert messages() == [[str(delivery.pk)]]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6379/",
        "http://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "https://user:pw@example.org/",
        "https://example.org:8443/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "",
    ],
)
def test_addresses_inside_are_refused_when_a_webhook_is_made(ada: User, url: str) -> None:
    with pytest.raises(SpecError) as caught:
        hooks.create(ada, url)
    assert [problem.pointer for problem in caught.value.problems] == ["/url"]
    assert not Webhook.objects.exists()


def test_a_name_that_leads_inside_later_is_refused_when_it_is_sent(hook: Webhook) -> None:
    delivery = event(hook)
    deliveries.attempt(delivery.pk, fetcher=Fetcher(resolver=lambda *_: ["127.0.0.1"]))
    delivery.refresh_from_db()
    assert delivery.message == "The receiver leads to an address that is not public."
    assert delivery.last_status is None


def test_redirects_are_not_followed(hook: Webhook, settings: Settings) -> None:
    script = answer(b"", "302 Found", Location="http://169.254.169.254/")
    with Server(script) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        hooks.change(hook, url=server.url)
        delivery = event(hook)
        deliveries.attempt(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.message == "The receiver answered 302, a redirect, which is not followed."
    assert len(server.requests) == 1


def test_an_answer_without_end_is_not_waited_for(
    hook: Webhook, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drips(connection: socket.socket, _: str) -> None:
        while not server.over.wait(0.01):
            connection.sendall(b"x")

    def body_drips(connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        drips(connection, head)

    for script, cap, said in (
        (body_drips, deliveries.CAPS.seconds, "The receiver answered 200."),
        (drips, 0.2, "The receiver does not answer in time."),
    ):
        with Server(script) as server:
            settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
            hooks.change(hook, url=server.url)
            monkeypatch.setattr(deliveries, "CAPS", Caps(seconds=cap, redirects=0))
            delivery = event(hook)
            deliveries.attempt(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.message == said


def test_old_deliveries_go(hook: Webhook, listening: Server, clock: Clock) -> None:
    ended, waiting = event(hook), event(hook)
    deliveries.attempt(ended.pk, clock=clock)
    assert deliveries.forget(clock.now + timedelta(days=29)) == 0
    assert deliveries.forget(clock.now + timedelta(days=31)) == 1
    assert Delivery.objects.get() == waiting
