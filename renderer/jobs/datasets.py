"""The verbs of a Dataset: upload, read, change, delete; and the charts that new rows make stale.

An upload is stored as it was sent, and read by a worker: parsers of strangers' files run where memory and time are
limited, and never in a request. Its row is the truth about it, the broker's message a nudge, as with render jobs: every
change of its status is one guarded UPDATE, here and nowhere else.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet, Sum
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from renderer import audit, storage
from renderer.data.uploads.formats import Format
from renderer.data.uploads.trouble import Unreadable
from renderer.data.uploads.unpack import copy
from renderer.jobs import charts, lifecycle
from renderer.models import Chart, Dataset, DatasetVersion
from renderer.models.audit import Action
from renderer.models.dataset import MAX_ATTEMPTS, QUEUE, VersionStatus
from renderer.models.job import Queue, Trigger
from renderer.models.owned import new_id
from renderer.models.worker import Names
from renderer.spec.source import ColumnKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

READ = "figpress.datasets.read"
"""The task's name. ``renderer`` publishes by name and never imports the tasks."""
KEPT_VERSIONS = 3
MOST_DATASETS = 1000
MOST_BYTES = 10 << 30
UNHEARD_AFTER = timedelta(seconds=2)
UNCLAIMED_AFTER = timedelta(seconds=60)
FOLDER = "datasets"
UPLOADS = f"{FOLDER}/uploads"
_OURS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids of rows
    r"(?:-\d{1,5})?(?:_\w{7})?(?:\.parquet)?"
)
_BATCH = 500
_SLACK = timedelta(seconds=15)
"""Past the hard time limit, which ends whoever reads, a claim holds so much longer."""
WAITS_FOR_ROOM = "There is no room left where files are kept: it is read as soon as there is."
NO_ROOM = "There was no room for its rows for more than an hour: upload it once more when there is."
_LOST = "Reading it failed each time that it was tried; the operator can see why."

Writing = Callable[[Callable[[], DatasetVersion]], DatasetVersion]

logger = logging.getLogger(__name__)


class QuotaReached(Exception):
    """An owner has as much as they may have. str() is a sentence that says how much."""


class NameTaken(Exception):
    """There is a dataset of this name already."""


def upload(
    owner: User,
    name: str,
    file: IO[bytes],
    *,
    size: int,
    format: Format | None,
    source_name: str = "",
    types: Mapping[str, ColumnKind] | None = None,
    draws: bool = False,
    is_new: bool = False,
    request_id: str = "",
    writing: Writing | None = None,
) -> DatasetVersion:
    """Store what was sent as the next version of a dataset, which is made if there is none, and let a worker read it.

    `is_new` says that there must be none yet. `writing` is handed what writes the rows, when the file is stored, and
    may answer with a version that was made before instead. Raises NameTaken and QuotaReached, and what the storage
    raises: of that `storage.is_full` tells whether it has no room.
    """
    _refuse_more(owner, name, size)
    stored = storage.save(default_storage, f"{UPLOADS}/{new_id()}", File(file, name="upload"))

    def write() -> DatasetVersion:
        with transaction.atomic():
            dataset = _dataset(owner, name, is_new=is_new)
            version = DatasetVersion.objects.create(
                dataset=dataset,
                number=(dataset.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
                upload=stored,
                upload_bytes=size,
                source_name=source_name[:200],
                format=format or "",
                types=dict(types or {}),
                draws=draws,
                request_id=request_id,
            )
            Dataset.objects.filter(pk=dataset.pk).update(updated_at=timezone.now())
            _publish_on_commit(version)
        return version

    try:
        made = writing(write) if writing else write()
    except BaseException:
        default_storage.delete(stored)
        raise
    if made.upload.name != stored:
        default_storage.delete(stored)
    return made


def retype(dataset: Dataset, types: Mapping[str, ColumnKind], *, draws: bool, request_id: str = "") -> DatasetVersion:
    """The rows of a dataset once more, with columns read as something else. Raises ValueError if it has none."""
    current = dataset.current
    if current is None:
        raise ValueError("there are no rows to be read as something else")
    with current.file.open("rb") as file:
        return upload(
            dataset.owner,
            dataset.name,
            file,
            size=current.bytes,
            format="parquet",
            source_name=current.source_name,
            types=types,
            draws=draws,
            request_id=request_id,
        )


def delete(dataset: Dataset) -> None:
    """Delete a dataset; its files go when that is committed. Charts that read it keep their pictures."""
    with transaction.atomic():
        _delete_versions(dataset.versions.all())
        audit.note(Action.DATASET_DELETED, dataset.owner, dataset.name)
        dataset.delete()


def readers(dataset: Dataset) -> QuerySet[Chart]:
    """The charts that read a dataset."""
    return Chart.objects.filter(owner=dataset.owner, datasets__name=dataset.name)


def draw_again(dataset: Dataset, *, request_id: str = "") -> int:
    """Ask for every chart that reads a dataset. One that is queued already is joined. Returns how many are new."""
    made = 0
    for chart in readers(dataset).select_related("owner"):
        asked = charts.render(chart, trigger=Trigger.DATA, queue=Queue.BULK, request_id=request_id)
        made += asked.created
    return made


def execute(version_id: UUID, *, worker: str = "") -> bool:
    """Read one upload, if it is still there to be read. Returns whether this call read it."""
    version = _claim(version_id, worker)
    if version is None:
        logger.info("upload %s: nothing to do", version_id)
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="figpress-") as folder:
            _read(version, Path(folder))
    except FileNotFoundError:
        if _mine(version).exists():
            raise
        logger.info("upload %s: deleted while it was read", version_id)
    except Unreadable as error:
        _fail(version, _sentence(str(error)))
    except MemoryError:
        _fail(version, "Reading it needs more memory than a worker has.")
    except SoftTimeLimitExceeded:
        _fail(version, "Reading it takes longer than the time limit allows.")
    except OSError as error:
        if not storage.is_full(error):
            raise
        _wait_for_room(version)
    return True


def patrol(now: datetime, lost: Names = ()) -> None:
    """Bring back uploads whose lease is over or whose worker is lost, and publish those whose message never came."""
    _bring_back(_reading().filter(Q(lease_expires_at__lt=now) | _held_by(lost)))
    never = Q(published_at=None, created_at__lt=now - UNHEARD_AFTER)
    publish(_reading().filter(never | Q(published_at__lt=now - UNCLAIMED_AFTER), lease_expires_at=None))


def bring_back(worker: str, version_id: Any = None) -> None:
    """A worker died, or its child that read this upload did: it is read again, unless that happened too often."""
    held = _reading().filter(_held_by([worker]))
    _bring_back(held.filter(pk=version_id) if version_id else held)


def give_back(worker: str) -> None:
    """What a worker was reading when it shut down costs no attempt."""
    _reading().filter(_held_by([worker])).update(attempt=F("attempt") - 1, lease_expires_at=None, published_at=None)


def delete_unnamed(storage_of: Storage, before: datetime) -> tuple[int, int]:
    """Delete files of datasets that were written before a moment and that no row names: their process died between the
    two. Returns how many files there are, and how many were deleted."""
    names: list[str] = []
    for folder in (FOLDER, UPLOADS):
        with suppress(FileNotFoundError):
            names += [f"{folder}/{name}" for name in storage_of.listdir(folder)[1] if _OURS.fullmatch(name)]
    deleted = 0
    for start in range(0, len(names), _BATCH):  # listed first: a file whose row comes meanwhile is none of them
        batch = set(names[start : start + _BATCH])
        for field in ("file", "upload"):
            batch -= set(DatasetVersion.objects.filter(**{f"{field}__in": batch}).values_list(field, flat=True))
        for name in sorted(batch):
            with suppress(FileNotFoundError):
                written = storage_of.get_modified_time(name)
                if (written if written.tzinfo else written.replace(tzinfo=UTC)) < before:
                    deleted += storage.delete(storage_of, name)
    return len(names), deleted


def publish(versions: Iterable[DatasetVersion]) -> None:
    """Nudge the workers. A broker that is away is no error: a heartbeat publishes later."""
    waiting = list(versions)
    if not waiting:
        return
    policy = current_app.conf.task_publish_retry_policy
    try:
        with current_app.producer_or_acquire() as producer:
            # First, because the producer's channel would try for 6 s to connect, whatever the policy says.
            producer.connection.ensure_connection(**policy)
            for version in waiting:
                current_app.send_task(
                    READ,
                    args=[str(version.pk)],
                    queue=QUEUE,
                    producer=producer,
                    retry=False,
                    # No limits in the message: the worker's own count, whatever this process would set.
                    time_limit=None,
                    soft_time_limit=None,
                )
                DatasetVersion.objects.filter(pk=version.pk).update(published_at=timezone.now())
    except (BrokerAway, OSError) as error:
        logger.warning("the broker is away (%s); uploads wait for a heartbeat", error)


def _read(version: DatasetVersion, folder: Path) -> None:
    from renderer.data.uploads.read import read  # brings pyarrow, which the web need not have

    source, target = folder / "upload", folder / "table.parquet"
    with version.upload.open("rb") as sent:
        copy(sent, source)
    found = read(source, target, folder, format=_format(version.format), types=_types(version.types))
    with target.open("rb") as file:
        name = f"{FOLDER}/{version.pk}-{version.attempt}.parquet"
        stored = storage.save(default_storage, name, File(file, name="table"))
    now = timezone.now()
    try:
        with transaction.atomic():
            ended = _mine(version).update(
                status=VersionStatus.READY,
                message="",
                file=stored,
                upload="",
                rows=found.rows,
                bytes=found.bytes,
                columns=found.columns,
                sha256=found.sha256,
                format=found.format,
                notes=found.notes,
                data_at=now,
                finished_at=now,
                lease_expires_at=None,
            )
            if not ended:  # deleted meanwhile, or somebody else read it
                storage.delete_on_commit(default_storage, stored)
                return
            storage.delete_on_commit(default_storage, version.upload.name or "")
            _become_current(version, found.sha256)
    except BaseException:
        default_storage.delete(stored)
        raise
    logger.info("upload %s: %d rows of %s", version.pk, found.rows, found.format)


def _become_current(version: DatasetVersion, digest: str) -> None:
    """The newest version that is ready is current, in whichever order they were read."""
    dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
    before = dataset.current
    if before is not None and before.number > version.number:
        _prune(dataset)
        return
    if before is not None and before.sha256 == digest:  # the same rows: nothing is new to anybody
        DatasetVersion.objects.filter(pk=version.pk).update(data_at=before.data_at)
    Dataset.objects.filter(pk=dataset.pk).update(current=version.pk, updated_at=timezone.now())
    _prune(dataset)
    if version.draws:
        draw_again(dataset, request_id=version.request_id)


def _prune(dataset: Dataset) -> None:
    """Let go of versions that were replaced long ago."""
    kept = getattr(settings, "FIGPRESS_DATASET_VERSIONS", KEPT_VERSIONS)
    final = dataset.versions.exclude(status=VersionStatus.READING).exclude(pk=F("dataset__current"))
    old = final.order_by("-number").values_list("pk", flat=True)[max(0, kept - 1) :]
    _delete_versions(dataset.versions.filter(pk__in=list(old)))


def _delete_versions(versions: QuerySet[DatasetVersion]) -> None:
    for version in versions:
        for name in (version.file.name, version.upload.name):
            if name:
                storage.delete_on_commit(default_storage, name)
    versions.delete()


def _dataset(owner: User, name: str, *, is_new: bool) -> Dataset:
    """The dataset, locked, so that uploads of one name get their numbers one after the other."""
    try:
        with transaction.atomic():
            dataset, made = Dataset.objects.get_or_create(owner=owner, name=name)
    except IntegrityError:  # made in this moment by somebody else
        dataset, made = Dataset.objects.get(owner=owner, name=name), False
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    # One whose uploads all failed holds nothing that could be overwritten by mistake.
    if is_new and not made and dataset.versions.exclude(status=VersionStatus.FAILED).exists():
        raise NameTaken
    return dataset


def _refuse_more(owner: User, name: str, size: int) -> None:
    most = most_datasets()
    others = Dataset.objects.filter(owner=owner).exclude(name=name).count()
    if others >= most:
        raise QuotaReached(f"You have {others:,} datasets, and may have {most:,}.")
    used, most = bytes_of(owner), most_bytes()
    if used + size > most:
        raise QuotaReached(f"Your datasets have {used >> 20:,} MB, and may have {most >> 20:,} MB.")


def bytes_of(owner: User) -> int:
    """What an owner's datasets take, with uploads that are still being read."""
    held = DatasetVersion.objects.filter(dataset__owner=owner).aggregate(
        files=Sum("bytes"), uploads=Sum("upload_bytes", filter=Q(status=VersionStatus.READING))
    )
    return (held["files"] or 0) + (held["uploads"] or 0)


def most_datasets() -> int:
    """How many datasets one owner may have."""
    return int(getattr(settings, "FIGPRESS_DATASETS", MOST_DATASETS))


def most_bytes() -> int:
    """How much they may take."""
    return int(getattr(settings, "FIGPRESS_DATASET_BYTES", MOST_BYTES))


def _reading() -> QuerySet[DatasetVersion]:
    return DatasetVersion.objects.filter(status=VersionStatus.READING)


def _held_by(workers: Names) -> Q:
    return Q(lease_expires_at__isnull=False, worker__in=workers)


def _bring_back(versions: QuerySet[DatasetVersion]) -> None:
    for version in versions:
        if version.attempt >= MAX_ATTEMPTS:
            _fail(version, _LOST)
        else:
            _mine(version).update(lease_expires_at=None, published_at=None)


def _claim(version_id: UUID, worker: str = "") -> DatasetVersion | None:
    until = timezone.now() + lifecycle.hard_limit() + _SLACK
    free = _reading().filter(pk=version_id, lease_expires_at=None, attempt__lt=MAX_ATTEMPTS)
    if not free.update(attempt=F("attempt") + 1, lease_expires_at=until, worker=worker):
        return None
    return DatasetVersion.objects.get(pk=version_id)


def _mine(version: DatasetVersion) -> QuerySet[DatasetVersion]:
    """The guard."""
    return _reading().filter(pk=version.pk, attempt=version.attempt)


def _fail(version: DatasetVersion, message: str) -> None:
    with transaction.atomic():
        ended = _mine(version).update(
            status=VersionStatus.FAILED,
            message=message[:500],
            upload="",
            finished_at=timezone.now(),
            lease_expires_at=None,
        )
        if ended and version.upload.name:
            storage.delete_on_commit(default_storage, version.upload.name)
    logger.info("upload %s: %s", version.pk, "not readable")


def _wait_for_room(version: DatasetVersion) -> None:
    """A full disk is no fault of the file's: it is read again each minute, for as long as jobs wait for room."""
    if timezone.now() - version.created_at > lifecycle.ROOM_WITHIN:
        _fail(version, NO_ROOM)
        return
    logger.error("upload %s: there is no room for its rows", version.pk)
    _mine(version).update(
        message=WAITS_FOR_ROOM, attempt=F("attempt") - 1, lease_expires_at=None, published_at=timezone.now()
    )


def _publish_on_commit(version: DatasetVersion) -> None:
    def nudge() -> None:  # a function with a name: Django logs it when it raises
        publish([version])

    transaction.on_commit(nudge, robust=True)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _format(name: str) -> Any:
    return name or None


def _types(types: Mapping[str, str]) -> Any:
    return types
