"""A server to ask, and somebody who draws meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import executor
from renderer.jobs.executor import RenderFailed
from renderer.models import ApiToken, RenderJob
from renderer.models.job import Status


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create_user("ada", password="correct horse")


@pytest.fixture
def token(ada: User) -> str:
    """The secret of Ada's token."""
    return ApiToken.issue(ada, "tests")[1]


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small chart spec."""
    return {
        "kind": "bar",
        "title": "Fruit",
        "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}},
        "x": "x",
        "y": "y",
        "image": {"width": 320, "height": 200},
    }


@pytest.fixture
def worker(live_server: LiveServer, ada: User) -> Iterator[None]:
    """Draws what waits, in a thread of this process, as long as the test runs."""
    over = threading.Event()

    def work() -> None:
        try:
            while not over.wait(0.05):
                for job in RenderJob.objects.filter(status=Status.QUEUED).order_by("id"):
                    with suppress(RenderFailed):  # the row says so
                        executor.execute(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()
