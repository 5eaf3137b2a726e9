"""Two connections at once: one holds the row, the other wants it, and exactly one of them gets it.

On PostgreSQL the second waits at the row's lock until the first commits, and then finds that its guard does not hold
any more. SQLite has one writer: the second waits before it begins. `python -m tests.postgres` runs the former.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from project import local
from renderer.jobs import charts, executor, lifecycle, rescue
from renderer.jobs.lifecycle import Claim
from renderer.models import Attempt, Chart, RenderJob, Rendition
from renderer.models.job import Reason, Stage, Status, Trigger
from renderer.recipe import Recipe

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def spec() -> dict[str, Any]:
    return {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


def overlapping(first: Callable[[], Any], second: Callable[[], T]) -> tuple[Any, T]:
    """``second`` on a connection of its own, begun while ``first`` has done its work and not yet committed it."""
    begun = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with connection.cursor():  # connected
                begun.set()
            results.append(second())
        except BaseException as error:  # noqa: BLE001 - shown in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        held = first()
        thread.start()
        assert begun.wait(30)
        if connection.vendor == "postgresql":
            local.wait_for(_somebody_waits, deadline=30, what="the second at the first one's lock")
    thread.join(60)
    assert not errors, errors
    return held, results[0]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s",
                       [connection.settings_dict["NAME"]])  # fmt: skip
        return bool(cursor.fetchone()[0])


def claiming(job: RenderJob, number: int) -> Callable[[], Claim | None]:
    return lambda: lifecycle.claim(job.pk, worker=f"w@host#{number}", task_id=f"task-{number}")


def status(job: RenderJob) -> str:
    job.refresh_from_db()
    return job.status


def test_a_message_that_is_delivered_twice_is_claimed_once(job: RenderJob) -> None:
    won, lost = overlapping(claiming(job, 1), claiming(job, 2))
    assert (won is not None, lost) == (True, None)
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(
    ("verb", "end"),
    [
        (lambda claim: lifecycle.succeed(claim, warnings=[], timings={}), Status.SUCCEEDED),
        (lambda claim: lifecycle.fail(claim, Reason.FIGURE_ERROR, "no"), Status.FAILED),
        (lambda claim: lifecycle.retry(claim, Reason.STORAGE_ERROR, "full"), Status.QUEUED),
    ],
)
def test_a_rescue_that_comes_while_the_attempt_ends_changes_nothing(
    verb: Callable[[Claim], bool], end: Status, claim: Claim
) -> None:
    ended, rescued = overlapping(lambda: verb(claim), lambda: lifecycle.rescue(claim.job))
    assert (ended, rescued) == (True, False)
    assert status(claim.job) == end


def test_an_attempt_that_ends_while_it_is_rescued_leaves_no_file(
    chart: Chart, job: RenderJob, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker was slow, not dead; it comes to its end in the moment in which another one takes its job."""
    ready, go = threading.Event(), threading.Event()
    succeed = executor._succeed

    def waits(*args: Any) -> None:
        ready.set()
        assert go.wait(30)
        succeed(*args)

    monkeypatch.setattr(executor, "_succeed", waits)
    drawn: list[bool] = []

    def draw() -> None:
        drawn.append(executor.execute(job.pk, worker="w@host#1", task_id="task-1"))
        connections.close_all()

    slow = threading.Thread(target=draw)
    slow.start()
    assert ready.wait(30)
    job.refresh_from_db()
    assert [path for path in media.rglob("*") if path.is_file()], "it has stored its picture"
    rescue.bring_back(job)
    go.set()
    slow.join(30)

    assert drawn == [False]
    assert status(job) == Status.QUEUED
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_cancel_that_comes_while_the_job_is_claimed_asks_it_to_stop(job: RenderJob) -> None:
    claim, cancelled = overlapping(claiming(job, 1), lambda: lifecycle.cancel(job))
    assert cancelled
    assert status(job) == Status.RUNNING
    assert not lifecycle.advance(claim, Stage.DRAWING)


def test_a_claim_that_comes_while_the_job_is_cancelled_gets_nothing(job: RenderJob) -> None:
    cancelled, claim = overlapping(lambda: lifecycle.cancel(job), claiming(job, 1))
    assert (cancelled, claim) == (True, None)
    assert status(job) == Status.CANCELLED


def test_two_who_ask_at_once_get_one_job(chart: Chart) -> None:
    first, second = overlapping(
        lambda: charts.render(chart, trigger=Trigger.API), lambda: charts.render(chart, trigger=Trigger.API)
    )
    assert (first.created, second.created) == (True, False)
    assert first.job == second.job
    assert RenderJob.objects.count() == 1


def test_two_jobs_of_one_chart_that_end_at_once_leave_the_newer_picture(
    ada: User, spec: dict[str, Any], media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = charts.create(ada, Recipe.from_spec(spec), name="one")[0]
    older = charts.render(chart, trigger=Trigger.API).job
    charts.change(chart, recipe=Recipe.from_spec(spec | {"title": "Vegetables"}))
    newer = charts.render(chart, trigger=Trigger.API).job
    both = threading.Barrier(2, timeout=30)
    succeed = executor._succeed

    def together(*args: Any) -> None:
        both.wait()
        succeed(*args)

    monkeypatch.setattr(executor, "_succeed", together)

    def draw(job: RenderJob) -> None:
        executor.execute(job.pk, worker="w@host#1", task_id=str(job.pk))
        connections.close_all()

    threads = [threading.Thread(target=draw, args=(job,)) for job in (older, newer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    chart.refresh_from_db()
    assert (status(older), status(newer)) == (Status.SUCCEEDED, Status.SUCCEEDED)
    assert chart.drawn_by == newer
    # The older picture is a version now if it came first, and is gone if it came last.
    named = {Path(rendition.file.path) for rendition in Rendition.objects.all()}
    assert {path for path in media.rglob("*") if path.is_file()} == named
    assert Path(chart.image.path) in named
