"""Health: what works, what does not, and what to do about it, in plain words. ``manage.py doctor`` tells it in a
terminal, and the page of that name in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from socket import gethostname

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import OperationalError

from renderer import storage
from renderer.jobs import notices, pace, progress, queues
from renderer.jobs.lifecycle import soft_limit
from renderer.jobs.progress import overdue
from renderer.models import RenderJob, Schedule, Worker, dataset
from renderer.models.beat import SILENT_AFTER
from renderer.models.job import Queue, Status
from renderer.models.worker import LOST_AFTER, State
from renderer.sources import databases

WAITING_TOO_LONG = timedelta(minutes=1)
LOST_LATELY = timedelta(hours=1)
OVERDUE = timedelta(minutes=1)
"""Beat ticks every ten seconds: a run that is a minute late has nobody who ticks, or nobody who takes the tick."""
TODO_DATABASE = "Start it, or correct DATABASE_URL (for SQLite: make its folder writable)."
TODO_MIGRATE = "Run: python manage.py migrate"
TODO_BROKER = "Start it (redis-server), or set REDIS_URL. Until then jobs are kept, and published later."
TODO_BROKER_FULL = "Make room there (maxmemory, or its disk). Until then jobs are kept, and published later."
TODO_STORAGE = "Make it writable for this user, or correct MEDIA_ROOT (a bucket: STORAGE_URL)."
TODO_FULL = "Make room on that disk. Jobs are kept, and drawn when there is some; pictures that are there stay."
"""What to do where the database, its tables, the broker or the storage is away, whoever found that out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. With ``todo`` it does not work, and that is what to do."""

    name: str
    says: str
    todo: str = ""


def examine(parts: Sequence[str], *, here: bool = False) -> Iterator[Finding]:
    """These parts in turn. What is read from the database is left out while that does not answer as it should."""
    healthy = True
    for name in parts:
        if name in ("worker", "queues", "beat") and not healthy:
            continue
        try:
            finding = look_at_workers(here=here) if name == "worker" else PARTS[name]()
        except DatabaseError as error:
            todo = "Run: python manage.py doctor --only database"
            finding = Finding(name, f"cannot be seen: {in_a_line(error)}", todo)
        if name == "database":
            healthy = not finding.todo
        yield finding


def look_at_database() -> Finding:
    """Whether it answers, and has our tables as they are now."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return Finding("database", f"does not answer: {in_a_line(error)}", TODO_DATABASE)
    if missing:
        says = f"{connection.display_name} lacks {missing} migration{'s' if missing > 1 else ''}"
        return Finding("database", says, TODO_MIGRATE)
    if connection.vendor == "sqlite" and getattr(connection, "transaction_mode", None) != "IMMEDIATE":
        says = "SQLite answers, but two processes that write at once will fail: database is locked"
        return Finding("database", says, 'Set DATABASES["default"]["OPTIONS"]: see docs/django.md, 1. Settings')
    return Finding("database", f"{connection.display_name} answers, and all tables are there")


def look_at_broker() -> Finding:
    """Whether messages can be sent."""
    with current_app.connection_for_write() as broker:
        address = broker.as_uri()  # without the password
        try:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        except (OperationalError, OSError) as error:
            return Finding("broker", f"{address} does not answer: {in_a_line(error)}", TODO_BROKER)
    return Finding("broker", f"{address} answers")


def todo_broker(error: BaseException) -> str:
    """What to do about a broker that takes no messages: one that is only full runs, and says so."""
    said = str(error)
    return TODO_BROKER_FULL if "OOM command not allowed" in said or "MISCONF" in said else TODO_BROKER


def look_at_workers(*, here: bool = False) -> Finding:
    """Whether somebody draws, from every queue; with ``here``, whether a worker of this machine is alive."""
    now = timezone.now()
    alive = list(Worker.objects.filter(seen_at__gt=now - LOST_AFTER))
    if here and (mine := [worker for worker in alive if f"@{gethostname()}#" in worker.name]):
        return Finding("worker", f"{len(mine)} alive on this machine")
    if here:
        alive = []
    waiting = _waiting(now - WAITING_TOO_LONG)
    some = f"{waiting:,}{' or more' if waiting == pace.COUNTED else ''}"
    jobs = f"{some} {'job has' if waiting == 1 else 'jobs have'} been waiting for more than a minute"
    start = f"Start one: celery -A {_project()} worker"
    if not alive:
        seen = progress.worker_seen()
        last = f"; the last was seen {notices.ago(timezone.now() - seen)} ago" if seen else ""
        return Finding("worker", f"none is alive{last}{f'; {jobs}' if waiting else ''}", start)
    served = {queue for worker in alive for queue in worker.queues.split(",")}
    if idle := [queue for queue in (*Queue.values, dataset.QUEUE) if queue not in served]:
        return Finding("worker", f"nobody draws from {', '.join(idle)}", f"{start} -Q {','.join(idle)}")
    slots = sum(worker.concurrency for worker in alive)
    says = f"{len(alive)} alive, {slots} {'job' if slots == 1 else 'jobs'} at a time{''.join(_troubles(now))}"
    if all(worker.state(now) == State.DEAF for worker in alive):
        return Finding("worker", says, "Look at the broker first, then at the worker's log; restart it if it hangs.")
    if waiting:
        return Finding("worker", f"{says}, but {jobs}", f"They are behind. {start}, here or on another machine.")
    return Finding("worker", says)


def _troubles(now: datetime) -> Iterator[str]:
    """What is worth knowing of workers though somebody draws."""
    for worker in Worker.objects.filter(seen_at__gt=now - LOST_LATELY):
        match worker.state(now):
            case State.LOST:
                yield f"; lost: {worker.name}, {(now - worker.seen_at).total_seconds():.0f} s ago"
            case State.DEAF:
                yield f"; {worker.name} takes no work"
    if late := overdue(now).count():
        limit = soft_limit().total_seconds()
        yield f"; {late} {'job is' if late == 1 else 'jobs are'} over the soft time limit of {limit:.0f} s"


def _waiting(since: datetime) -> int:
    """How many jobs wait since then in queues that go on; ``pace.COUNTED`` stands for that many or more."""
    going = [queue for queue in Queue if not queues.is_paused(queue)]
    waiting = RenderJob.objects.filter(status=Status.QUEUED, queue__in=going, available_at__lt=since)
    return waiting.order_by()[: pace.COUNTED].count()


def look_at_queues() -> Finding:
    """Whether one was paused: somebody wanted that, so that it is no fault, and somebody may have forgotten it."""
    paused = [queue.value for queue in queues.paused()]
    if not paused:
        return Finding("queues", "none is paused")
    return Finding("queues", f"{' and '.join(paused)} {'is' if len(paused) == 1 else 'are'} paused; what waits is kept")


def look_at_beat() -> Finding:
    """Whether somebody ticks: by the last tick that came to a worker, and by what is late."""
    now = timezone.now()
    active = Schedule.objects.filter(is_active=True, next_due_at__isnull=False)
    total, late = active.count(), active.filter(next_due_at__lt=now - OVERDUE).count()
    seen = notices.beat_seen()
    todo = f"Start the ticker: celery -A {_project()} beat (it needs a worker, too)"
    last = f"the last tick came {notices.ago(now - seen)} ago" if seen else "no tick has come yet"
    if late:
        return Finding("beat", f"{late} of {total} scheduled charts {'is' if late == 1 else 'are'} late; {last}", todo)
    if seen and seen < now - SILENT_AFTER:
        return Finding("beat", f"is silent: {last}", todo)
    if not total:
        return Finding("beat", f"no chart is on a schedule; {last}")
    return Finding("beat", f"{total} scheduled chart{'s' if total > 1 else ''}, none is late; {last}")


def look_at_sources() -> Finding:
    """Whether the databases that charts may read answer, and their roles may only read."""
    named = databases.configured()
    if not named:
        return Finding("sources", "no databases are named for charts to read")
    for database in named.values():
        try:
            databases.examine(database)
        except databases.DatabaseAway as error:
            todo = f"Start it, or correct its DSN in {databases.DATABASES}."
            return Finding("sources", f"the database {database.name} {error}", todo)
        except (databases.RoleError, databases.QueryError) as error:
            todo = "Its charts are not drawn until then: see docs/sources.md, Databases."
            return Finding("sources", f"the database {database.name} is not read: {error}", todo)
    return Finding("sources", f"{', '.join(sorted(named))}: charts may read, and nothing else")


def look_at_storage() -> Finding:
    """Whether a picture can be written, read and deleted."""
    where = storage.described(default_storage)
    try:
        trial = storage.try_out()
    except Exception as error:  # noqa: BLE001 - storages raise what their libraries raise; all of it is the finding
        if storage.is_full(error):
            return Finding("storage", f"{where} is full: no picture can be stored", TODO_FULL)
        return Finding("storage", f"{where} takes no files: {in_a_line(error)}", TODO_STORAGE)
    if not trial.whole:
        return Finding("storage", f"{where} gives back other bytes than it was given", "Look at the disk.")
    if trial.is_public:
        return Finding("storage", f"{where} is public: everybody can read its files", "Make it private.")
    return Finding("storage", f"{where} keeps files")


def look_at_static_files() -> Finding:
    """Whether the pages' styles and scripts were collected, where they must be."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin) or settings.DEBUG:
        return Finding("static files", "served as they lie in the packages")
    if not staticfiles_storage.hashed_files:
        return Finding("static files", "were not collected: pages will fail", "Run: python manage.py collectstatic")
    return Finding("static files", f"{len(staticfiles_storage.hashed_files)} collected")


def look_at_typeface() -> Finding:
    """Whether charts are drawn in their own typeface."""
    from renderer.drawing import fonts, scripts  # matplotlib, which web processes are spared

    place = fonts.folder()
    if fonts.ensure():
        return Finding("typeface", f"Inter, in {place}, and {len(scripts.fallbacks(place))} fonts for other scripts")
    todo = f"Make {place} writable, or set {fonts.ENVIRONMENT} to a folder that is. Charts are drawn all the same."
    return Finding("typeface", "DejaVu Sans stands in for Inter", todo)


PARTS: dict[str, Callable[[], Finding]] = {
    "database": look_at_database,
    "broker": look_at_broker,
    "worker": look_at_workers,
    "queues": look_at_queues,
    "beat": look_at_beat,
    "storage": look_at_storage,
    "sources": look_at_sources,
    "static files": look_at_static_files,
    "typeface": look_at_typeface,
}


def _project() -> str:
    """What this project's Celery app is found by."""
    return str(settings.SETTINGS_MODULE or "project").partition(".")[0]


def in_a_line(error: BaseException) -> str:
    """An error in one line that fits a terminal."""
    return " ".join(str(error).split())[:200] or type(error).__name__
