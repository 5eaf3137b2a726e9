"""``manage.py jobs``: what an operator does with render jobs, in a terminal."""

from __future__ import annotations

import json
import re
import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from renderer.jobs import events, lifecycle, queues, rescue
from renderer.jobs.again import again
from renderer.logs import printable
from renderer.models import RenderJob, Rendition, Worker
from renderer.models.job import ACTIVE, FINAL, Queue, Status
from renderer.models.worker import LOST_AFTER
from renderer.spec.errors import SpecError

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_STYLES: Final = {
    Status.QUEUED: "NOTICE",
    Status.RUNNING: "MIGRATE_HEADING",
    Status.SUCCEEDED: "SUCCESS",
    Status.FAILED: "ERROR",
    Status.CANCELLED: "WARNING",
    Status.EXPIRED: "WARNING",
}
SAFE: Final = 1
"""So many jobs are changed without asking."""


class Command(BaseCommand):
    """List, count, show, retry, cancel and rescue jobs."""

    help = "Render jobs, for operators: list, counts, show, retry, cancel, pause, resume, rescue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand a verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")

        listing = verbs.add_parser("list", help="the newest jobs, or those that fit")
        _add_filters(listing)
        listing.add_argument("--limit", type=_positive, default=20, metavar="N", help="how many, at most (20)")
        listing.add_argument("--json", action="store_true", help="one JSON object a line")

        counts = verbs.add_parser("counts", help="how many there are, by queue and status")
        counts.add_argument("--json", action="store_true", help="as one JSON object")

        show = verbs.add_parser("show", help="the story of one job, with its attempts and the traceback")
        show.add_argument("id", type=_id)
        show.add_argument("--json", action="store_true", help="as one JSON object")

        for verb, says in (("retry", "draw once more what ended jobs were about"), ("cancel", "stop active jobs")):
            change = verbs.add_parser(verb, help=says)
            change.add_argument("ids", nargs="*", type=_id, metavar="id")
            _add_filters(change)
            change.add_argument("--yes", action="store_true", help="do not ask")

        for verb, says in (("pause", "draw nothing from a queue for now"), ("resume", "let a paused queue go on")):
            verbs.add_parser(verb, help=says).add_argument("queue", choices=Queue.values)

        verbs.add_parser("rescue", help="bring back what is lost, now and not at the next patrol")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Do it."""
        handlers: dict[str, Callable[..., None]] = {
            "list": self.list,
            "counts": self.counts,
            "show": self.show,
            "retry": self.retry,
            "cancel": self.cancel,
            "pause": self.pause,
            "resume": self.resume,
            "rescue": self.rescue,
        }
        handlers[verb](**options)

    # --- Looking --------------------------------------------------------------------------------------------------
    def list(self, *, limit: int, **options: Any) -> None:
        """A table, the newest first."""
        now = timezone.now()
        found = list(_filtered(options).select_related("owner").defer("recipe")[:limit])
        if options["json"]:
            for job in found:
                self.stdout.write(json.dumps(_as_json(job)))
            return
        rows = [
            (
                str(job.pk),
                str(job.status),
                job.queue,
                str(job.owner or "-"),
                _about(job),
                f"{job.attempt}/{job.max_attempts}",
                _age(now - job.created_at),
                _says(job),
            )
            for job in found
        ]
        self._table(("job", "status", "queue", "owner", "draws", "try", "age", ""), rows, colour=1)
        total = _filtered(options).order_by().count() if len(found) == limit else len(found)
        if total > len(found):
            self.stdout.write(f"\n{len(found)} of {total} jobs; --limit shows more.")
        elif not found:
            self.stdout.write("No such jobs.")

    def counts(self, *, json: bool, **_: Any) -> None:
        """A table of queues and statuses, and who draws."""
        by: dict[str, dict[str, int]] = {queue: dict.fromkeys(Status.values, 0) for queue in Queue.values}
        for queue, status, n in RenderJob.objects.order_by().values_list("queue", "status").annotate(n=Count("pk")):
            by[queue][status] = n
        now = timezone.now()
        oldest = dict(
            RenderJob.objects.filter(status=Status.QUEUED, available_at__lte=now)
            .order_by()
            .values_list("queue")
            .annotate(since=Min("available_at"))
        )
        workers = list(Worker.objects.filter(seen_at__gt=now - LOST_AFTER))
        slots = sum(worker.concurrency for worker in workers)
        if json:
            waits = {queue: round((now - since).total_seconds(), 1) for queue, since in oldest.items()}
            self._json({"queues": by, "oldest_queued_seconds": waits, "workers": len(workers), "slots": slots})
            return
        rows = []
        for queue, counts in by.items():
            waited = _age(now - oldest[queue]) if queue in oldest else "-"
            rows.append(
                (queue, *(f"{counts[status]:,}" if counts[status] else "-" for status in Status.values), waited)
            )
        total = [sum(counts[status] for counts in by.values()) for status in Status.values]
        rows.append(("all", *(f"{n:,}" if n else "-" for n in total), ""))
        self._table(("queue", *Status.values, "oldest waits"), rows, right=range(1, len(Status.values) + 2))
        self.stdout.write(
            f"\n{_many(len(workers), 'worker')} alive, {_many(slots, 'job')} at a time."
            if workers
            else f"\n{self.style.WARNING('No worker is alive.')}"
        )

    def show(self, *, id: UUID, json: bool, **_: Any) -> None:  # noqa: A002 - the argument's name in the terminal
        """Everything about one job."""
        job = RenderJob.objects.select_related("owner", "schedule").filter(pk=id).first()
        if job is None:
            raise CommandError(f"There is no job {id}.")
        attempts = list(job.attempts.order_by("number"))
        if json:
            told = [
                {
                    "number": attempt.number,
                    "worker": attempt.worker,
                    "task": attempt.task_id,
                    "started_at": _iso(attempt.started_at),
                    "ended_at": _iso(attempt.ended_at),
                    "outcome": attempt.outcome,
                    "traceback": attempt.task_result.traceback if attempt.task_result else None,
                }
                for attempt in attempts
            ]
            self._json(_as_json(job) | {"attempts": told})
            return
        status = self._coloured(job.status, str(job.status))
        reason = f" ({job.reason})" if job.reason else ""
        stage = f", {job.get_stage_display().lower()}" if job.stage else ""
        self.stdout.write(f"{self.style.MIGRATE_HEADING(f'Job {job.pk}')}  {status}{reason}{stage}")
        timings = ", ".join(f"{stage} {ms:g} ms" for stage, ms in job.timings.items())
        facts = {
            "draws": _about(job),
            "onto": f"{job.target_model} {job.target_id} {job.target_field}",
            "owner": str(job.owner or "nobody"),
            "asked": f"{_when(job.created_at)} by {job.get_trigger_display().lower()}, queue {job.queue}",
            "request": job.request_id,
            "says": job.message,
            "warnings": "; ".join(job.warnings),
            "timings": timings,
            "files": ", ".join(f"{r.format} {r.width}x{r.height}" for r in _files(job)),
            "stopping": _when(job.cancel_requested_at) if job.cancel_requested_at and not job.is_final else "",
            "lease until": _when(job.lease_expires_at) if job.lease_expires_at else "",
        }
        for name, value in facts.items():
            if value:
                self.stdout.write(f"  {name:<12}{printable(value)}")
        self.stdout.write("")
        self.stdout.write(f"  {_when(job.created_at)}  asked")
        for attempt in attempts:
            self.stdout.write(
                f"  {_when(attempt.started_at)}  attempt {attempt.number} began on {printable(attempt.worker)}"
            )
            if attempt.ended_at:
                took = (attempt.ended_at - attempt.started_at).total_seconds()
                self.stdout.write(
                    f"  {_when(attempt.ended_at)}  attempt {attempt.number} ended after {took:.1f} s: "
                    f"{printable(attempt.outcome)}"
                )
            if attempt.task_result and attempt.task_result.traceback:
                for line in attempt.task_result.traceback.rstrip().splitlines():
                    self.stdout.write(f"      {printable(line)}")
        if job.finished_at and not (attempts and attempts[-1].ended_at == job.finished_at):
            self.stdout.write(f"  {_when(job.finished_at)}  {job.status}")

    # --- Changing -------------------------------------------------------------------------------------------------
    def retry(self, **options: Any) -> None:
        """New jobs for ended ones: once for each target."""
        chosen = self._chosen(options, FINAL, default=(Status.FAILED, Status.EXPIRED), verb="retry")
        made, targets = 0, set[tuple[str, str, str]]()
        for job in chosen:
            if (target := (job.target_model, job.target_id, job.target_field)) in targets:
                continue
            targets.add(target)
            try:
                made += again(job).created
            except SpecError as error:
                self.stderr.write(f"{job.pk}: cannot be drawn again: {printable(str(error))}")
        self.stdout.write(f"{_many(made, 'job')} made.")

    def cancel(self, **options: Any) -> None:
        """Waiting jobs end at once; running ones are asked to stop."""
        chosen = self._chosen(options, ACTIVE, default=ACTIVE, verb="cancel")
        cancelled = sum(lifecycle.cancel(job) for job in chosen)
        running = RenderJob.objects.filter(pk__in=[job.pk for job in chosen], status=Status.RUNNING).count()
        self.stdout.write(
            f"{_many(cancelled - running, 'job')} cancelled"
            + (f", {running} running asked to stop." if running else ".")
        )

    def pause(self, *, queue: str, **_: Any) -> None:
        """What runs is finished; what waits is kept."""
        done = queues.pause(Queue(queue))
        self.stdout.write(f"The queue {queue} is paused." if done else f"The queue {queue} was paused already.")

    def resume(self, *, queue: str, **_: Any) -> None:
        """What waits is drawn."""
        done = queues.resume(Queue(queue))
        self.stdout.write(f"The queue {queue} goes on." if done else f"The queue {queue} was not paused.")

    def rescue(self, **_: Any) -> None:
        """One patrol."""
        now = timezone.now()
        lost = rescue.lost(now).count()
        sent = rescue.patrol(now)
        self.stdout.write(f"{_many(lost, 'lost job')} brought back, {_many(sent, 'missing message')} sent.")

    def _chosen(
        self, options: dict[str, Any], allowed: Sequence[str], *, default: Sequence[str], verb: str
    ) -> Sequence[RenderJob]:
        """The jobs that are named or that fit; after a question, where there are many."""
        ids: list[UUID] = options["ids"]
        filters = any(options[name] is not None for name in ("status", "queue", "owner", "chart", "older_than"))
        if bool(ids) == filters:
            raise CommandError("Name jobs by their ids, or choose them with filters such as --queue or --owner.")
        if ids:
            found = list(RenderJob.objects.filter(pk__in=ids))
            if unknown := set(ids) - {job.pk for job in found}:
                raise CommandError(f"There is no job {', '.join(map(str, sorted(unknown)))}.")
            if wrong := [job for job in found if job.status not in allowed]:
                raise CommandError(f"Job {wrong[0].pk} is {wrong[0].status}: nothing to {verb}.")
        else:
            fits = _filtered(options)
            found = list(fits.filter(status__in=allowed if options["status"] else default))
        if len(found) > SAFE and not options["yes"]:
            if not sys.stdin.isatty():
                raise CommandError(f"This would {verb} {_many(len(found), 'job')}: say --yes.")
            answer = input(f"{verb.capitalize()} {_many(len(found), 'job')}? [y/N] ")
            if answer.strip().lower() not in ("y", "yes"):
                raise CommandError("Nothing was done.")
        return found

    # --- Writing --------------------------------------------------------------------------------------------------
    def _table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        colour: int | None = None,
        right: Iterable[int] = (),
    ) -> None:
        """Aligned columns; the last one is cut where the terminal ends."""
        if not rows:
            return
        cells = [[printable(cell) for cell in row] for row in (head, *rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
        to_the_right = set(right)
        wide = shutil.get_terminal_size((160, 24)).columns if self.stdout.isatty() else 10_000
        for n, row in enumerate(cells):
            padded = [
                cell.rjust(width) if i in to_the_right else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            before = sum(widths[:-1]) + 2 * (len(widths) - 1)
            padded[-1] = padded[-1].rstrip()[: max(10, wide - before)]
            if n == 0:
                self.stdout.write(self.style.MIGRATE_LABEL("  ".join(padded).rstrip()))
                continue
            if colour is not None:
                padded[colour] = self._coloured(row[colour], padded[colour])
            self.stdout.write("  ".join(padded).rstrip())

    def _coloured(self, status: str, text: str) -> str:
        style: Callable[[str], str] = getattr(self.style, _STYLES[Status(status)])
        return style(text)

    def _json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2, default=str))


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--status", choices=Status.values)
    parser.add_argument("--queue", choices=Queue.values)
    parser.add_argument("--owner", metavar="USERNAME")
    parser.add_argument("--chart", type=_id, metavar="ID")
    parser.add_argument(
        "--older-than", type=_duration, metavar="30m", help="made longer ago than this: 90s, 30m, 2h, 7d"
    )


def _filtered(options: dict[str, Any]) -> QuerySet[RenderJob]:
    which = Q()
    if options["status"]:
        which &= Q(status=options["status"])
    if options["queue"]:
        which &= Q(queue=options["queue"])
    if options["owner"]:
        users: Any = get_user_model()
        owner = users.objects.filter(**{users.USERNAME_FIELD: options["owner"]}).first()
        if owner is None:
            raise CommandError(f"There is no user {options['owner']}.")
        which &= Q(owner=owner)
    if options["chart"]:
        which &= Q(target_model="renderer.chart", target_id=str(options["chart"]))
    if options["older_than"]:
        which &= Q(created_at__lt=timezone.now() - options["older_than"])
    return RenderJob.objects.filter(which)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no id") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number of jobs")
    return int(text)


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is no time: write 90s, 30m, 2h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _about(job: RenderJob) -> str:
    chart = events.chart_of(job)
    return f"chart {chart}" if chart else f"{job.target_model} {job.target_id}"


def _says(job: RenderJob) -> str:
    if job.status == Status.RUNNING:
        return f"{job.stage} on {job.worker}" + (", stopping" if job.cancel_requested_at else "")
    if job.status == Status.SUCCEEDED and job.took is not None:
        return f"in {job.took.total_seconds():.1f} s"
    return f"{job.reason}: {job.message}" if job.reason else job.message


def _age(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _files(job: RenderJob) -> QuerySet[Rendition]:
    return Rendition.objects.asked_for().filter(job=job).order_by("pk")


def _when(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _as_json(job: RenderJob) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "status": str(job.status),
        "stage": job.stage,
        "reason": job.reason,
        "message": job.message,
        "queue": job.queue,
        "trigger": job.trigger,
        "owner": str(job.owner) if job.owner else None,
        "target": {"model": job.target_model, "id": job.target_id, "field": job.target_field},
        "chart": events.chart_of(job) or None,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "worker": job.worker,
        "request_id": job.request_id,
        "created_at": _iso(job.created_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
        "timings": job.timings,
        "warnings": job.warnings,
    }
