"""Schedules: what a tick makes of them. Beat only ticks; what is due is decided here, once, whoever ticks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from django.db import IntegrityError, transaction
from django.utils import timezone

from renderer.jobs.charts import recipe_of
from renderer.jobs.enqueue import Enqueued, enqueue
from renderer.jobs.targets import Target
from renderer.models import Chart, Schedule
from renderer.models.job import Queue, Trigger
from renderer.models.schedule import MissedRuns
from renderer.spec.errors import Problem, SpecError, did_you_mean, show, suggest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PUNCTUAL = timedelta(minutes=10)
"""A run that is later than this was missed."""
BATCH = 500

logger = logging.getLogger(__name__)


def next_runs(cron: str, tz: str, *, after: datetime, count: int) -> list[datetime]:
    """The next moments, in UTC, at which a cron line comes due in a time zone; fewer if there are no more.

    Local times that daylight saving skips or repeats are treated as Debian's cron does (cronsim). Raises SpecError at
    ``/cron`` and ``/timezone``.
    """
    return list(islice(_runs(cron, tz, after), count))


def create(
    owner: User, chart: Chart, *, cron: str, tz: str = "UTC", missed_runs: MissedRuns = MissedRuns.ONCE
) -> Schedule:
    """Put a chart on a schedule. Raises SpecError at ``/cron`` and ``/timezone``."""
    due = _next(cron, tz, timezone.now())
    return Schedule.objects.create(
        owner=owner, chart=chart, cron=cron, timezone=tz, missed_runs=missed_runs, next_due_at=due
    )


def change(
    schedule: Schedule, *, cron: str | None = None, tz: str | None = None, missed_runs: MissedRuns | None = None
) -> None:
    """Change a schedule; from now on the new line counts. Raises SpecError at ``/cron`` and ``/timezone``."""
    schedule.cron = schedule.cron if cron is None else cron
    schedule.timezone = schedule.timezone if tz is None else tz
    schedule.missed_runs = schedule.missed_runs if missed_runs is None else missed_runs
    due = _next(schedule.cron, schedule.timezone, timezone.now())
    schedule.next_due_at = due if schedule.is_active else None
    schedule.save()


def pause(schedule: Schedule) -> None:
    """Nothing comes due until it is resumed."""
    schedule.is_active, schedule.next_due_at = False, None
    schedule.save(update_fields=["is_active", "next_due_at"])


def resume(schedule: Schedule) -> None:
    """Go on with the next moment in the future; what came due meanwhile was not missed but paused."""
    schedule.is_active = True
    schedule.next_due_at = _next(schedule.cron, schedule.timezone, timezone.now())
    schedule.save(update_fields=["is_active", "next_due_at"])


def run_now(schedule: Schedule, *, trigger: Trigger = Trigger.WEB) -> Enqueued:
    """Draw the chart at once, beside the schedule's own runs."""
    return _enqueue(schedule, trigger=trigger, queue=Queue.INTERACTIVE, due_at=None)


def tick(now: datetime) -> int:
    """Make a job for each schedule that has come due. Returns how many runs were made.

    Any number of tickers may run at once: ``next_due_at`` moves by a guarded UPDATE, and ``UNIQUE(schedule, due_at)``
    stands in the transaction that makes the job.
    """
    due = Schedule.objects.filter(is_active=True, next_due_at__lte=now, owner__is_active=True)
    return sum(_run(schedule, now) for schedule in due.select_related("chart", "owner").order_by("next_due_at")[:BATCH])


def _run(schedule: Schedule, now: datetime) -> bool:
    due_at = schedule.next_due_at
    assert due_at is not None, "the query asked for those that have one"
    missed = now - due_at > PUNCTUAL
    if missed and schedule.missed_runs == MissedRuns.ONCE:
        due_at = _last(schedule, due_at, now)
    mine = Schedule.objects.filter(pk=schedule.pk, is_active=True, next_due_at=schedule.next_due_at)
    try:
        with transaction.atomic():
            if not mine.update(next_due_at=_next(schedule.cron, schedule.timezone, now)):
                return False
            if missed and schedule.missed_runs == MissedRuns.SKIP:
                logger.warning("schedule %s: the run of %s was missed and is skipped", schedule.pk, due_at)
                return False
            _enqueue(schedule, trigger=Trigger.SCHEDULE, queue=Queue.SCHEDULED, due_at=due_at)
    except IntegrityError:
        logger.info("schedule %s: another beat made the run of %s", schedule.pk, due_at)
        return False
    return True


def _enqueue(schedule: Schedule, *, trigger: Trigger, queue: Queue, due_at: datetime | None) -> Enqueued:
    # A job even when the recipe is pure and its picture is there: somebody who asks for a run sees one. It looks, and
    # draws only if something has changed.
    return enqueue(
        recipe_of(schedule.chart),
        Target.of(schedule.chart, "image"),
        trigger=trigger,
        owner=schedule.owner,
        queue=queue,
        look=True,
        schedule=schedule,
        due_at=due_at,
    )


def _next(cron: str, tz: str, after: datetime) -> datetime | None:
    return next(iter(next_runs(cron, tz, after=after, count=1)), None)


def _last(schedule: Schedule, first: datetime, now: datetime) -> datetime:
    """The newest of the moments from ``first`` on that have passed."""
    last = first
    for moment in _runs(schedule.cron, schedule.timezone, max(first, now - timedelta(days=1))):
        if moment > now:
            break
        last = moment
    return last


def _runs(cron: str, tz: str, after: datetime) -> Iterator[datetime]:
    problems = []
    # By the list and not by trying: ZoneInfo reads whatever file a name leads to.
    if tz not in available_timezones():
        hint = did_you_mean(suggest(tz, available_timezones()))
        problems.append(
            Problem("/timezone", f"no time zone {show(tz)}{hint or '; use an IANA name, such as Europe/Berlin'}")
        )
    try:
        if len(cron) > 100 or len(cron.split()) != 5:
            raise CronSimError("five fields are needed: minute, hour, day of month, month, day of week")
        CronSim(cron, after)
    except CronSimError as error:
        problems.append(Problem("/cron", f"{show(cron)} is no cron line: {str(error)[:150]}"))
    if problems:
        raise SpecError(problems)
    return (moment.astimezone(ZoneInfo("UTC")) for moment in CronSim(cron, after.astimezone(ZoneInfo(tz))))
