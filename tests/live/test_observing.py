"""What an operator and those who wait see of a real installation: events, logs, metrics, probes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from project import local
from project.celery import app as celery_app
from renderer.jobs import charts, events, lifecycle
from renderer.models import Chart, RenderJob
from renderer.models.job import Stage, Trigger
from renderer.recipe import Recipe

pytestmark = pytest.mark.live

SPEC = {
    "kind": "bar",
    "title": "Fruit\n2026-01-01T00:00:00 ERROR forged",
    "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}},
    "x": "x",
    "y": "y",
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No connection to the Redis of another test, and no rest after it went away."""
    events._forget_clients()
    yield
    for client in events._clients.values():
        client.close()
    events._forget_clients()


def _chart(owner: User) -> Chart:
    return charts.create(owner, Recipe.from_spec({**SPEC, "title": f"of {owner.username}"}))[0]


def _told(found: list[events.Event]) -> list[tuple[str, str, int]]:
    return [(event.action, event.stage, event.attempt) for event in found]


def test_who_waits_hears_of_every_change_and_of_nobody_elses(live: Any) -> None:
    ada, bob = live.user("ada"), live.user("bob")
    before = events.last_id(ada.pk)
    job = charts.render(_chart(ada), trigger=Trigger.API).job
    claim = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
    assert claim
    lifecycle.advance(claim, Stage.DRAWING)
    lifecycle.release(claim)
    lifecycle.cancel(RenderJob.objects.get(pk=job.pk))
    others = charts.render(_chart(bob), trigger=Trigger.API).job

    found = events.read(ada.pk, before)
    assert _told(found) == [
        ("queued", "", 0),
        ("started", "loading", 1),
        ("advanced", "drawing", 1),
        ("released", "", 1),
        ("cancelled", "", 1),
    ]
    assert {event.job for event in found} == {job.pk}
    assert {event.chart for event in found} == {UUID(job.target_id)}
    assert [event.is_final for event in found] == [False] * 4 + [True]
    assert _told(events.read(ada.pk, found[2].id)) == _told(found[3:]), "it goes on where somebody stopped"
    assert asyncio.run(events.aread(ada.pk, before)) == found
    assert events.last_id(ada.pk) == asyncio.run(events.alast_id(ada.pk)) == found[-1].id
    assert [event.job for event in events.read(bob.pk, events.START)] == [others.pk]
    assert events.read(None, events.START) == []
    with pytest.raises(ValueError, match="no event's id"):
        events.read(ada.pk, "0-0 junk")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_reader_waits_for_what_comes(live: Any, kind: str) -> None:
    ada = live.user("ada")
    chart = _chart(ada)
    found: list[events.Event] = []

    def wait() -> None:
        if kind == "sync":
            found.extend(events.read(ada.pk, events.START, block=20))
        else:
            found.extend(asyncio.run(events.aread(ada.pk, events.START, block=20)))

    reader = threading.Thread(target=wait)
    reader.start()
    job = charts.render(chart, trigger=Trigger.API).job
    reader.join(20)
    assert [(event.action, event.job) for event in found] == [("queued", job.pk)]


def test_a_child_process_speaks_on_a_connection_of_its_own(live: Any) -> None:
    ada = live.user("ada")
    job = charts.render(_chart(ada), trigger=Trigger.API).job
    parents = next(iter(events._clients.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, as Celery's are
        child = os.fork()
    if child == 0:
        ok = events.publish("advanced", [job]) and next(iter(events._clients.values())) is not parents
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert events.publish("advanced", [job])
    assert _told(events.read(ada.pk, events.START)) == [("queued", "", 0), ("advanced", "", 0), ("advanced", "", 0)]


def test_a_redis_that_is_away_or_hangs_stops_nothing(live: Any, settings: Settings) -> None:
    """The broker is another one: it is the events alone that are away."""
    ada = live.user("ada")
    settings.FIGPRESS_EVENTS_URL = f"redis://{local.LOOPBACK}:{local.free_port()}/0"
    job = charts.render(_chart(ada), trigger=Trigger.API).job
    assert events.publish("queued", [job]) is False
    with pytest.raises(events.EventsAway):
        events.read(ada.pk, events.START)
    with pytest.raises(events.EventsAway):
        asyncio.run(events.aread(ada.pk, events.START))

    events._forget_clients()
    settings.FIGPRESS_EVENTS_URL = live.redis.url
    assert events.publish("queued", [job])
    os.kill(live.redis.pid, signal.SIGSTOP)
    try:
        assert events.publish("queued", [job]) is False, "its patience is short"
        assert events._rest_until > 0, "and for a while it is not asked again"
    finally:
        os.kill(live.redis.pid, signal.SIGCONT)
    events._forget_clients()
    live.restart_redis(keep=False)
    assert events.publish("queued", [job])
    live.restart_redis(keep=False)
    assert events.publish("queued", [job]), "a connection that was closed meanwhile is no reason to rest"


def test_without_any_redis_there_are_no_events(live: Any, settings: Settings) -> None:
    app: Any = celery_app  # its types know no setters
    app.conf.broker_url = "amqp://guest@127.0.0.1//"
    assert events.address() == ""
    assert events.publish("queued", []) is False
    with pytest.raises(events.EventsAway):
        events.read(None, events.START)


def _lines(process: local.Process) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.output().splitlines() if line.startswith("{")]


def test_from_the_request_through_the_job_to_the_worker(live: Any) -> None:
    worker = live.start_worker(concurrency=1, LOG_LEVEL="DEBUG")
    live.start_web(FIGPRESS_METRICS_TOKEN="of-prometheus")
    ada = live.user("ada")
    answer = live.call(
        "POST",
        "/api/v1/charts",
        {"spec": SPEC},
        headers={"X-Request-ID": "from-the-proxy-1", "Prefer": "wait=30"},
    )
    assert answer.status == 201
    job = answer.json()["job"]["id"]

    # In the logs.
    assert live.web
    asked = [line for line in _lines(live.web) if line.get("request_id") == "from-the-proxy-1"]
    assert {"job.queued", "http.request"} <= {line.get("action") for line in asked}
    assert next(line for line in asked if line.get("action") == "job.queued")["job"] == job

    def drawn() -> list[dict[str, Any]]:
        return [line for line in _lines(worker) if line.get("action") == "job.succeeded"]

    (line,) = live.wait_for(drawn, what="the worker's line")
    assert (line["job"], line["request_id"], line["attempt"], line["owner"]) == (job, "from-the-proxy-1", 1, ada.pk)
    assert line["worker"].startswith("test0@localhost#")
    assert line["timings"].keys() == {"loading", "drawing", "encoding", "storing"}
    assert [n for n in worker.output().splitlines() if n.startswith("2026-01-01")] == [], "a title forges no line"

    # In the stream.
    found = [event for event in events.read(ada.pk, events.START) if str(event.job) == job]
    # The stages after drawing are told only where they take their time.
    assert [event.action for event in found if event.action != "advanced"] == ["queued", "started", "succeeded"]
    assert "advanced" in {event.action for event in found}

    # In the metrics, and for the probes.
    metrics = live.call("GET", "/metrics", headers={"Authorization": "Bearer of-prometheus"})
    assert metrics.status == 200
    assert b"figpress_workers 1.0" in metrics.body
    assert b'figpress_worker_slots{queue="interactive"} 1.0' in metrics.body
    assert b'method="POST",route="api/v1/charts",status="201"' in metrics.body
    assert live.call("GET", "/readyz").json() == {
        "ready": True,
        "missing": [],
        "parts": dict.fromkeys(("database", "migrations", "broker", "storage"), "ready"),
    }
    os.kill(live.redis.pid, signal.SIGSTOP)
    try:
        live.wait_for(lambda: live.call("GET", "/readyz").json()["missing"] == ["broker"], what="a 503")
        assert live.call("GET", "/healthz").status == 200
    finally:
        os.kill(live.redis.pid, signal.SIGCONT)
    live.wait_for(lambda: live.call("GET", "/readyz").status == 200, what="a 200")
