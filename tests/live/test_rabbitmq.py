"""RabbitMQ as the broker, by one variable: with a Redis for the news of jobs, and without any."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from project import local
from renderer import health
from renderer.jobs import events
from renderer.models import Attempt, RenderJob
from renderer.models.job import Status
from tests.live import environment, installation
from tests.live.installation import Live
from tests.live.steps import SPEC, ask_spec
from tests.rabbit import Rabbit

pytestmark = pytest.mark.live


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[list[Rabbit]]:
    """The server, in a list: a test that kills it puts the next one in its place."""
    try:
        servers = [Rabbit(tmp_path / "rabbit")]
    except local.LocalError as error:
        pytest.skip(str(error))
    yield servers
    servers[-1].stop(grace=15)


def test_nothing_is_lost_on_rabbitmq_without_any_redis(
    workspace: Path, rabbit: list[Rabbit], redis: local.Redis, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> None:
    (server,) = rabbit
    env = environment.environment(workspace) | {"BROKER_URL": server.url, "FIGPRESS_METRICS_TOKEN": "t"}
    live = Live(workspace, env, redis)
    settings.VAR_DIR, settings.MEDIA_ROOT = workspace, workspace / "media"
    settings.SECRET_KEY = (workspace / "secret_key").read_text()
    with installation.database(env["DATABASE_URL"], django_db_blocker), installation.broker(server.url):
        try:
            _try(live, rabbit)
        finally:
            live.stop()


def _try(live: Live, rabbit: list[Rabbit]) -> None:
    worker = live.start_worker(concurrency=2)
    live.start_web()
    assert events.address() == "", "nobody tells news, and nobody counts rates"
    assert live.call("GET", "/readyz").json()["parts"]["broker"] == "ready"
    assert not health.look_at_broker().todo

    # Who waits is answered all the same: the rows are asked.
    sent = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
    assert sent.status == 201, sent.body
    assert live.call("GET", sent.json()["chart"]["links"]["image"]).body.startswith(b"\x89PNG")

    # The broker is killed with messages in it, and jobs are asked for while it is away: each is drawn, once.
    live.stop_worker(worker)
    waiting = [ask_spec(live, f"before {i}") for i in range(6)]
    rabbit[0].kill()
    waiting += [ask_spec(live, f"meanwhile {i}") for i in range(3)]
    live.wait_for(
        lambda: live.call("GET", "/readyz").json()["missing"] == ["broker"], what="readyz tells that it is away"
    )
    live.start_worker(concurrency=2, wait=False)
    rabbit[0] = rabbit[0].again()
    jobs = RenderJob.objects.filter(pk__in=[job.pk for job in waiting])
    live.wait_for(lambda: jobs.filter(status=Status.SUCCEEDED).count() == 9, deadline=120, what="all of them drawn")
    assert not Attempt.objects.filter(job__in=waiting, number__gt=1).exists()

    # And under a worker's feet: it comes back to it.
    rabbit[0] = rabbit[0].again()
    last = ask_spec(live, "after")
    live.wait_for(
        lambda: RenderJob.objects.get(pk=last.pk).status == Status.SUCCEEDED, deadline=120, what="the worker is back"
    )

    # One that hangs holds up nobody for long, and what was asked for meanwhile is drawn.
    os.killpg(rabbit[0].pid, signal.SIGSTOP)
    try:
        sent = live.call("POST", "/api/v1/charts", {"spec": SPEC | {"title": "hung"}})
        assert sent.status == 202, sent.body
    finally:
        os.killpg(rabbit[0].pid, signal.SIGCONT)
    hung = RenderJob.objects.filter(pk=sent.json()["job"]["id"], status=Status.SUCCEEDED)
    live.wait_for(hung.exists, deadline=120, what="what was asked for while it hung")
