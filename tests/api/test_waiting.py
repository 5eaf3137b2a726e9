"""Waiting: the answer comes when there is one, and meanwhile nothing is held."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Collection, MutableMapping
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.test import AsyncClient

from renderer.api import looks, news, preferences
from renderer.jobs import lifecycle
from renderer.models import RenderJob
from renderer.models.job import Reason, Stage

LONG = 30
"""More than a test may take: what answers sooner did not wait for the time to pass."""

pytestmark = pytest.mark.django_db(transaction=True)


def soon(act: Callable[[], object], seconds: float = 0.2) -> threading.Timer:
    """Do something from another thread, as a worker does it from another process."""
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def claim(job: RenderJob) -> lifecycle.Claim:
    claimed = lifecycle.claim(job.pk, worker="w@host#1", task_id="t")
    assert claimed
    return claimed


def closing(act: Callable[[], object]) -> Callable[[], None]:
    """With the thread's connection closed afterwards, which would outlive the test's database."""

    def closed() -> None:
        from django.db import connections

        try:
            act()
        finally:
            connections.close_all()

    return closed


def test_waiting_ends_with_the_job(api: Any, queued: RenderJob, draw: Callable[..., RenderJob]) -> None:
    started = time.monotonic()
    worker = soon(closing(lambda: draw(queued)))

    answer = api.get(f"/jobs/{queued.pk}", Prefer=f"respond-async, wait={LONG}")

    worker.join()
    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert answer.headers["Preference-Applied"] == f"wait={LONG}", "it did wait, and answers no 202"
    assert time.monotonic() - started < LONG


def test_waiting_ends_with_any_change_from_what_the_client_knows(api: Any, queued: RenderJob) -> None:
    claimed = claim(queued)
    known = api.get(f"/jobs/{queued.pk}")
    started = time.monotonic()
    worker = soon(closing(lambda: lifecycle.advance(claimed, Stage.ENCODING)))

    answer = api.get(f"/jobs/{queued.pk}", Prefer=f"wait={LONG}", If_None_Match=known.headers["ETag"])

    worker.join()
    assert (known.body["stage"], answer.status, answer.body["stage"]) == ("loading", 200, "encoding")
    assert time.monotonic() - started < LONG


def test_what_changed_before_is_told_at_once(api: Any, queued: RenderJob) -> None:
    etag = api.get(f"/jobs/{queued.pk}").headers["ETag"]
    claim(queued)
    started = time.monotonic()

    answer = api.get(f"/jobs/{queued.pk}", Prefer=f"wait={LONG}", If_None_Match=etag)

    assert (answer.status, answer.body["status"]) == (200, "running")
    assert time.monotonic() - started < LONG


def test_waiting_ends_with_the_time(api: Any, queued: RenderJob) -> None:
    etag = api.get(f"/jobs/{queued.pk}").headers["ETag"]

    same = api.get(f"/jobs/{queued.pk}", Prefer="wait=1", If_None_Match=etag)
    anew = api.get(f"/jobs/{queued.pk}", Prefer="wait=1")

    assert (same.status, anew.status, anew.body["status"]) == (304, 200, "queued")
    assert same.headers["Preference-Applied"] == anew.headers["Preference-Applied"] == "wait=1"
    assert "Retry-After" in anew.headers


def test_a_job_that_goes_while_somebody_waits_is_not_found(api: Any, queued: RenderJob) -> None:
    worker = soon(closing(lambda: RenderJob.objects.all().delete()))

    assert api.get(f"/jobs/{queued.pk}", Prefer=f"wait={LONG}").status == 404
    worker.join()


def test_a_chart_that_is_drawn_meanwhile_is_created(api: Any, spec: Any, draw: Callable[..., RenderJob]) -> None:
    drawn = threading.Thread(target=closing(lambda: draw(_the_job())))
    drawn.start()

    answer = api.post("/charts", {"spec": spec}, Prefer=f"wait={LONG}")

    drawn.join()
    assert answer.status == 201
    assert answer.headers["Location"] == answer.body["chart"]["links"]["self"]
    assert answer.headers["Preference-Applied"] == f"wait={LONG}"
    assert answer.body["chart"]["picture"]["alt"] == "Two bars."


def test_a_chart_that_fails_meanwhile_is_accepted_and_says_so(api: Any, spec: Any) -> None:
    failing = threading.Thread(
        target=closing(lambda: lifecycle.fail(claim(_the_job()), Reason.TOO_LARGE, "It has too many bars."))
    )
    failing.start()

    answer = api.post("/charts", {"spec": spec}, Prefer=f"wait={LONG}")

    failing.join()
    assert (answer.status, answer.body["job"]["status"], answer.body["job"]["reason"]) == (202, "failed", "too_large")
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("wait=300", preferences.MAX_WAIT),
        ('Wait="5"; x=1, wait=9', 5),
        ("respond-async, wait = 7", 7),
        ("wait=-1", None),
        ("wait=1e3", None),
        ("wait=٣", None),
        ("wait", None),
        ("wait=" + "9" * 5000, preferences.MAX_WAIT),
        ("", None),
    ],
)
def test_what_a_client_prefers(rf: Any, header: str, seconds: int | None) -> None:
    assert preferences.wait(rf.get("/", headers={"Prefer": header})) == seconds


def test_what_was_heeded_is_said(api: Any, spec: Any) -> None:
    asked = api.post("/charts", {"spec": spec}, Prefer="respond-async, handling=strict")
    again = api.post("/charts", {"spec": spec}, Prefer="respond-async, wait=1")

    assert (asked.status, asked.headers["Preference-Applied"]) == (202, "respond-async")
    assert (again.status, again.headers["Preference-Applied"]) == (202, "respond-async, wait=1")
    assert "Preference-Applied" not in api.post("/charts", {"spec": spec}).headers


def test_the_asynchronous_client_waits_too(api: Any, queued: RenderJob, draw: Callable[..., RenderJob]) -> None:
    async def ask() -> Any:
        return await AsyncClient().get(f"/api/v1/jobs/{queued.pk}", headers={**api.headers, "Prefer": f"wait={LONG}"})

    worker = soon(closing(lambda: draw(queued)))
    response = async_to_sync(ask)()

    worker.join()
    assert (response.status_code, response.json()["status"]) == (200, "succeeded")


def test_many_who_wait_hold_no_threads_and_are_looked_at_together(
    api: Any, queued: RenderJob, draw: Callable[..., RenderJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through Django's own ASGI handler, with this installation's middleware, as uvicorn calls it, and no Redis."""
    clients = 20
    threads: list[int] = []
    look = looks.of_jobs

    def counting(jobs: Collection[UUID]) -> Any:
        if sum(len(group) for group in rooms[0]._of_jobs.values()) == clients:  # everybody waits
            threads.append(threading.active_count())
            if len(threads) == 5:
                draw(queued)
        return look(jobs)

    rooms: list[news.Newsroom] = []
    monkeypatch.setattr(looks, "of_jobs", counting)
    before = threading.active_count()

    async def ask_all() -> list[tuple[int, Any]]:
        rooms.append(news.room())
        application = get_asgi_application()
        return await asyncio.gather(*(_ask(application, queued.pk, api.headers) for _ in range(clients)))

    answers = asyncio.run(ask_all())

    assert [(status, body["status"]) for status, body in answers] == [(200, "succeeded")] * clients
    assert threads[4] - before <= 4


def _the_job() -> RenderJob:
    """The one job, when it is there."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        if job := RenderJob.objects.first():
            return job
    raise AssertionError("no job came")


Message = MutableMapping[str, Any]


async def _ask(application: Any, job_id: UUID, headers: dict[str, str]) -> tuple[int, Any]:
    sent: list[Message] = []
    received = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in received:
            return message
        return await asyncio.Future()  # a client that stays

    async def send(message: Message) -> None:
        sent.append(message)

    names = {**headers, "Prefer": f"wait={LONG}", "Host": "localhost"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/v1/jobs/{job_id}",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in names.items()],
    }
    await application(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return int(sent[0]["status"]), json.loads(body)
