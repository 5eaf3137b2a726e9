"""Waiting as clients do it: event streams and long polls of a real server, with a real Redis."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from renderer.jobs import charts, events, lifecycle
from renderer.models import ApiToken, RenderJob
from renderer.models.job import Reason, Stage, Trigger
from renderer.recipe import Recipe

pytestmark = pytest.mark.live

PATIENCE = 40
SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
Frame = dict[str, Any]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No connection to the Redis of another test, and no rest after it went away."""
    events._forget_clients()
    yield
    for client in events._clients.values():
        client.close()
    events._forget_clients()


class Stream:
    """One connection to an event stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> Frame:
        """The next frame that says something. StopIteration at the end of the stream."""
        frame: Frame = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line and name:
                frame[name] = value
            elif not line and "event" in frame:
                return {**frame, "data": json.loads(frame["data"])}
            elif not line:
                frame = {}
        raise StopIteration

    def until(self, name: str) -> list[Frame]:
        """All frames up to the first of this name."""
        found: list[Frame] = []
        while not found or found[-1]["event"] != name:
            found.append(self.next())
        return found

    def is_over(self) -> bool:
        """Whether the server ends it without another frame."""
        try:
            self.next()
        except StopIteration:
            return True
        return False


def _job(owner: User, title: str = "Fruit") -> RenderJob:
    chart, _ = charts.create(owner, Recipe.from_spec({**SPEC, "title": title}))
    return charts.render(chart, trigger=Trigger.API).job


def _claim(job: RenderJob) -> lifecycle.Claim:
    claim = lifecycle.claim(job.pk, worker="w@host#1", task_id=f"task of {job.pk}")
    assert claim
    return claim


@pytest.fixture
def listen(live: Any) -> Callable[..., Any]:
    """Open a stream, by default as Ada."""

    @contextmanager
    def opened(path: str, *, after: str = "", headers: dict[str, str] | None = None) -> Iterator[Stream]:
        live.call("GET", "/api/v1/jobs")  # makes the token
        named = {"Authorization": f"Bearer {live.token}"} if headers is None else headers
        named |= {"Last-Event-ID": after} if after else {}
        url = f"{live.web_url}/api/v1{path}"
        with httpx.stream("GET", url, headers=named, timeout=PATIENCE, trust_env=False) as response:
            yield Stream(response)

    return opened


def test_streams_tell_everything_once_also_through_a_lost_connection(live: Any, listen: Any) -> None:
    live.start_web(FIGPRESS_STREAMS="3")
    ada, bob = live.user("ada"), live.user("bob")
    job = _job(ada)
    path = f"/jobs/{job.pk}/events"

    with listen(path) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        assert stream.response.headers["Cache-Control"] == "no-store"
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        ready = stream.next()
        assert (ready["event"], ready["data"]["status"]) == ("ready", "queued")
        claim = _claim(job)
        started = stream.next()
        _job(bob)
    lifecycle.advance(claim, Stage.DRAWING)  # nobody listens
    _job(ada, "another one")
    lifecycle.advance(claim, Stage.ENCODING)
    with listen(path, after=started["id"]) as stream, listen("/events", after=ready["id"]) as all_of_them:
        missed = [stream.next(), stream.next()]
        assert lifecycle.fail(claim, Reason.TOO_LARGE, "It has too many bars.")
        last = stream.next()
        assert stream.is_over()
        heard = all_of_them.until("failed")
    told = [started, *missed, last]
    assert [(frame["event"], frame["data"]["stage"]) for frame in told] == [
        ("started", "loading"),
        ("advanced", "drawing"),
        ("advanced", "encoding"),
        ("failed", None),
    ]
    assert last["data"] == {
        "job": str(job.pk), "chart": job.target_id, "status": "failed", "stage": None, "attempt": 1,
        "reason": "too_large",
    }  # fmt: skip
    assert [frame for frame in heard if frame["data"]["job"] == str(job.pk)] == told, "the same, by the same ids"
    assert [frame["event"] for frame in heard] == ["started", "advanced", "queued", "advanced", "failed"]

    # Who has heard the end is told to stay away, and who has not hears it, however late.
    assert live.call("GET", f"/api/v1{path}", headers={"Last-Event-ID": last["id"]}).status == 204
    with listen(path, after=missed[0]["id"]) as stream:
        assert [stream.next(), stream.next()] == [missed[1], last]
        assert stream.is_over()
    with listen(path) as stream:
        assert stream.next()["event"] == "failed"
        assert stream.is_over()

    # Whose it is, and how many.
    bobs = {"Authorization": f"Bearer {ApiToken.issue(bob, 'his')[1]}"}
    assert live.call("GET", f"/api/v1{path}", headers=bobs).status == 404
    assert live.call("GET", f"/api/v1{path}", headers={"Authorization": ""}).status == 401
    browser = Client()
    browser.force_login(ada)
    cookies = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    with listen("/events", headers=cookies) as one, listen("/events") as two:
        assert [one.next()["event"], two.next()["event"]] == ["ready", "ready"]
        with listen("/events") as three:
            assert three.next()["event"] == "ready"
            refused = live.call("GET", "/api/v1/events")
            assert (refused.status, refused.json()["code"]) == (429, "too_many_streams")
            assert int(refused.headers["Retry-After"]) > 0
            with listen("/events", headers=bobs) as others:
                assert others.next()["event"] == "ready"

        def again() -> bool:
            with listen("/events") as stream:
                return bool(stream.response.status_code == 200)

        live.wait_for(again, what="a place for another stream")


def test_what_is_gone_is_said_and_redis_may_go_and_come_back(live: Any, listen: Any) -> None:
    web = live.start_web()
    assert web
    ada = live.user("ada")
    job = _job(ada)
    path = f"/jobs/{job.pk}/events"
    with listen(path) as stream:
        first = stream.next()["id"]

    # The stream in Redis keeps about a thousand events.
    for _ in range(2 * events.KEPT):
        assert events.publish("advanced", [job])
    with listen(path, after=first) as stream, listen("/events", after=first) as all_of_them:
        assert (reset := stream.next())["event"] == "reset"
        assert (reset["data"]["status"], all_of_them.next()["event"]) == ("queued", "reset")
        claim = _claim(job)
        assert [stream.next()["event"], all_of_them.next()["event"]] == ["started", "started"]
    with listen(path, after="no id of ours") as stream:
        assert stream.next()["event"] == "reset"

    # An emptied Redis, and none at all: the rows are asked.
    with listen(path) as stream, listen("/events") as all_of_them:
        assert (stream.next()["data"]["stage"], all_of_them.next()["event"]) == ("loading", "ready")
        live.redis.kill()
        assert all_of_them.until("reset"), "it may have missed something"
        lifecycle.advance(claim, Stage.DRAWING)
        for found in (stream.next(), all_of_them.next()):
            assert (found["event"], found["data"]["stage"], "id" in found) == ("advanced", "drawing", False)
        with listen(path, after=first) as late, listen("/events") as fresh:
            assert (found := late.next())["event"] == "reset"
            assert (found["data"]["stage"], fresh.next()["event"]) == ("drawing", "ready")
        live.restart_redis(keep=False)
        assert all_of_them.until("reset")
        events._forget_clients()
        lifecycle.advance(claim, Stage.STORING)
        found, same = stream.next(), all_of_them.next()
        assert found["data"]["stage"] == same["data"]["stage"] == "storing"
        assert found["id"] == same["id"]
        _long_poll_hears(live, job, lambda: lifecycle.succeed(claim, warnings=[], timings={}))
        assert stream.next()["event"] == all_of_them.next()["event"] == "succeeded"

    # The server stops although somebody listens and somebody waits.
    other = _job(ada, "another one")
    with listen("/events") as stream:
        assert stream.next()["event"] == "ready"
        url, headers = f"{live.web_url}/api/v1/jobs/{other.pk}", {"Authorization": f"Bearer {live.token}"}
        answers: list[httpx.Response] = []
        waits = threading.Thread(
            target=lambda: answers.append(
                httpx.get(url, headers=headers | {"Prefer": "wait=30"}, timeout=PATIENCE, trust_env=False)
            )
        )
        waits.start()
        with listen(f"/jobs/{other.pk}/events") as beside:
            assert beside.next()["event"] == "ready"
        os.kill(live.web.pid, signal.SIGTERM)
        assert stream.is_over()
        waits.join(PATIENCE)
    live.web.wait(PATIENCE)
    assert [answer.json()["status"] for answer in answers] == ["queued"]
    assert "timeout graceful shutdown exceeded" not in live.web.output()


def _long_poll_hears(live: Any, job: RenderJob, act: Callable[[], object]) -> None:
    """A client that knows the state is answered when it is another one, long before its time is over."""
    path = f"/api/v1/jobs/{job.pk}"
    etag = live.call("GET", path).headers["ETag"]
    answers: list[Any] = []
    headers = {"If-None-Match": etag, "Prefer": "wait=30"}
    waits = threading.Thread(target=lambda: answers.append(live.call("GET", path, headers=headers)))
    waits.start()
    act()
    waits.join(PATIENCE)
    (answer,) = answers
    assert (answer.status, answer.json()["status"]) == (200, "succeeded")
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert live.call("GET", path, headers={"If-None-Match": answer.headers["ETag"]}).status == 304


@pytest.mark.browser
def test_a_page_shows_what_the_stream_tells(live: Any) -> None:
    """With the real server, under the real policy. That pages ask by themselves is shown in tests/web."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("there is no Chromium on PATH")
    live.start_web()
    ada = live.user("ada")
    job = _job(ada)
    browser = Client()
    browser.force_login(ada)
    cookie: Any = {"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": live.web_url}
    live.call("GET", "/api/v1/jobs")  # makes the token: while the browser is open, this thread has no database
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        context = window.new_context()
        context.add_cookies([cookie])
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        with page.expect_response("**/api/v1/events", timeout=PATIENCE * 1000) as opened:
            page.goto(f"{live.web_url}/charts/{job.target_id}/")
        assert opened.value.headers["content-type"] == "text/event-stream"
        assert live.call("POST", f"/api/v1/jobs/{job.pk}/cancel").status == 200
        expect(page.locator("#live-status")).to_contain_text("Cancelled", timeout=PATIENCE * 1000)
        expect(page.locator(".live[data-events]")).to_have_count(0)
        assert complaints == []
        window.close()
