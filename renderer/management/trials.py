"""A deep look: every part is made to do its work once, for real, and timed. ``manage.py doctor --deep`` tells it.

What is written is taken back: a row is rolled back, a message and a file are removed, a chart is drawn for nobody else
and deleted. The parts of ``health`` come first; these ask what a look cannot tell.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from queue import Empty
from typing import Any, Final, NamedTuple
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from renderer import health, sentinels, storage
from renderer.drawing import fonts
from renderer.health import Finding
from renderer.jobs import charts, events, lifecycle
from renderer.jobs.targets import Target
from renderer.models import Chart, Delivery, PausedQueue, RenderJob, Rendition, Worker
from renderer.models.delivery import DeliveryStatus
from renderer.models.job import ACTIVE, Queue, Status, Trigger
from renderer.models.worker import LOST_AFTER
from renderer.recipe import Recipe

SKEW: Final = timedelta(seconds=2)
"""Clocks that differ by more make waiting times and signed addresses wrong."""
SAMPLE: Final = 200
"""Pictures whose bytes are compared with what their rows say: a few seconds on a disk."""
TIGHT: Final = 0.10
"""Of a disk, left: below it somebody should look, below a third of it pictures will soon find no room."""
PATIENCE: Final = 60.0
SPEC: Final = {
    "kind": "bar", "title": "Doctor", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y",
}  # fmt: skip


class Timed(NamedTuple):
    """A finding, and the milliseconds that it took."""

    finding: Finding
    ms: float


def examine(*, patience: float = PATIENCE) -> Iterator[Timed]:
    """Every part in turn. What hangs on the database is left out while that does not answer."""
    looks: dict[str, Callable[[], Finding]] = {**health.PARTS, **DEEP, "drawing": lambda: draw(patience)}
    healthy = True
    for name, look in looks.items():
        if not healthy and name not in WITHOUT_ROWS:
            continue
        start = time.perf_counter()
        try:
            finding = look()
        except DatabaseError as error:
            finding = Finding(name, f"cannot be seen: {health.in_a_line(error)}", health.TODO_DATABASE)
        if name == "database":
            healthy = not finding.todo
        yield Timed(finding, (time.perf_counter() - start) * 1000)


def write_rows() -> Finding:
    """A row is written, read and rolled back; how far the clocks are apart."""
    name = f"doctor-{uuid4().hex}"
    with transaction.atomic():
        Worker.objects.create(name=name, started_at=timezone.now(), seen_at=Now())
        here, there = timezone.now(), Worker.objects.filter(name=name).values_list("seen_at", flat=True).get()
        transaction.set_rollback(True)
    if Worker.objects.filter(name=name).exists():
        todo = "Let DATABASE_URL lead to a database with transactions."
        return Finding("rows", "a row stayed that was rolled back", todo)
    skew = abs(here - there)
    version = ".".join(map(str, connection.get_database_version()))
    says = f"{connection.display_name} {version} takes rows and takes them back"
    if skew > SKEW:
        says += f"; its clock is {skew.total_seconds():.0f} s {'behind' if there < here else 'ahead of'} this machine's"
        return Finding("rows", says, "Let all machines follow a time server (timedatectl set-ntp true).")
    return Finding("rows", says)


def look_at_redis() -> Finding:
    """Whether it keeps messages over a restart, throws none away, and has room."""
    url = str(current_app.conf.broker_url)
    if url.startswith("sentinel"):
        url = events.address()  # which says what they watch over
    if not url.startswith(("redis://", "rediss://", "sentinel")):
        return Finding("redis", "the broker is none: its own tools tell whether it keeps messages")
    try:
        with sentinels.connect(url, socket_timeout=5, socket_connect_timeout=3) as client:
            info: Any = client.info()
    except RedisError as error:
        return Finding("redis", f"does not answer: {health.in_a_line(error)}", health.todo_broker(error))
    used, most = int(info["used_memory"]), int(info.get("maxmemory", 0))
    says = f"Redis {info['redis_version']}, {filesizeformat(used)}{f' of {filesizeformat(most)}' if most else ''}"
    if info.get("aof_last_write_status", "ok") != "ok" or info.get("rdb_last_bgsave_status", "ok") != "ok":
        return Finding("redis", f"{says}: cannot write to its disk, and may refuse messages (MISCONF)",
                       "Make room on its disk. Jobs are kept, and published when it takes messages again.")  # fmt: skip
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        return Finding("redis", f"{says}: throws away what it likes when it is full ({policy})",
                       "Set maxmemory-policy noeviction: a message that is thrown away is a late chart.")  # fmt: skip
    if most and used > 0.9 * most:
        return Finding("redis", f"{says}: is nearly full, and will refuse messages",
                       "Raise maxmemory, or see who else uses it.")  # fmt: skip
    if not int(info.get("aof_enabled", 0)):
        return Finding("redis", f"{says}: forgets messages when it restarts",
                       "Set appendonly yes. Without it they are sent again some seconds later.")  # fmt: skip
    return Finding("redis", f"{says}: keeps messages over a restart, throws none away")


def send_message() -> Finding:
    """A message goes to a queue of its own, and comes back."""
    name, word = f"figpress.doctor.{uuid4().hex}", uuid4().hex
    try:
        with current_app.connection_for_write(connect_timeout=5) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=5)
            queue = broker.SimpleQueue(name, queue_opts={"auto_delete": True})
            try:
                queue.put({"word": word}, serializer="json")
                with suppress(Empty):
                    message = queue.get(timeout=5)
                    message.ack()
                    if message.payload == {"word": word}:
                        return Finding("messages", "one was sent, and came back as it was")
            finally:
                queue.queue.delete()
                queue.close()
    except (OperationalError, OSError, RedisError) as error:
        return Finding("messages", f"are not taken: {health.in_a_line(error)}", health.todo_broker(error))
    return Finding("messages", "one was sent, and did not come back", "Look at the broker's log.")


def look_at_room() -> Finding:
    """Whether the disks have room: under pictures, and under SQLite's file."""
    places = {}
    if isinstance(default_storage, FileSystemStorage):
        places["pictures"] = str(default_storage.location)
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite's own
        places["the database"] = str(settings.DATABASES["default"]["NAME"]).rpartition("/")[0]
    said, tight = [], []
    for what, place in places.items():
        try:
            usage = shutil.disk_usage(place)
        except OSError as error:
            return Finding("room", f"for {what}: {health.in_a_line(error)}", health.TODO_STORAGE)
        said.append(f"{usage.free / 2**30:.1f} GB ({100 * usage.free // usage.total} %) for {what}")
        if usage.free < TIGHT * usage.total:
            tight.append(what)
    if tight:
        todo = "Make room, or keep less (FIGPRESS_KEEP_*). On a full disk jobs are kept and tried again."
        return Finding("room", f"{', '.join(said)} left", todo)
    return Finding("room", f"{', '.join(said)} left" if said else "is the storage's own affair")


def look_at_pictures() -> Finding:
    """Whether pictures are what their rows say: a sample, by their digests."""
    newest = Rendition.objects.aggregate(newest=Max("pk"))["newest"]
    if newest is None:
        return Finding("pictures", "there is none yet")
    pks = list(Rendition.objects.order_by("-pk").values_list("pk", flat=True)[: SAMPLE * 50])
    chosen = Rendition.objects.filter(pk__in=random.sample(pks, min(SAMPLE, len(pks)))).select_related("job")
    missing, damaged, seen = [], [], 0
    for row in chosen.defer("job__recipe"):
        target = Target.of_job(row.job)
        try:
            place = target.image_field.storage if row.on_target else default_storage
            with place.open(str(row.file.name)) as file:
                digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
        except LookupError:  # the project has taken the model away
            continue
        except FileNotFoundError:
            if Rendition.objects.filter(pk=row.pk).exists():  # or let go of in this moment
                missing.append(str(row.file))
            continue
        seen += 1
        if digest != row.sha256:
            damaged.append(str(row.file))
    if damaged or missing:
        says = f"of {seen + len(missing)}, {len(missing)} missing and {len(damaged)} not what was drawn"
        todo = (
            f"Look at the disk, beginning with {(damaged or missing)[0]}; what is missing is drawn again in the night."
        )
        return Finding("pictures", says, todo)
    return Finding("pictures", f"{seen} looked at: each is what was drawn, to the last byte")


def look_at_outside() -> Finding:
    """Whether somebody fetches URLs and sends webhooks."""
    alive = Worker.objects.filter(seen_at__gt=timezone.now() - LOST_AFTER)
    served = {queue for queues in alive.values_list("queues", flat=True) for queue in queues.split(",")}
    late = Delivery.objects.filter(
        status=DeliveryStatus.WAITING, next_attempt_at__lt=timezone.now() - timedelta(minutes=2)
    ).count()
    if Queue.FETCH not in served:
        return Finding("outside", "nobody draws from the queue fetch: no URL is read, and no webhook sent",
                       f"Start a worker with WORKER_QUEUES={Queue.FETCH.value} where the network is.")  # fmt: skip
    if late:
        return Finding("outside", f"{late:,} deliveries to webhooks are late",
                       "Start beat, and look at the log of the workers of the queue fetch.")  # fmt: skip
    return Finding("outside", "somebody fetches URLs and sends webhooks; no delivery is late")


def look_at_settings() -> Finding:
    """Django's checks for an installation that others reach, and our own."""
    found = [one for one in checks.run_checks(include_deployment_checks=True) if not one.is_silenced()]
    serious = [one for one in found if one.is_serious()]
    if serious:
        todo = "Run: python manage.py check --deploy"
        return Finding("settings", f"{len(serious)} of them are not safe, such as {serious[0].id}", todo)
    notes = f"; {len(found)} notes: manage.py check --deploy" if found else ""
    return Finding("settings", f"nothing unsafe{notes}")


def draw(patience: float = PATIENCE) -> Finding:
    """A chart of nobody else's is drawn by whichever worker comes, and deleted again."""
    if PausedQueue.objects.filter(queue=Queue.INTERACTIVE).exists():
        return Finding("drawing", "the queue interactive is paused: nothing is drawn to try it")
    owner = get_user_model()(username=f"doctor-{uuid4().hex[:12]}", is_active=False)
    owner.set_unusable_password()
    owner.save()
    try:
        chart, _ = charts.create(owner, Recipe.from_spec(SPEC), name="Doctor")
        asked: datetime = timezone.now()
        job = charts.render(chart, trigger=Trigger.CODE, queue=Queue.INTERACTIVE).job
        end = time.monotonic() + patience
        while time.monotonic() < end:
            job = RenderJob.objects.defer("recipe").get(pk=job.pk)
            if job.status not in ACTIVE:
                break
            time.sleep(0.05)
        return _drawn(job, Chart.objects.get(pk=chart.pk), asked, patience)
    finally:
        for chart in Chart.objects.filter(owner=owner):
            lifecycle.cancel_all(Target.of(chart, "image").jobs().filter(status__in=ACTIVE))
            charts.delete(chart)
        owner.delete()


def _drawn(job: RenderJob, chart: Chart, asked: datetime, patience: float) -> Finding:
    if job.status in ACTIVE:
        why = f": {job.message}" if job.message else ""
        where = f"is still {job.status} after {patience:.0f} s{why}"
        return Finding("drawing", f"a chart {where}", "Start a worker, or see what keeps those that are there busy.")
    if job.status != Status.SUCCEEDED:
        todo = f"Look for {job.pk} in the worker's log."
        return Finding("drawing", f"a chart {job.status} on {job.worker}: {job.message}", todo)
    row = job.renditions.get(on_target=True)
    with chart.image.open() as file:
        whole = hashlib.sha256(file.read()).hexdigest() == row.sha256
    if not whole:
        todo = "Let web and workers have the same storage: docs/operations.md, More workers."
        return Finding("drawing", f"the picture that {job.worker} stored is another one here", todo)
    waited, took = job.waited, job.took
    assert waited is not None
    assert took is not None
    ms = waited.total_seconds() * 1000, took.total_seconds() * 1000
    return Finding("drawing", f"{job.worker} drew a chart: waited {ms[0]:.0f} ms, drawn in {ms[1]:.0f} ms")


def store_and_delete() -> Finding:
    """A file of a picture's size goes, comes back, and is gone when it is deleted."""
    try:
        same = storage.try_out(random.randbytes(200_000)).whole
    except Exception as error:  # noqa: BLE001 - storages raise what their libraries raise; all of it is the finding
        if storage.is_full(error):
            return Finding("files", "there is no room for 200 kB", health.TODO_FULL)
        return Finding("files", f"200 kB are not taken: {health.in_a_line(error)}", health.TODO_STORAGE)
    if not same:
        return Finding("files", "200 kB came back as others, or did not go when they were deleted", "Look at the disk.")
    return Finding("files", "200 kB were written, read and deleted")


def look_at_letters() -> Finding:
    """Whether every worker draws the same letters: they must be of one release."""
    alive = Worker.objects.filter(seen_at__gt=timezone.now() - LOST_AFTER)
    releases = sorted({version or "a checkout" for version in alive.values_list("version", flat=True)})
    if len(releases) > 1:
        return Finding("releases", f"workers of {' and of '.join(releases)} draw side by side",
                       "During an upgrade that is as it should be; else restart the older ones.")  # fmt: skip
    there = "its own typeface" if fonts.ensure() else "a typeface that stands in"
    return Finding("releases", f"all workers run {releases[0] if releases else 'nothing'}; here is {there}")


DEEP: Final[dict[str, Callable[[], Finding]]] = {
    "rows": write_rows,
    "redis": look_at_redis,
    "messages": send_message,
    "files": store_and_delete,
    "room": look_at_room,
    "pictures": look_at_pictures,
    "outside": look_at_outside,
    "releases": look_at_letters,
    "settings": look_at_settings,
}
WITHOUT_ROWS: Final = {
    "database",
    "broker",
    "storage",
    "static files",
    "typeface",
    "redis",
    "messages",
    "files",
    "room",
}
