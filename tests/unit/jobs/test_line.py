"""Who is next: fairly between owners, the urgent before the rest, and as quickly behind a long line as behind none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from renderer.jobs import lifecycle, line, pace, progress, queues
from renderer.models import Attempt, RenderJob, Worker
from renderer.models.job import Queue, Reason, Status, Trigger

Ask = Callable[..., RenderJob]
_numbers = count()


def make(owner: User | None, queue: Queue = Queue.BULK, **fields: Any) -> RenderJob:
    """A queued job; what it draws is of no matter here."""
    return RenderJob.objects.create(
        owner=owner,
        trigger=Trigger.API,
        queue=queue,
        turn=line.join(queue, owner),
        recipe={},
        content_key=f"{next(_numbers)}",
        pure=True,
        target_model="renderer.chart",
        target_id="1",
        target_field="image",
        **fields,
    )


def take(*queues: Queue) -> RenderJob | None:
    claim = lifecycle.claim_next(queues or Queue, worker="w@host#1", task_id="t")
    return claim.job if claim else None


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


def test_a_long_line_of_one_owner_delays_another_by_one_job(ada: User, bob: User) -> None:
    hers = [make(ada) for _ in range(50)]
    assert [take() for _ in range(10)] == hers[:10]

    his = [make(bob) for _ in range(3)]

    order = [take() for _ in range(8)]
    assert order == [hers[10], his[0], hers[11], his[1], hers[12], his[2], hers[13], hers[14]]


def test_every_owner_gets_the_same_share_however_many_they_ask_for(ada: User, bob: User) -> None:
    owners = [ada, bob, None, User.objects.create_user("cleo")]
    for owner, asks in zip(owners, (40, 10, 20, 12), strict=True):
        for _ in range(asks):
            make(owner)
    taken = [job.owner if (job := take()) else "nobody" for _ in range(40)]
    assert {owner: taken.count(owner) for owner in owners} == dict.fromkeys(owners, 10)


def test_whoever_had_nothing_waiting_does_not_catch_up_on_what_they_did_not_ask_for(ada: User, bob: User) -> None:
    for _ in range(10):
        make(ada)
    for _ in range(8):
        take()
    his = [make(bob) for _ in range(5)]
    order = [take() for _ in range(4)]
    assert [job in his for job in order if job] == [False, True, False, True]


def test_the_urgent_come_first_whichever_message_a_worker_got(ada: User, bob: User) -> None:
    bulk, scheduled = make(ada, Queue.BULK), make(ada, Queue.SCHEDULED)
    interactive = make(bob, Queue.INTERACTIVE)
    assert [take(), take(), take(), take()] == [interactive, scheduled, bulk, None]


def test_a_worker_takes_only_from_its_queues(ada: User) -> None:
    make(ada, Queue.INTERACTIVE)
    assert take(Queue.BULK, Queue.SCHEDULED) is None


def test_what_comes_back_goes_first(ada: User, bob: User) -> None:
    first = make(ada)
    for owner in (ada, bob, ada):
        make(owner)
    claim = lifecycle.claim_next(Queue, worker="w@host#1", task_id="t")
    assert claim
    assert claim.job == first
    lifecycle.retry(claim, Reason.STORAGE_ERROR, "full")
    assert take() != first, "its time has not come"
    RenderJob.objects.filter(pk=first.pk).update(available_at=timezone.now())
    assert take() == first


def test_what_comes_back_does_not_set_the_line_back(ada: User, bob: User) -> None:
    waiting = [make(ada) for _ in range(6)]
    for _ in range(4):
        take()
    assert lifecycle.rescue(RenderJob.objects.get(pk=waiting[0].pk))
    assert make(bob).turn == 5


def test_neither_the_expired_nor_those_to_come_nor_the_paused_are_taken(ada: User) -> None:
    make(ada, expires_at=timezone.now())
    make(ada, available_at=timezone.now() + timedelta(minutes=1))
    good = make(ada)
    assert queues.pause(Queue.BULK)
    assert take() is None
    assert queues.is_paused(Queue.BULK)
    queues.resume(Queue.BULK)
    assert take() == good
    assert take() is None


def test_a_place_in_the_line_is_how_many_are_claimed_before(ada: User, bob: User) -> None:
    jobs = [make(owner) for owner in (ada, ada, ada, bob, bob)]
    places = [progress.queue_position(job) for job in jobs]
    assert places == [0, 2, 4, 1, 3]
    order = sorted(jobs, key=lambda job: places[jobs.index(job)] or 0)
    assert [take() for _ in jobs] == order


def test_places_are_counted_only_so_far(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "COUNTED", 3)
    jobs = [make(ada) for _ in range(6)]
    assert [progress.queue_position(job) for job in jobs] == [0, 1, 2, 3, 3, 3]


def test_how_long_to_wait_follows_from_depth_pace_and_hands(ada: User) -> None:
    now = timezone.now()
    jobs = [make(ada) for _ in range(12)]
    Worker.objects.create(name="w", concurrency=2, started_at=now, seen_at=now)
    Worker.objects.create(name="gone", concurrency=50, started_at=now, seen_at=now - timedelta(hours=1))
    for number in range(3):
        Attempt.objects.create(job=jobs[0], number=number, started_at=now - timedelta(seconds=4), ended_at=now)
    assert progress.retry_after(jobs[0]) == 2
    assert progress.retry_after(jobs[11]) == 12 * 4 / 2


def test_an_owner_may_have_so_many_waiting_and_no_more(ada: User, bob: User, settings: Settings) -> None:
    settings.FIGPRESS_MAX_WAITING = 3
    for _ in range(3):
        make(ada)
    with pytest.raises(line.TooManyWaiting, match="3 jobs waiting in the queue bulk") as refused:
        make(ada)
    assert refused.value.retry_after == 1, "one is drawn at once"
    make(ada, Queue.INTERACTIVE)
    make(bob)
    make(None)
    with pytest.raises(line.TooManyWaiting):
        line.join(Queue.BULK, bob, count=3)
    assert line.join(Queue.BULK, ada, limited=False) == 4
    take(Queue.BULK)
    make(ada)


def test_turns_that_were_cancelled_leave_room(ada: User, settings: Settings) -> None:
    settings.FIGPRESS_MAX_WAITING = 3
    jobs = [make(ada) for _ in range(3)]
    assert lifecycle.cancel(jobs[1])
    make(ada)


def test_runs_of_schedules_are_not_limited(ada: User) -> None:
    from renderer.jobs.enqueue import UNLIMITED

    assert set(UNLIMITED) == {Trigger.SCHEDULE, Trigger.DATA}


def plans(captured: CaptureQueriesContext) -> list[str]:
    """How SQLite finds the rows of each statement that looks for jobs."""
    with connection.cursor() as cursor:
        found = []
        for query in captured:
            sql = query["sql"]
            if "renderjob" in sql and sql.lstrip().startswith(("SELECT", "UPDATE")):
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                found += [row[3] for row in cursor.fetchall()]
        return found


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="the plans of a nearly empty table say this on SQLite alone"
)
def test_no_question_looks_at_every_job(ada: User, bob: User) -> None:
    from renderer.jobs import dispatch, rescue

    job = make(ada)
    with CaptureQueriesContext(connection) as captured:
        line.join(Queue.BULK, ada)
        line.join(Queue.BULK, bob)
        progress.queue_position(job)
        progress.retry_after(job)
        take(Queue.BULK, Queue.INTERACTIVE)
        rescue.patrol(timezone.now())
        list(rescue.claims_of("w@host#1"))
        dispatch.top_up(timezone.now())
    seen = plans(captured)
    assert seen
    assert not [plan for plan in seen if plan.startswith("SCAN renderer_renderjob") and "USING" not in plan], seen
    assert [plan for plan in seen if "job_in_line" in plan]
    assert [plan for plan in seen if "job_own_line" in plan]
    assert [plan for plan in seen if "job_running" in plan]
    assert [plan for plan in seen if "job_expiring" in plan]


def test_a_claim_takes_four_statements(ada: User) -> None:
    make(ada)
    with CaptureQueriesContext(connection) as captured:
        take(Queue.INTERACTIVE)
        take(Queue.BULK)
    statements = [query["sql"].split()[0] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert statements == ["SELECT", "SELECT", "UPDATE", "INSERT"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_in_the_same_moment_take_two_jobs() -> None:
    """Two connections: the first has picked and not committed when the second comes."""
    owner = User.objects.create_user("ada")
    first, second = make(owner), make(owner)
    other = connections.create_connection("default")
    ours = connections["default"]
    try:
        with transaction.atomic():
            picked = line.next_job(Queue, timezone.now())
            assert picked == first
            if connection.features.has_select_for_update_skip_locked:
                connections["default"] = other
                assert take() == second
                connections["default"] = ours
            claimed = lifecycle.claim(first.pk, worker="w@host#1", task_id="t")
            assert claimed
        if connection.vendor == "sqlite":
            connections["default"] = other
            assert take() == second, "the writer before it is done, and its choice is seen"
    finally:
        connections["default"] = ours
        other.close()
    assert take() is None


@pytest.mark.django_db(transaction=True)
def test_a_pick_that_somebody_else_claims_meanwhile_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a database that can neither skip locked rows nor has one writer."""
    owner = User.objects.create_user("ada")
    first, second = make(owner), make(owner)
    pick = line.next_job

    def slow(*args: Any) -> RenderJob | None:
        job = pick(*args)
        if job == first:
            RenderJob.objects.filter(pk=first.pk).update(status=Status.CANCELLED, finished_at=timezone.now())
        return job

    monkeypatch.setattr(line, "next_job", slow)
    assert take() == second


def test_every_queue_has_its_urgency() -> None:
    assert set(line.URGENCY) == set(Queue)
