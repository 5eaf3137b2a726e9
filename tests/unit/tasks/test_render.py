"""The task of one job is thin; what is drawn is seen in tests/unit/jobs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from celery.worker.request import Request

from renderer.jobs import executor
from renderer.jobs.dispatch import RENDER
from renderer.jobs.executor import RenderFailed
from renderer.models.job import Queue
from tasks.render import render
from tasks.safe import SafeRequest


def test_a_message_draws_what_is_next_for_this_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def execute_line(queues: list[Queue], **who: str) -> int:
        calls.append((queues, who))
        return 3

    monkeypatch.setattr(executor, "execute_line", execute_line)
    monkeypatch.setattr(
        render.app.amqp.queues, "_consume_from", dict.fromkeys(["celery", "bulk", "interactive"])
    )  # what -Q sets

    assert render.apply(task_id="t").get() == 3
    older: Any = render.apply(args=("a job's id, as in messages of older releases",))

    assert older.get() == 3
    (queues, who), _ = calls
    assert queues == [Queue.INTERACTIVE, Queue.BULK]
    assert who["task_id"] == "t"
    assert "#" in who["worker"]


def test_its_name_and_its_promises_do_not_depend_on_settings() -> None:
    assert render.name == RENDER
    assert (render.acks_late, render.reject_on_worker_lost, render.track_started) == (True, False, False)
    assert (render.ignore_result, render.store_errors_even_if_ignored) == (True, True), "only tracebacks are kept"


@pytest.mark.parametrize(
    ("error", "seen"), [(MemoryError("std::bad_alloc"), RenderFailed), (ValueError("x"), ValueError)]
)
def test_a_memory_error_never_reaches_the_worker(error: Exception, seen: type, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_on: list[Any] = []
    monkeypatch.setattr(Request, "on_failure", lambda self, exc_info, *rest: handed_on.append(exc_info.exception))
    request: Any = SafeRequest.__new__(SafeRequest)
    request.on_failure(SimpleNamespace(exception=error))
    assert type(handed_on[0]) is seen
