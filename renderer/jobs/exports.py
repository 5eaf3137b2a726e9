"""Exports: everything that an owner has, as one ZIP file that a worker makes. What is secret is not in it: there are
hints of tokens, and no digests; addresses of webhooks, and no seeds.

As with uploads, the row is the truth and the message a nudge: a worker that dies is noticed, and the export begins
anew.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from renderer import audit, storage
from renderer.jobs import archive
from renderer.models import (
    ApiToken,
    AuditEntry,
    Batch,
    Chart,
    Dataset,
    Export,
    Identity,
    Membership,
    RenderJob,
    Schedule,
    SecondFactor,
    Session,
    ShareLink,
    Webhook,
)
from renderer.models.audit import Action
from renderer.models.dataset import QUEUE
from renderer.models.export import KEPT, ExportStatus
from renderer.models.worker import Names

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAKE: Final = "figpress.exports.make"
"""The task's name. ``renderer`` publishes by name and never imports the tasks."""
FOLDER: Final = "exports"
LIMIT: Final = timedelta(seconds=500)
"""Of one attempt; below the broker's visibility_timeout (600 s)."""
SLACK: Final = timedelta(seconds=75)
MAX_ATTEMPTS: Final = 3
UNHEARD_AFTER: Final = timedelta(seconds=10)
UNCLAIMED_AFTER: Final = timedelta(seconds=60)
TOLD_EVERY: Final = 10
"""Things between two words about the progress."""
CHARTS: Final = 100
"""Charts that are looked at in one go."""

logger = logging.getLogger(__name__)


def ask(owner: User) -> Export:
    """Have an export made; one that is being made already is the answer."""
    try:
        with transaction.atomic():
            export = Export.objects.create(owner=owner)
            audit.note(Action.EXPORTED, owner)
            transaction.on_commit(lambda: publish([export]), robust=True)
    except IntegrityError:
        return Export.objects.get(owner=owner, status=ExportStatus.WAITING)
    return export


def execute(export_id: Any, *, worker: str = "") -> bool:
    """Make one, if it is still to be made. Returns whether this call made it."""
    export = _claim(export_id, worker)
    if export is None:
        logger.info("export %s: nothing to do", export_id)
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="figpress-") as folder:
            file = Path(folder) / "export.zip"
            write(export.owner, file, told=lambda done, total: _tell(export, done, total))
            _keep(export, file)
    except SoftTimeLimitExceeded:
        _fail(export, "It takes longer than a worker may. Ask whoever runs this site for a copy.")
    except OSError as error:
        if not storage.is_full(error):
            raise
        logger.error("export %s: there is no room for it", export.pk)
        _fail(export, "There is no room for it at present. Ask again later; whoever runs this site has to make some.")
    return True


def write(owner: User, target: Path, *, told: Any = lambda done, total: None) -> None:
    """Write the ZIP file of an owner. ``told`` hears how many things are in it, and how many there are."""
    datasets = Dataset.objects.filter(owner=owner).exclude(current=None).select_related("current").order_by("name")
    charts = Chart.objects.filter(owner=owner, is_draft=False).order_by("pk")
    total, done = charts.count() + datasets.count() + 1, 0
    with ZipFile(target, "w", ZIP_DEFLATED) as file:
        for name, rows in _tables(owner):
            file.writestr(f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n")
        for dataset in datasets:
            stored = dataset.current.file.name if dataset.current else None
            _copy(file, default_storage, stored or "", f"datasets/{dataset.name}.parquet")
            done += 1
            told(done, total)
        for some in _pages(charts):
            for name, rendition in archive.named({chart.pk: chart for chart in some})[0].items():
                place = Chart.image.field.storage if rendition.on_target else default_storage
                _copy(file, place, rendition.file.name or "", f"charts/{str(rendition.job_id)[-12:]}-{name}")
            done += len(some)
            told(done, total)


def patrol(now: datetime, lost: Names = ()) -> None:
    """Bring back exports whose lease is over or whose worker is lost, and publish those whose message never came."""
    _bring_back(_waiting().filter(Q(lease_expires_at__lt=now) | _held_by(lost)))
    never = Q(published_at=None, created_at__lt=now - UNHEARD_AFTER)
    publish(list(_waiting().filter(never | Q(published_at__lt=now - UNCLAIMED_AFTER), lease_expires_at=None)))


def bring_back(worker: str, export_id: Any = None) -> None:
    """A worker died, or its child that made this export did: it is made anew, unless that happened too often."""
    held = _waiting().filter(_held_by([worker]))
    _bring_back(held.filter(pk=export_id) if export_id else held)


def give_back(worker: str) -> None:
    """What a worker was making when it shut down costs no attempt."""
    _waiting().filter(_held_by([worker])).update(attempt=F("attempt") - 1, lease_expires_at=None, published_at=None)


def forget(now: datetime) -> int:
    """Delete exports past their time, with their files. Returns how many."""
    old = list(Export.objects.filter(created_at__lt=now - KEPT).exclude(status=ExportStatus.WAITING))
    with transaction.atomic():
        for export in old:
            drop(export)
    return len(old)


def drop(export: Export) -> None:
    """Delete an export; its file goes when that is committed."""
    if export.file.name:
        storage.delete_on_commit(default_storage, export.file.name)
    export.delete()


def publish(exports: list[Export]) -> None:
    """Nudge the workers. A broker that is away is no error: a heartbeat publishes later."""
    if not exports:
        return
    policy = current_app.conf.task_publish_retry_policy
    try:
        with current_app.producer_or_acquire() as producer:
            producer.connection.ensure_connection(**policy)
            for export in exports:
                seconds = int(LIMIT.total_seconds())
                current_app.send_task(
                    MAKE, args=[str(export.pk)], queue=QUEUE, producer=producer, retry=False,
                    soft_time_limit=seconds, time_limit=seconds + 60,
                )  # fmt: skip
                Export.objects.filter(pk=export.pk).update(published_at=timezone.now())
    except (BrokerAway, OSError) as error:
        logger.warning("the broker is away (%s); exports wait for a heartbeat", error)


def _tables(owner: User) -> Iterator[tuple[str, Any]]:
    """What is in rows. The columns are listed: a new one is in no export before somebody thought of it."""
    yield (
        "account",
        {
            "username": owner.get_username(),
            "email": owner.email,
            "name": owner.get_full_name(),
            "joined": owner.date_joined,
            "second_factor": SecondFactor.objects.filter(user=owner, confirmed_at__isnull=False).exists(),
            "workspaces": list(Membership.objects.filter(user=owner).values("workspace__name", "role", "created_at")),
            "identities": list(Identity.objects.filter(user=owner).values("issuer", "subject", "created_at")),
            "sessions": list(Session.objects.filter(user=owner).values("began_at", "seen_at", "agent")),
        },
    )
    yield "charts", list(
        Chart.objects.filter(owner=owner, is_draft=False).order_by("pk").values(
            "id", "name", "title", "kind", "spec", "figure", "params", "formats", "scales", "themes", "alt",
            "created_at", "updated_at", "rendered_at",
        )
    )  # fmt: skip
    yield "datasets", list(
        Dataset.objects.filter(owner=owner).order_by("name").values(
            "id", "name", "title", "description", "created_at", "updated_at", "current__rows", "current__columns",
        )
    )  # fmt: skip
    yield (
        "schedules",
        list(Schedule.objects.filter(owner=owner).values("id", "chart", "cron", "timezone", "is_active", "created_at")),
    )
    yield "webhooks", [
        {"id": hook.pk, "name": hook.name, "url": hook.url, "events": hook.events, "is_active": hook.is_active,
         "created_at": hook.created_at}
        for hook in Webhook.objects.filter(owner=owner)
    ]  # fmt: skip
    yield (
        "tokens",
        list(
            ApiToken.objects.filter(owner=owner).values(
                "id", "name", "hint", "scopes", "created_at", "expires_at", "last_used_at"
            )
        ),
    )
    yield (
        "share_links",
        list(
            ShareLink.objects.filter(owner=owner).values(
                "id",
                "name",
                "hint",
                "variant__chart",
                "variant__format",
                "created_at",
                "expires_at",
                "revoked_at",
                "uses",
            )
        ),
    )
    yield "batches", list(Batch.objects.filter(owner=owner).values("id", "name", "total", "created_at"))
    yield (
        "usage",
        {
            "jobs": dict(
                RenderJob.objects.filter(owner=owner).order_by().values_list("status").annotate(n=Count("pk"))
            ),
            "latest_jobs": list(
                RenderJob.objects.filter(owner=owner).values(
                    "id", "status", "reason", "message", "trigger", "created_at", "finished_at"
                )[:10_000]
            ),
        },
    )
    yield (
        "activity",
        list(
            AuditEntry.objects.filter(owner=owner).values(
                "at", "action", "object", "actor_name", "via", "address", "request_id"
            )[:100_000]
        ),
    )


def _pages(charts: QuerySet[Chart]) -> Iterator[list[Chart]]:
    after = None
    while some := list((charts.filter(pk__gt=after) if after else charts).defer("spec", "params")[:CHARTS]):
        yield some
        after = some[-1].pk


def _copy(file: ZipFile, place: Storage, name: str, target: str) -> None:
    """A stored file into the archive, in pieces. One that went meanwhile is left out, and the log says so."""
    stored = ZIP_DEFLATED if target.endswith(".svg") else ZIP_STORED
    try:
        source = place.open(name, "rb")
    except FileNotFoundError:
        logger.warning("export: %s is not there any more", name)
        return
    with source:
        info = ZipInfo(target, timezone.now().timetuple()[:6])
        info.compress_type = stored
        info.external_attr = 0o644 << 16
        with file.open(info, "w", force_zip64=True) as into:
            for piece in source.chunks():
                into.write(piece)


def _keep(export: Export, file: Path) -> None:
    with file.open("rb") as made:
        name = f"{FOLDER}/{export.pk}-{export.attempt}.zip"
        stored = storage.save(default_storage, name, File(made, name="export"))
    try:
        with transaction.atomic():
            ended = _mine(export).update(
                status=ExportStatus.READY,
                file=stored,
                bytes=file.stat().st_size,
                done=F("total"),
                finished_at=timezone.now(),
                lease_expires_at=None,
            )
            if not ended:  # its owner is gone, or somebody else made it
                storage.delete_on_commit(default_storage, stored)
    except BaseException:
        default_storage.delete(stored)
        raise


def _tell(export: Export, done: int, total: int) -> None:
    if done % TOLD_EVERY == 0 or done == total or not export.total:
        export.total = total
        _mine(export).update(done=done, total=total)


def _waiting() -> QuerySet[Export]:
    return Export.objects.filter(status=ExportStatus.WAITING)


def _held_by(workers: Names) -> Q:
    return Q(lease_expires_at__isnull=False, worker__in=workers)


def _bring_back(exports: QuerySet[Export]) -> None:
    for export in exports:
        if export.attempt >= MAX_ATTEMPTS:
            _fail(export, "It failed each time that it was tried; the operator can see why.")
        else:
            _mine(export).update(lease_expires_at=None, published_at=None)


def _claim(export_id: Any, worker: str = "") -> Export | None:
    until = timezone.now() + LIMIT + SLACK
    free = _waiting().filter(pk=export_id, lease_expires_at=None, attempt__lt=MAX_ATTEMPTS)
    if not free.update(attempt=F("attempt") + 1, lease_expires_at=until, worker=worker):
        return None
    return Export.objects.select_related("owner").get(pk=export_id)


def _mine(export: Export) -> QuerySet[Export]:
    """The guard."""
    return _waiting().filter(pk=export.pk, attempt=export.attempt)


def _fail(export: Export, message: str) -> None:
    _mine(export).update(status=ExportStatus.FAILED, message=message, finished_at=timezone.now(), lease_expires_at=None)
