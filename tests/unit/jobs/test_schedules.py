"""Schedules: when they come due, once, whoever ticks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from renderer import registry
from renderer.jobs import charts, executor, lifecycle, notices, schedules
from renderer.models import Chart, RenderJob, Run, Schedule, Worker
from renderer.models.job import Queue, Reason, Status, Trigger
from renderer.models.run import Outcome
from renderer.models.schedule import MissedRuns
from renderer.recipe import Recipe
from renderer.signals import schedule_paused
from renderer.spec.errors import SpecError

DrawIt = Callable[[RenderJob], None]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def schedule(ada: User, chart: Chart) -> Schedule:
    return schedules.create(ada, chart, cron="*/5 * * * *")


@pytest.fixture
def draw_it(media: object) -> DrawIt:
    """Draw a job as a worker would."""

    def work(job: RenderJob) -> None:
        assert executor.execute(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")

    return work


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


def ended(job: RenderJob, status: Status, message: str = "There are no rows.") -> None:
    """Bring a queued job to its end."""
    claim = lifecycle.claim(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
    assert claim
    if status is Status.SUCCEEDED:
        assert lifecycle.succeed(claim, warnings=[], timings={})
    else:
        assert lifecycle.fail(claim, Reason.DATA_ERROR, message)


def outcomes(schedule: Schedule) -> list[str]:
    """What became of its runs, the oldest first."""
    return list(schedule.runs.order_by("due_at").values_list("outcome", flat=True))


def test_each_run_is_written_down_and_settled_by_a_later_tick(schedule: Schedule) -> None:
    now = due(schedule, timedelta(seconds=3))
    schedules.tick(now)
    run = Run.objects.get()
    job = RenderJob.objects.get()
    assert (run.due_at, run.outcome, run.job, run.finished_at) == (job.due_at, Outcome.PENDING, job, None)

    ended(job, Status.SUCCEEDED)
    assert schedules.settle(now) == 1
    assert schedules.settle(now) == 0
    job.refresh_from_db()
    run.refresh_from_db()
    assert (run.outcome, run.started_at, run.finished_at) == (Outcome.SUCCEEDED, job.started_at, job.finished_at)

    job.delete()
    run.refresh_from_db()
    assert run.outcome == Outcome.SUCCEEDED, "history outlives jobs"


def test_a_run_whose_job_is_gone_before_its_end_is_settled_too(schedule: Schedule) -> None:
    now = due(schedule, timedelta(seconds=3))
    schedules.tick(now)
    RenderJob.objects.all().delete()
    assert schedules.settle(now) == 1
    assert outcomes(schedule) == [Outcome.CANCELLED]


def test_missed_runs_are_drawn_one_after_the_other(schedule: Schedule) -> None:
    schedules.change(schedule, cron="0 * * * *", missed_runs=MissedRuns.ALL)
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    hours = [now - timedelta(minutes=30) - timedelta(hours=n) for n in (2, 1, 0)]
    Schedule.objects.update(next_due_at=hours[0])

    for hour in hours:
        assert schedules.tick(now) == 1
        assert schedules.tick(now) == 0, "the one before has not been drawn"
        job = RenderJob.objects.get(status=Status.QUEUED)
        assert job.due_at == hour
        ended(job, Status.SUCCEEDED)
    assert schedules.tick(now) == 0
    assert outcomes(schedule) == [Outcome.SUCCEEDED] * 3
    schedule.refresh_from_db()
    assert schedule.next_due_at == hours[-1] + timedelta(hours=1)


def test_of_very_many_missed_runs_the_newest_are_drawn(schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_MISSED", 2)
    schedules.change(schedule, cron="0 * * * *", missed_runs=MissedRuns.ALL)
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    Schedule.objects.update(next_due_at=now - timedelta(hours=99, minutes=30))
    for _ in range(2):
        assert schedules.tick(now) == 1
        ended(RenderJob.objects.get(status=Status.QUEUED), Status.SUCCEEDED)
    assert schedules.tick(now) == 0
    assert outcomes(schedule) == [Outcome.SKIPPED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]


def test_a_run_that_stands_for_several_says_so(schedule: Schedule) -> None:
    now = due(schedule, timedelta(minutes=16))
    schedules.tick(now)
    assert Run.objects.get().note in (
        "Late: nobody ticked at its time, nor at the 3 before.",
        "Late: nobody ticked at its time, nor at the 2 before.",
    )
    Run.objects.all().delete()
    schedules.change(schedule, missed_runs=MissedRuns.SKIP)
    now = due(schedule, timedelta(hours=30))
    schedules.tick(now)
    assert Run.objects.get(outcome=Outcome.SKIPPED).note == "Nobody ticked at its time, nor at the many before."


def test_what_has_not_changed_is_not_drawn(ada: User, chart: Chart, schedule: Schedule, draw_it: DrawIt) -> None:
    draw_it(charts.render(chart, trigger=Trigger.API).job)
    now = due(schedule, timedelta(seconds=3))
    schedules.tick(now)
    draw_it(RenderJob.objects.latest("pk"))
    schedules.tick(now)
    assert outcomes(schedule) == [Outcome.UNCHANGED]
    assert [job.unchanged for job in RenderJob.objects.order_by("id")] == [False, True]

    schedules.change(schedule, skip_unchanged=False)
    now = due(schedule, timedelta(seconds=2))
    schedules.tick(now)
    draw_it(RenderJob.objects.latest("pk"))
    schedules.tick(now)
    assert outcomes(schedule) == [Outcome.UNCHANGED, Outcome.SUCCEEDED]

    schedules.tick(due(schedule, timedelta(seconds=1)))
    asked = schedules.run_now(schedule)
    assert not asked.created, "it joins the run that waits"
    draw_it(asked.job)
    schedules.change(schedule, skip_unchanged=True)
    asked = schedules.run_now(schedule)
    draw_it(asked.job)
    asked.job.refresh_from_db()
    assert not asked.job.unchanged, "somebody looks: it is drawn all the same"


def test_a_figure_function_is_drawn_each_time(ada: User, draw_it: DrawIt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_figures", {})
    registry.figure("test.now")(lambda fig: None)
    chart, _ = charts.create(ada, Recipe.from_figure("test.now"))
    schedule = schedules.create(ada, chart, cron="*/5 * * * *")
    for n in (1, 2):
        schedules.tick(due(schedule, timedelta(seconds=4 - n)))
        assert RenderJob.objects.count() == n
        draw_it(RenderJob.objects.get(status=Status.QUEUED))


def test_a_schedule_that_only_fails_pauses_by_itself(
    schedule: Schedule, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    schedules.change(schedule, pause_after=3)
    told: list[str] = []

    def hear(schedule: Schedule, reason: str, **_: object) -> None:
        told.append(reason)

    schedule_paused.connect(hear)
    try:
        for n, status in enumerate([Status.FAILED, Status.FAILED, Status.SUCCEEDED, *[Status.FAILED] * 3]):
            with django_capture_on_commit_callbacks(execute=True):
                now = due(schedule, timedelta(seconds=100 - n))
                assert schedules.tick(now) == 1
                ended(RenderJob.objects.get(status=Status.QUEUED), status)
                schedules.settle(now)
    finally:
        schedule_paused.disconnect(hear)

    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.failures, schedule.next_due_at) == (False, 3, None)
    assert schedule.paused_at
    assert schedule.paused_reason == "3 runs in a row failed: There are no rows."
    assert told == [schedule.paused_reason]

    schedules.resume(schedule)
    assert (schedule.is_active, schedule.failures, schedule.paused_reason) == (True, 0, "")


def test_a_schedule_may_fail_for_ever_and_by_hand(schedule: Schedule) -> None:
    schedules.change(schedule, pause_after=0)
    for n in range(6):
        now = due(schedule, timedelta(seconds=100 - n))
        schedules.tick(now)
        ended(RenderJob.objects.get(status=Status.QUEUED), Status.FAILED)
        schedules.settle(now)
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.failures) == (True, 6)

    schedules.change(schedule, pause_after=7)
    ended(schedules.run_now(schedule).job, Status.FAILED)
    schedules.settle(timezone.now())
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.failures) == (True, 6), "what somebody tries by hand is not held against it"


def test_a_schedule_that_cannot_be_run_holds_up_no_other(ada: User, chart: Chart, schedule: Schedule) -> None:
    other = schedules.create(ada, chart, cron="*/5 * * * *")
    now = due(schedule, timedelta(seconds=9))
    due(other, timedelta(seconds=3))
    Schedule.objects.filter(pk=schedule.pk).update(timezone="Europe/Atlantis")

    assert schedules.tick(now) == 1
    assert list(Run.objects.values_list("schedule", flat=True)) == [other.pk]
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert "no time zone 'Europe/Atlantis'" in schedule.paused_reason
    assert schedules.upcoming(schedule, after=now, count=5) == []


def test_jitter_spreads_schedules_and_no_run_wanders(ada: User, chart: Chart) -> None:
    many = [Schedule(owner=ada, chart=chart, cron="0 0 * * *", jitter=600) for _ in range(2000)]
    offsets = [schedules.offset(one).total_seconds() for one in many]
    assert (min(offsets), max(offsets)) >= (0, 590)
    assert max(offsets) <= 600
    per_minute = [sum(60 * m <= offset < 60 * (m + 1) for offset in offsets) for m in range(10)]
    assert min(per_minute) > 100

    schedule = schedules.create(ada, chart, cron="0 0 * * *", jitter=600)
    runs = schedules.upcoming(schedule, after=utc("2026-03-28T12:00"), count=5)
    assert {run.at - run.at.replace(hour=0, minute=0, second=0) for run in runs} == {schedules.offset(schedule)}
    assert schedule.next_due_at
    at = schedule.next_due_at
    Schedule.objects.update(next_due_at=at)
    assert schedules.tick(at) == 1
    schedule.refresh_from_db()
    assert schedule.next_due_at == at + timedelta(days=1)


def test_a_tick_takes_on_so_many_and_the_next_the_rest(
    ada: User, chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "BATCH", 3)
    now = timezone.now()
    for _ in range(7):
        due(schedules.create(ada, chart, cron="0 0 * * *"), timedelta(seconds=1))
    assert [schedules.tick(now) for _ in range(4)] == [3, 3, 1, 0]


def test_a_schedule_ends_after_its_last_run_or_its_last_day(ada: User, chart: Chart, schedule: Schedule) -> None:
    schedules.change(schedule, max_runs=2)
    for n in (2, 1):
        assert len(schedules.upcoming(schedule, after=timezone.now(), count=5)) == n
        now = due(schedule, timedelta(seconds=n))
        assert schedules.tick(now) == 1
        RenderJob.objects.filter(status=Status.QUEUED).update(status=Status.CANCELLED, finished_at=now)
        schedule.refresh_from_db()
    assert (schedule.next_due_at, schedule.runs_made, schedule.is_active) == (None, 2, True)
    assert schedules.upcoming(schedule, after=timezone.now(), count=5) == []

    end = timezone.now() + timedelta(minutes=12)
    schedules.change(schedule, max_runs=None, ends_at=end)
    runs = schedules.upcoming(schedule, after=timezone.now(), count=5)
    assert 2 <= len(runs) <= 3
    assert all(run.at <= end for run in runs)


@pytest.mark.parametrize(
    ("plan", "pointers"),
    [
        ({"jitter": -1}, ["/jitter"]),
        ({"jitter": 4000, "pause_after": 101, "max_runs": 0}, ["/jitter", "/pause_after", "/max_runs"]),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, ["/ends_at"]),
        ({"cron": "0 0 29 2 *", "ends_at": datetime(2027, 1, 1, tzinfo=UTC)}, ["/ends_at"]),
        ({"cron": "x", "tz": "Mars", "jitter": -1}, ["/timezone", "/cron", "/jitter"]),
    ],
)
def test_a_wrong_plan_is_named_and_changes_nothing(
    schedule: Schedule, plan: dict[str, Any], pointers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: utc("2026-06-01T12:00"))
    with pytest.raises(SpecError) as caught:
        schedules.change(schedule, **plan)
    assert [problem.pointer for problem in caught.value.problems] == pointers
    schedule.refresh_from_db()
    assert (schedule.cron, schedule.jitter, schedule.ends_at) == ("*/5 * * * *", 0, None)


def test_a_change_takes_nothing_back_that_a_tick_has_counted(schedule: Schedule) -> None:
    Schedule.objects.update(failures=2, runs_made=7)
    schedules.change(schedule, jitter=5)
    schedule.refresh_from_db()
    assert (schedule.failures, schedule.runs_made, schedule.jitter) == (2, 7, 5)


@pytest.mark.django_db
def test_a_tick_is_a_sign_of_life() -> None:
    now = timezone.now()
    Worker.objects.create(name="w", started_at=now, seen_at=now)
    missing = notices.no_beat(now)
    assert missing
    assert missing.message.startswith("No tick has been seen yet.")
    schedules.tick(now - timedelta(minutes=3))
    silent = notices.no_beat(now)
    assert silent
    assert silent.message.startswith("No tick has been seen for 3 minutes.")
    schedules.tick(now)
    assert notices.no_beat(now) is None
    Worker.objects.all().delete()
    assert [notice.code for notice in notices.of_schedules(now + timedelta(hours=1))] == ["no_worker"]
