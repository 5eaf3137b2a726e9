"""What a worker refuses, and what it makes of a child's death. The rest is seen with real processes, in tests/live."""

from __future__ import annotations

import resource
import signal
from types import SimpleNamespace
from typing import Any

import pytest
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery
from celery.concurrency.prefork import TaskPool
from celery.concurrency.solo import TaskPool as SoloPool
from celery.concurrency.thread import TaskPool as ThreadPool
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from renderer.jobs import executor, rescue
from renderer.jobs.dispatch import RENDER
from workers import process


def app(**settings: Any) -> Celery:
    """A Celery app with safe settings but for these."""
    made = Celery("a project", set_as_current=False)  # the tests after this one speak to the app of this installation
    safe = {"task_time_limit": 60, "task_soft_time_limit": 45, "broker_transport_options": {"visibility_timeout": 600}}
    made.conf.update(safe | settings)
    return made


def test_safe_settings_are_taken() -> None:
    process.refuse_unsafe(app(), TaskPool)


@pytest.mark.parametrize("pool", [SoloPool, ThreadPool])
def test_pools_without_limits_are_refused(pool: type) -> None:
    with pytest.raises(ImproperlyConfigured, match="start the worker with -P prefork"):
        process.refuse_unsafe(app(), pool)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"task_time_limit": None}, "CELERY_TASK_TIME_LIMIT"),
        ({"task_soft_time_limit": None}, "CELERY_TASK_SOFT_TIME_LIMIT"),
        ({"task_soft_time_limit": 60}, "below CELERY_TASK_TIME_LIMIT"),
        ({"broker_transport_options": {"visibility_timeout": 60}}, r"visibility_timeout \(60 s\)"),
        ({"accept_content": ["json", "pickle"]}, "CELERY_ACCEPT_CONTENT takes pickle"),
        ({"result_accept_content": ["application/x-python-serialize"]}, "takes application/x-python-serialize"),
        ({"task_reject_on_worker_lost": True}, "CELERY_TASK_REJECT_ON_WORKER_LOST"),
    ],
)
def test_settings_under_which_a_job_could_be_doubled_or_never_end_are_refused(
    settings: dict[str, Any], names: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=names):
        process.refuse_unsafe(app(**settings), TaskPool)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIA_ROOT", "media"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}),
    ],
)
def test_paths_that_would_lead_elsewhere_from_a_childs_own_folder_are_refused(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name}.* is relative"):
        process.refuse_unsafe(app(), TaskPool)


def test_a_second_sigterm_does_what_sigquit_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(process, "_heartbeat", SimpleNamespace(stopping=False))
    monkeypatch.setattr(executor, "_goes", goes := bytearray(1))
    try:
        process.hasten(how="Warm")
        assert goes[0], "nor do its children begin anything more"
        assert signal.getsignal(signal.SIGTERM) == signal.getsignal(signal.SIGQUIT)
        assert process._heartbeat
        assert process._heartbeat.stopping
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_task_that_is_called_in_a_process_of_another_kind_limits_nothing_there() -> None:
    before = resource.getrlimit(resource.RLIMIT_CPU)
    process.limit_job(sender=SimpleNamespace(name=RENDER))
    assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_without_transport_options_the_visibility_timeout_is_an_hour() -> None:
    process.refuse_unsafe(app(broker_transport_options={}), TaskPool)
    with pytest.raises(ImproperlyConfigured, match="3600 s"):
        process.refuse_unsafe(app(broker_transport_options={}, task_time_limit=4000), TaskPool)


@pytest.mark.parametrize(("chosen", "taken"), [(None, True), ({"bulk": object()}, False)])
def test_a_worker_without_q_draws_from_all_queues(chosen: object, taken: bool) -> None:
    added: list[str] = []
    queues = SimpleNamespace(_consume_from=chosen, select_add=added.append)
    process.take_queues(instance=SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues))))
    assert added == (["interactive", "bulk", "scheduled", "fetch", "upkeep", "data"] if taken else [])


class TestChildDied:
    """The receiver of task_failure."""

    @pytest.fixture
    def ended(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        """The attempts that it ends, in a worker's main process."""
        calls: list[dict[str, Any]] = []
        monkeypatch.setattr(rescue, "end_attempt", lambda task_id, **how: calls.append({"task_id": task_id, **how}))
        monkeypatch.setattr(rescue, "end_other", lambda task, args, **how: calls.append({task: args, **how}))
        monkeypatch.setattr(process, "_heartbeat", SimpleNamespace(worker=process.identity("w@host")))
        return calls

    @pytest.mark.parametrize(
        ("error", "timed_out"), [(TimeLimitExceeded(60), True), (WorkerLostError("signal 9"), False)]
    )
    def test_in_the_main_process_it_ends_the_attempt(
        self, ended: list[dict[str, Any]], error: Exception, timed_out: bool
    ) -> None:
        process.child_died(sender=SimpleNamespace(name=RENDER), task_id="t", exception=error)
        assert ended == [{"task_id": "t", "worker": process.identity("w@host"), "timed_out": timed_out}]

    def test_another_task_says_what_it_was_at(self, ended: list[dict[str, Any]]) -> None:
        sender = SimpleNamespace(name="figpress.deliver")
        process.child_died(sender=sender, task_id="t", exception=WorkerLostError(), args=["id"])
        process.child_died(sender=None, task_id="t", exception=WorkerLostError())
        assert ended == [{"figpress.deliver": ["id"], "worker": process.identity("w@host")}]

    def test_in_a_child_the_executor_has_written_it_down_already(
        self, ended: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "_in_child", True)  # with the parent's heartbeat, inherited
        process.child_died(sender=SimpleNamespace(name=RENDER), task_id="t", exception=ValueError())
        monkeypatch.setattr(process, "_heartbeat", None)
        process.child_died(sender=SimpleNamespace(name=RENDER), task_id="t", exception=ValueError())
        assert ended == []


def test_connections_are_kept_between_tasks_unless_idle_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Connection:
        errors_occurred = False

        def close(self) -> None:
            closed.append("one")

    class Connections:
        def all(self, initialized_only: bool) -> list[Connection]:
            assert initialized_only
            return [connection]

        def close_all(self) -> None:
            closed.append("all")

    connection = Connection()
    monkeypatch.setattr(process, "connections", Connections())
    clock = [100.0]
    monkeypatch.setattr(process, "_used_at", 0.0)
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    process.take_fresh_connections()
    process.drop_broken_connections()
    assert closed == ["all"], "the first task of a child"
    clock[0] += process.IDLE / 2
    process.take_fresh_connections()
    assert closed == ["all"]
    connection.errors_occurred = True
    process.drop_broken_connections()
    assert closed == ["all", "one"]
    clock[0] += process.IDLE * 2
    process.take_fresh_connections()
    assert closed == ["all", "one", "all"]
