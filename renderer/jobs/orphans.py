"""Orphans: files that no row names, and rows whose file is gone.

Files are listed first and rows are read afterwards, so a file whose row comes meanwhile is never taken for an orphan;
nor is a young one, whose attempt may still run. A name must be one of ours, ``<job>-<attempt>-<digits>.<format>``, or
``<id>.origin`` for what is kept of a URL: other people's files in the same folder are left alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField

from renderer import storage as files
from renderer.jobs import datasets, lifecycle
from renderer.jobs.again import again
from renderer.jobs.targets import Target
from renderer.jobs.versions import delete_files, place_of
from renderer.models import Chart, Origin, RenderJob, Rendition
from renderer.models.job import Queue, Status
from renderer.sources.urls import FOLDER as ORIGINS
from renderer.spec.errors import SpecError

logger = logging.getLogger(__name__)

YOUNG: Final = timedelta(hours=1)
BATCH: Final = 500
REDRAWN: Final = 100
"""Charts that one run draws again, at most."""
SUSPICIOUS: Final = 20
"""So many missing files that are also more than half of all are no accident of one file: the storage is not mounted,
or is another one. Nothing is drawn again then."""
_OURS: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"(?:-\d{1,5}-[0-9a-f]{8}(?:_\w{7})?\.(?:png|webp|svg|pdf)|(?:_\w{7})?\.origin)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a storage in which our files are, and the fields that name them."""

    storage: Storage
    prefix: str
    field: FileField


@dataclass(slots=True)
class Report:
    """What was found and done."""

    files: int = 0
    """Files of ours."""
    deleted: int = 0
    """Those that no row named."""
    missing: int = 0
    """Rows whose file is gone."""
    redrawn: int = 0
    """Jobs made to draw them again."""
    suspicious: bool = False
    """Whether so much was missing that nothing was done about it."""


def sweep(now: datetime) -> Report:
    """Both ways. Raises OSError, or what the storage raises, if that is away."""
    report = Report()
    there: dict[str, set[str]] = {}
    for place in places():
        names = {name for name in _walk(place.storage, place.prefix) if _OURS.fullmatch(name.rpartition("/")[2])}
        report.files += len(names)
        there.setdefault(_key(place.storage), set()).update(names)
        report.deleted += _delete_unnamed(place, names, now)
    found, deleted = datasets.delete_unnamed(default_storage, now - YOUNG)
    report.files += found
    report.deleted += deleted
    _look_for_missing(there, report)
    level = logging.ERROR if report.suspicious else logging.WARNING if report.missing else logging.INFO
    logger.log(
        level,
        "orphans: %d files, %d that no row named deleted; %d rows without their file, %d of them drawn again%s",
        report.files,
        report.deleted,
        report.missing,
        report.redrawn,
        "; the storage looks wrong, so nothing was done about them" if report.suspicious else "",
        extra={"action": "upkeep.orphans", **asdict(report)},
    )
    return report


def places() -> list[Place]:
    """Where our files may be: the renditions, what is kept of URLs, and the folders of every image field that was
    drawn onto.

    A field whose ``upload_to`` is a function, or begins with the date, has no folder of its own: its files are not
    looked for.
    """
    file = Rendition._meta.get_field("file")
    body = Origin._meta.get_field("file")
    assert isinstance(file, FileField)
    assert isinstance(body, FileField)
    found = {
        (_key(default_storage), files.RENDITIONS): Place(default_storage, files.RENDITIONS, file),
        (_key(default_storage), ORIGINS): Place(default_storage, ORIGINS, body),
    }
    drawn = RenderJob.objects.order_by().values_list("target_model", "target_field").distinct()
    for model, name in {*drawn, (Chart._meta.label_lower, "image")}:
        try:
            field: Any = apps.get_model(model)._meta.get_field(name)
        except LookupError:
            continue  # the project has taken the model away
        folder = field.upload_to.partition("%")[0].rpartition("/")[0] if isinstance(field.upload_to, str) else ""
        if folder and isinstance(field, FileField):
            found.setdefault((_key(field.storage), folder), Place(field.storage, folder, field))
    return list(found.values())


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for inner in folders:
        yield from _walk(storage, f"{folder}/{inner}")


def _delete_unnamed(place: Place, names: Iterable[str], now: datetime) -> int:
    deleted = 0
    young = max(YOUNG, 4 * (lifecycle.hard_limit() + lifecycle.LEASE))
    for batch in _batches(names):
        # By the jobs that stand in the names: there is an index of those.
        jobs = {UUID(name.rpartition("/")[2][:36]) for name in batch}
        unnamed = set(batch) - set(Rendition.objects.filter(job__in=jobs).values_list("file", flat=True))
        if unnamed:  # a picture may be on its target without a rendition: its job was deleted
            rows: Any = place.field.model._base_manager
            unnamed -= set(rows.filter(**{f"{place.field.name}__in": unnamed}).values_list(place.field.name, flat=True))
        for name in sorted(unnamed):
            try:
                written = place.storage.get_modified_time(name)
            except FileNotFoundError:
                continue  # somebody else was here
            written = written if written.tzinfo else written.replace(tzinfo=UTC)
            if written < now - young:
                deleted += files.delete(place.storage, name)
    return deleted


def _look_for_missing(there: dict[str, set[str]], report: Report) -> None:
    missing: list[Rendition] = []
    total = 0
    rows = Rendition.objects.select_related("job").defer("job__recipe").order_by("pk")
    for rendition in rows.iterator(chunk_size=BATCH):
        total += 1
        target = Target.of_job(rendition.job)
        try:
            place = place_of(target, rendition)
        except LookupError:
            continue
        name = rendition.file.name or ""
        # The list is older than the row, perhaps: what is not on it is looked for once more.
        if name not in there.get(_key(place), ()) and not place.exists(name):
            missing.append(rendition)
    report.missing = len(missing)
    report.suspicious = len(missing) > SUSPICIOUS and len(missing) * 2 > total
    if not report.suspicious:
        report.redrawn = sum(_mend(jobs) for jobs in islice(_by_job(missing), REDRAWN))


def _by_job(missing: list[Rendition]) -> Iterator[list[Rendition]]:
    by_job: dict[Any, list[Rendition]] = {}
    for rendition in missing:
        by_job.setdefault(rendition.job_id, []).append(rendition)
    yield from by_job.values()


def _mend(missing: list[Rendition]) -> bool:
    """What is shown is drawn again; an older version without its file is none. Returns whether it is drawn again."""
    job = RenderJob.objects.filter(pk=missing[0].job_id).first()
    if job is None:
        return False
    target = Target.of_job(job)
    if not job.renditions.filter(on_target=True, file=target.shows()).exists():
        delete_files(target, job.renditions.filter(pk__in=[rendition.pk for rendition in missing]))
        return False
    if target.jobs().filter(pk__gt=job.pk).exclude(status=Status.SUCCEEDED).exists():
        return False  # it is being drawn, or was tried before and failed
    try:
        asked = again(job, queue=Queue.BULK)
    except SpecError:  # its figure function is gone, or takes other parameters now
        logger.warning(
            "job %s: its file is gone, and it cannot be drawn again", job.pk,
            extra={"action": "upkeep.missing", "job": str(job.pk)}, exc_info=True,
        )  # fmt: skip
        return False
    return asked.created


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    each = iter(sorted(names))
    while batch := list(islice(each, BATCH)):
        yield batch


def _key(storage: Storage) -> str:
    """Which storage it is: fields that share one have objects of their own for it."""
    return f"{type(storage).__qualname__} {getattr(storage, 'location', '')} {getattr(storage, 'bucket_name', '')}"
