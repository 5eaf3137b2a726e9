"""Schedules: what a tick makes of them. Beat only ticks; what is due is decided here, once, whoever ticks.

Each moment that comes due has one ``Run``, whatever becomes of it: drawn, unchanged, missed. A run whose job has not
ended is settled by a later tick, which also counts the failures after which a schedule pauses by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from renderer.jobs import cron as lines
from renderer.jobs.charts import recipe_of
from renderer.jobs.enqueue import Enqueued, enqueue
from renderer.jobs.targets import Target
from renderer.models import Beat, Chart, Run, Schedule
from renderer.models.job import FINAL, Queue, Trigger
from renderer.models.run import GOOD, Outcome
from renderer.models.schedule import MissedRuns
from renderer.signals import schedule_paused
from renderer.spec.errors import Problem, SpecError
from renderer.webhooks import outbox

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TICKER = "schedules"
"""The name of beat's sign of life."""
PUNCTUAL = timedelta(minutes=10)
"""A run that is later than this was missed."""
MOST_MISSED = 24
"""So many missed moments are drawn at most, the newest of them: a day of hours. Older ones are skipped."""
MOST_JITTER = 3600
MOST_FAILURES = 100
BATCH = 500
"""Schedules that one tick takes on: what comes due together is spread over ticks, and a tick does not outlast the
next by much."""

logger = logging.getLogger(__name__)


class Plan(TypedDict, total=False):
    """What is decided about a schedule. What is left out is as it was, or by default."""

    cron: str
    tz: str
    missed_runs: MissedRuns
    jitter: int
    skip_unchanged: bool
    pause_after: int
    ends_at: datetime | None
    max_runs: int | None


class Upcoming(NamedTuple):
    """A moment to come, in UTC, and what daylight saving does to it; mostly nothing."""

    at: datetime
    note: str


def next_runs(cron: str, tz: str, *, after: datetime, count: int) -> list[datetime]:
    """The next moments, in UTC, at which a cron line comes due in a time zone; fewer if there are no more.

    Raises SpecError at ``/cron`` and ``/timezone``.
    """
    return [run.at for run in preview(cron, tz, after=after, count=count)]


def preview(cron: str, tz: str, *, after: datetime, count: int) -> list[Upcoming]:
    """The same, with notes on daylight saving."""
    if problems := lines.problems(cron, tz):
        raise SpecError(problems)
    return list(_noted(cron, tz, islice(lines.moments(cron, tz, after=after), count), after, timedelta()))


def upcoming(schedule: Schedule, *, after: datetime, count: int) -> list[Upcoming]:
    """The next runs of a schedule; none while it is paused, or when it has come to its end."""
    if not schedule.is_active or lines.problems(schedule.cron, schedule.timezone):
        return []
    moments = list(islice(_moments(schedule, after), _left(schedule, count)))
    return list(_noted(schedule.cron, schedule.timezone, iter(moments), after, offset(schedule)))


def offset(schedule: Schedule) -> timedelta:
    """How much later than its line a schedule runs: its own part of its jitter, always the same one.

    So a thousand schedules of midnight are spread, and no run of any of them wanders.
    """
    number = int.from_bytes(sha256(schedule.pk.bytes).digest()[:8])
    return timedelta(seconds=number % (schedule.jitter + 1))


def create(owner: User, chart: Chart, **plan: Unpack[Plan]) -> Schedule:
    """Put a chart on a schedule. Raises SpecError at the names of what is wrong, as the API spells them."""
    schedule = Schedule(owner=owner, chart=chart)
    _apply(schedule, plan)
    schedule.save()
    return schedule


def change(schedule: Schedule, **plan: Unpack[Plan]) -> None:
    """Change a schedule; from now on the new plan counts. Raises SpecError like ``create``."""
    changed = _apply(schedule, plan)
    schedule.save(update_fields=changed)  # and nothing that a tick is counting


def pause(schedule: Schedule) -> None:
    """Nothing comes due until it is resumed."""
    schedule.is_active, schedule.next_due_at = False, None
    schedule.paused_at, schedule.paused_reason = timezone.now(), ""
    with transaction.atomic():
        schedule.save(update_fields=["is_active", "next_due_at", "paused_at", "paused_reason"])
        outbox.schedule_paused(schedule, by_itself=False)


def resume(schedule: Schedule) -> None:
    """Go on with the next moment in the future; what came due meanwhile was not missed but paused."""
    schedule.is_active = True
    schedule.next_due_at = _next(schedule, timezone.now())
    schedule.paused_at, schedule.paused_reason, schedule.failures = None, "", 0
    schedule.save(update_fields=["is_active", "next_due_at", "paused_at", "paused_reason", "failures"])


def run_now(schedule: Schedule, *, trigger: Trigger = Trigger.WEB, request_id: str = "") -> Enqueued:
    """Draw the chart at once, beside the schedule's own runs, also when nothing has changed: somebody looks."""
    with transaction.atomic():
        asked = _enqueue(
            schedule, trigger=trigger, queue=Queue.INTERACTIVE, due_at=None, force=True, request_id=request_id
        )
        Run.objects.create(schedule=schedule, job=asked.job, created_at=timezone.now())
    return asked


def tick(now: datetime) -> int:
    """Settle what has ended, and make a run for each schedule that has come due. Returns how many were made.

    Any number of tickers may run at once: ``next_due_at`` moves by a guarded UPDATE, and ``UNIQUE(schedule, due_at)``
    stands in the transaction that makes the job.
    """
    Beat.objects.update_or_create(name=TICKER, defaults={"seen_at": now})
    settle(now)
    due = Schedule.objects.filter(is_active=True, next_due_at__lte=now, owner__is_active=True)
    # Who draws each missed moment waits for the one before; it must not take the place of those who need not wait.
    pending = Run.objects.filter(schedule=OuterRef("pk"), outcome=Outcome.PENDING, due_at__isnull=False)
    due = due.exclude(Q(missed_runs=MissedRuns.ALL) & Exists(pending))
    return sum(_run(schedule, now) for schedule in due.select_related("chart", "owner").order_by("next_due_at")[:BATCH])


def settle(now: datetime) -> int:
    """Write down how runs ended whose jobs are final, and pause what failed too often. Returns how many ended."""
    ended = Run.objects.filter(Q(job=None) | Q(job__status__in=FINAL), outcome=Outcome.PENDING)
    rows = ended.select_related("job", "schedule").defer("job__recipe").order_by("id")[:BATCH]
    return sum(_settle(run, now) for run in rows)


def _settle(run: Run, now: datetime) -> bool:
    job = run.job
    outcome = Outcome.CANCELLED if job is None else Outcome.UNCHANGED if job.unchanged else Outcome(job.status)
    note = run.note
    if outcome not in GOOD:
        note = job.message if job else "Its job was deleted."
    values = {
        "outcome": outcome,
        "note": note[:500],
        "started_at": job.started_at if job else None,
        "finished_at": (job.finished_at if job else None) or now,
    }
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk, outcome=Outcome.PENDING).update(**values):
            return False  # another tick did
        mine = Schedule.objects.filter(pk=run.schedule_id)
        if outcome in GOOD:
            mine.exclude(failures=0).update(failures=0)
        elif outcome is Outcome.FAILED and run.due_at:
            mine.update(failures=F("failures") + 1)
            _pause_if_failing(run.schedule, note, now)
    return True


def _pause_if_failing(schedule: Schedule, why: str, now: datetime) -> None:
    failing = Schedule.objects.filter(pk=schedule.pk, pause_after__gt=0, failures__gte=F("pause_after"))
    times = failing.values_list("failures", flat=True).first()
    if times is not None:
        runs = "Its last run failed" if times == 1 else f"{times} runs in a row failed"
        _pause_itself(schedule, f"{runs}: {why or 'no reason is known'}", now)


def _pause_itself(schedule: Schedule, reason: str, now: datetime) -> None:
    with transaction.atomic():
        paused = Schedule.objects.filter(pk=schedule.pk, is_active=True).update(
            is_active=False, next_due_at=None, paused_at=now, paused_reason=reason[:500]
        )
        if not paused:
            return
        outbox.schedule_paused(schedule, by_itself=True)
    logger.warning("schedule %s: paused by itself: %s", schedule.pk, reason)

    def tell() -> None:  # a function with a name: Django logs it when it raises
        schedule.refresh_from_db()
        schedule_paused.send_robust(sender=Schedule, schedule=schedule, reason=reason)

    transaction.on_commit(tell, robust=True)


def _run(schedule: Schedule, now: datetime) -> bool:
    """Make the run of one schedule. What goes wrong with it is its own, and holds up no other."""
    try:
        with transaction.atomic():
            return _make(schedule, now)
    except IntegrityError:
        logger.info("schedule %s: another beat made the run of %s", schedule.pk, schedule.next_due_at)
    except DatabaseError:
        raise
    except SpecError as error:
        # Its chart or its zone was right when it was made: the language or the zones have moved on.
        _pause_itself(schedule, str(error), now)
    except Exception:
        logger.exception("schedule %s: no run could be made", schedule.pk)
    return False


def _make(schedule: Schedule, now: datetime) -> bool:
    was = schedule.next_due_at
    assert was is not None, "the query asked for those that have one"
    due_at, passed = was, 0
    missed, policy = now - was > PUNCTUAL, MissedRuns(schedule.missed_runs)
    if missed:
        # One more than may be drawn tells whether there are older ones.
        newest = list(islice(_passed(schedule, since=was, until=now), MOST_MISSED + 1)) or [was]
        if policy is MissedRuns.ALL:
            passed = max(len(newest) - MOST_MISSED, 0)
            due_at = newest[:MOST_MISSED][-1]
        else:
            passed = len(newest) - 1
            due_at = newest[0]
    skips = missed and policy is MissedRuns.SKIP
    schedule.runs_made += 0 if skips else 1
    following = _next(schedule, due_at if policy is MissedRuns.ALL else now)
    mine = Schedule.objects.filter(pk=schedule.pk, is_active=True, next_due_at=was)
    if not mine.update(next_due_at=following, runs_made=schedule.runs_made):
        return False
    if skips:
        logger.warning("schedule %s: the run of %s was missed and is skipped", schedule.pk, due_at)
        note = f"Nobody ticked at its time{_too(passed)}."
        _record(schedule, due_at, now, Outcome.SKIPPED, note=note)
        return False
    if missed and policy is MissedRuns.ALL and passed:
        _record(schedule, was, now, Outcome.SKIPPED, note=f"Only the last {MOST_MISSED} missed runs are drawn.")
    run, is_new = Run.objects.get_or_create(schedule=schedule, due_at=due_at, defaults={"created_at": now})
    if not is_new:
        logger.info("schedule %s: the run of %s was made before", schedule.pk, due_at)
        return False
    asked = _enqueue(
        schedule,
        trigger=Trigger.SCHEDULE,
        queue=Queue.SCHEDULED,
        due_at=due_at,
        force=not schedule.skip_unchanged,
    )
    run.job = asked.job
    if missed:
        run.note = f"Late: nobody ticked at its time{_too(passed) if policy is MissedRuns.ONCE else ''}."
    run.save(update_fields=["job", "note"])
    return True


def _too(passed: int) -> str:
    if not passed:
        return ""
    return f", nor at the {'one' if passed == 1 else 'many' if passed >= MOST_MISSED else passed} before"


def _record(schedule: Schedule, due_at: datetime, now: datetime, outcome: Outcome, *, note: str) -> None:
    values = {"outcome": outcome, "note": note, "created_at": now, "finished_at": now}
    Run.objects.get_or_create(schedule=schedule, due_at=due_at, defaults=values)


def _enqueue(
    schedule: Schedule, *, trigger: Trigger, queue: Queue, due_at: datetime | None, force: bool, request_id: str = ""
) -> Enqueued:
    # A job even when the recipe is pure and its picture is there: it looks, and draws only if something has changed.
    return enqueue(
        recipe_of(schedule.chart),
        Target.of(schedule.chart, "image"),
        trigger=trigger,
        owner=schedule.owner,
        queue=queue,
        request_id=request_id,
        force=force,
        look=not force,
        schedule=schedule,
        due_at=due_at,
    )


def _apply(schedule: Schedule, plan: Plan) -> list[str]:
    """Put a plan into a row, and find out when it comes due. Returns the columns that are to be saved.

    Raises SpecError, and leaves no half of the plan behind.
    """
    values = {"timezone" if name == "tz" else name: value for name, value in plan.items()}
    cron, tz = str(values.get("cron", schedule.cron)), str(values.get("timezone", schedule.timezone))
    now = timezone.now()
    if problems := [*lines.problems(cron, tz), *_plan_problems(plan, now)]:
        raise SpecError(problems)
    before = {name: getattr(schedule, name) for name in values}
    for name, value in values.items():
        setattr(schedule, name, value)
    due = _next(schedule, now)
    if due is None and plan.get("ends_at") is not None:
        for name, value in before.items():
            setattr(schedule, name, value)
        raise SpecError.at("/ends_at", "lies before the first run")
    schedule.next_due_at = due if schedule.is_active else None
    return [*values, "next_due_at"]


def _plan_problems(plan: Plan, now: datetime) -> Iterator[Problem]:
    for name, value, least, most in (
        ("jitter", plan.get("jitter"), 0, MOST_JITTER),
        ("pause_after", plan.get("pause_after"), 0, MOST_FAILURES),
        ("max_runs", plan.get("max_runs"), 1, 1_000_000),
    ):
        if value is not None and not least <= value <= most:
            yield Problem(f"/{name}", f"must be from {least} to {most}, not {value}")
    ends_at = plan.get("ends_at")
    if ends_at is not None and ends_at <= now:
        yield Problem("/ends_at", "lies in the past")


def _next(schedule: Schedule, after: datetime) -> datetime | None:
    return next(_moments(schedule, after), None) if _left(schedule, 1) else None


def _left(schedule: Schedule, most: int) -> int:
    """How many runs may still be made, up to ``most``."""
    return most if schedule.max_runs is None else min(most, max(schedule.max_runs - schedule.runs_made, 0))


def _moments(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """When a schedule comes due: its line's moments, later by its own offset, up to its end.

    Raises SpecError where the line or the zone is not known any more.
    """
    if problems := lines.problems(schedule.cron, schedule.timezone):
        raise SpecError(problems)
    later = offset(schedule)
    for moment in lines.moments(schedule.cron, schedule.timezone, after=after - later):
        if schedule.ends_at and moment + later > schedule.ends_at:
            return
        yield moment + later


def _passed(schedule: Schedule, *, since: datetime, until: datetime) -> Iterator[datetime]:
    """Its moments from ``until`` back to ``since``, the newest first."""
    later = offset(schedule)
    last = min(until, schedule.ends_at) if schedule.ends_at else until
    for moment in lines.moments_before(schedule.cron, schedule.timezone, until=last - later, since=since - later):
        yield moment + later


def _noted(cron: str, tz: str, moments: Iterator[datetime], after: datetime, later: timedelta) -> Iterator[Upcoming]:
    previous = after - later
    for moment in moments:
        yield Upcoming(moment, lines.note(cron, tz, moment - later, previous=previous))
        previous = moment - later
