"""The task of one job is thin; what is drawn is seen in tests/unit/jobs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery.worker.request import Request

from renderer.jobs import executor
from renderer.jobs.dispatch import RENDER
from renderer.jobs.executor import RenderFailed
from tasks.render import SafeRequest, render


def test_it_hands_the_job_to_the_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def execute(job_id: UUID, **who: str) -> bool:
        calls.append((job_id, who))
        return True

    monkeypatch.setattr(executor, "execute", execute)
    job_id = uuid4()
    assert render.apply(args=(str(job_id),), task_id="t").get() is True
    ((called, who),) = calls
    assert called == job_id
    assert who["task_id"] == "t"
    assert "#" in who["worker"]


def test_its_name_and_its_promises_do_not_depend_on_settings() -> None:
    assert render.name == RENDER
    assert (render.acks_late, render.reject_on_worker_lost, render.track_started) == (True, False, True)


@pytest.mark.parametrize(
    ("error", "seen"), [(MemoryError("std::bad_alloc"), RenderFailed), (ValueError("x"), ValueError)]
)
def test_a_memory_error_never_reaches_the_worker(error: Exception, seen: type, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_on: list[Any] = []
    monkeypatch.setattr(Request, "on_failure", lambda self, exc_info, *rest: handed_on.append(exc_info.exception))
    request: Any = SafeRequest.__new__(SafeRequest)
    request.on_failure(SimpleNamespace(exception=error))
    assert type(handed_on[0]) is seen
