"""Schedules: when they come due, once, whoever ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from renderer.jobs import schedules
from renderer.models import Chart, RenderJob, Schedule
from renderer.models.job import Queue, Status, Trigger
from renderer.models.schedule import MissedRuns
from renderer.spec.errors import SpecError


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def schedule(ada: User, chart: Chart) -> Schedule:
    return schedules.create(ada, chart, cron="*/5 * * * *")


def due(schedule: Schedule, ago: timedelta) -> datetime:
    """Let a schedule have come due some time ago; returns now."""
    now = timezone.now()
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=now - ago)
    schedule.refresh_from_db()
    return now


def test_next_runs_are_in_utc_and_follow_the_zone() -> None:
    runs = schedules.next_runs("0 9 * * 1", "Europe/Berlin", after=utc("2026-03-22T12:00"), count=3)
    assert runs == [utc("2026-03-23T08:00"), utc("2026-03-30T07:00"), utc("2026-04-06T07:00")]  # DST began on the 29th


def test_a_local_time_that_does_not_exist_comes_due_when_the_clock_has_jumped() -> None:
    runs = schedules.next_runs("30 2 * * *", "Europe/Berlin", after=utc("2026-03-28T12:00"), count=2)
    assert runs == [utc("2026-03-29T01:00"), utc("2026-03-30T00:30")]


def test_a_local_time_that_comes_twice_comes_due_once() -> None:
    runs = schedules.next_runs("30 2 * * *", "Europe/Berlin", after=utc("2026-10-24T12:00"), count=2)
    assert [run.date().isoformat() for run in runs] == ["2026-10-25", "2026-10-26"]


@pytest.mark.parametrize(
    ("cron", "zone", "pointers"),
    [
        ("* * * *", "UTC", ["/cron"]),
        ("61 * * * *", "UTC", ["/cron"]),
        ("* * * * * *", "UTC", ["/cron"]),
        ("x" * 500, "UTC", ["/cron"]),
        ("* * * * *", "Europe/Berln", ["/timezone"]),
        ("* * * * *", "../../etc/passwd", ["/timezone"]),
        ("nonsense", "Mars", ["/timezone", "/cron"]),
    ],
)
def test_a_wrong_line_or_zone_is_named(cron: str, zone: str, pointers: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        schedules.next_runs(cron, zone, after=timezone.now(), count=1)
    assert [problem.pointer for problem in caught.value.problems] == pointers


def test_a_tick_makes_one_job_and_moves_on(schedule: Schedule) -> None:
    now = due(schedule, timedelta(seconds=3))
    was_due = schedule.next_due_at

    assert schedules.tick(now) == 1
    assert schedules.tick(now) == 0

    job = RenderJob.objects.get()
    assert (job.trigger, job.queue, job.due_at) == (Trigger.SCHEDULE, Queue.SCHEDULED, was_due)
    assert (job.owner, job.schedule) == (schedule.owner, schedule)
    schedule.refresh_from_db()
    assert schedule.next_due_at
    assert schedule.next_due_at > now


def test_two_beats_make_one_run(schedule: Schedule) -> None:
    now = due(schedule, timedelta(seconds=3))
    late = Schedule.objects.select_related("chart", "owner").get()  # what another beat has read already
    assert schedules.tick(now) == 1
    assert schedules._run(late, now) is False

    Schedule.objects.update(next_due_at=late.next_due_at)  # even if the guard were not there
    RenderJob.objects.update(status=Status.CANCELLED, finished_at=now)
    assert schedules.tick(now) == 0
    assert RenderJob.objects.count() == 1


def test_missed_runs_are_drawn_once_as_the_newest_of_them(schedule: Schedule) -> None:
    now = due(schedule, timedelta(hours=3))
    assert schedules.tick(now) == 1
    job = RenderJob.objects.get()
    assert job.due_at
    assert now - timedelta(minutes=5) < job.due_at <= now


def test_missed_runs_are_skipped_if_asked_to(schedule: Schedule) -> None:
    schedules.change(schedule, missed_runs=MissedRuns.SKIP)
    now = due(schedule, timedelta(hours=3))
    assert schedules.tick(now) == 0
    schedule.refresh_from_db()
    assert schedule.next_due_at
    assert schedule.next_due_at > now


def test_a_paused_schedule_and_one_of_a_gone_user_do_nothing(schedule: Schedule, ada: User) -> None:
    now = due(schedule, timedelta(seconds=3))
    User.objects.update(is_active=False)
    assert schedules.tick(now) == 0
    User.objects.update(is_active=True)

    schedules.pause(schedule)
    assert schedules.tick(now) == 0
    schedules.resume(schedule)
    assert schedule.next_due_at
    assert schedule.next_due_at > now
    assert schedules.tick(now) == 0, "what came due while it was paused was not missed"


def test_changing_the_line_counts_from_now(schedule: Schedule) -> None:
    schedules.change(schedule, cron="0 0 1 1 *", tz="Asia/Tokyo")
    assert schedule.next_due_at
    assert schedule.next_due_at.hour == 15
    with pytest.raises(SpecError):
        schedules.change(schedule, cron="never")


def test_run_now_draws_beside_the_schedule(schedule: Schedule) -> None:
    before = schedule.next_due_at
    asked = schedules.run_now(schedule)
    assert asked.created
    assert asked.job.queue == Queue.INTERACTIVE
    schedule.refresh_from_db()
    assert schedule.next_due_at == before


def test_a_line_that_never_comes_due_is_refused_or_never_due(ada: User, chart: Chart) -> None:
    with pytest.raises(SpecError):
        schedules.create(ada, chart, cron="0 0 30 2 *")
