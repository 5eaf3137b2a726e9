"""Pictures on their targets: the swap from the old one to the new one, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import default_storage
from django.db.models import CharField
from django.utils import timezone

from renderer import storage
from renderer.jobs import versions
from renderer.jobs.targets import OF_TARGET, Target
from renderer.models import Chart, RenderJob, Rendition, statements
from renderer.models.statements import Slot, Statement
from renderer.storage import Place, StoredFile

_BROUGHT: Final = Statement(
    lambda: (
        Rendition.objects.filter(
            on_target=True,
            file=Slot("file", CharField()),
            **{f"job__{name}": slot for name, slot in OF_TARGET.items()},
        )
        .select_related("job")
        .defer("job__recipe")
        .order_by()[:1]
    )
)


def swap(job: RenderJob, target: Target, files: Sequence[StoredFile], *, alt: str) -> bool:
    """Put the first of ``files`` onto the target and the others beside it. Older pictures stay as long as they are
    versions of a chart; the files of the others go on commit.

    Call it in the transaction in which the job succeeds. Returns False, and changes nothing, if a newer job's picture
    is there already. Raises TargetGone if the row is not there any more.
    """
    if not target.hold():
        raise TargetGone
    if target.has_newer(job):
        return False
    target.update(_columns(job, target, files[0], alt))
    renditions = [
        Rendition(
            job=job,
            format=file.output.picture.format,
            scale=file.output.scale,
            theme=file.output.theme,
            file=file.name,
            on_target=file is files[0],
            is_thumbnail=file.output.is_thumbnail,
            alt=alt,
            width=file.output.picture.width,
            height=file.output.picture.height,
            bytes=len(file.output.picture.data),
            sha256=file.sha256,
        )
        for file in files
    ]
    statements.insert(renditions)
    versions.prune(target, shown=job.pk)
    return True


def shown_by(target: Target) -> RenderJob | None:
    """The job whose picture the target shows; None if it shows none, or one that no job brought."""
    return brought(target, target.shows())


def brought(target: Target, name: str) -> RenderJob | None:
    """The job that brought the file of this name onto the target, if one did."""
    shown = _BROUGHT.first(**target._asdict(), file=name) if name else None
    return shown.job if shown is not None else None


def stays(job: RenderJob, target: Target, shown: RenderJob, *, right: bool = True) -> bool:
    """Whether the target still shows the picture of ``shown``; ``right`` notes that it was found to be right.

    Call it in the transaction in which ``job`` succeeds without a picture of its own. Raises TargetGone if the row is
    not there any more.
    """
    if not target.hold():
        raise TargetGone
    if target.has_newer(job):
        return True  # what this one found is of no interest any more
    now = shown_by(target)
    if now is None or now.pk != shown.pk:
        return False
    if right and target.model == Chart._meta.label_lower:
        target.row().update(checked_at=timezone.now(), failed_at=None)
    return True


def is_there(target: Target, shown: RenderJob) -> bool:
    """Whether the storage has the picture: somebody may have cleared it. Raises StorageAway."""
    name = shown.renditions.filter(on_target=True).values_list("file", flat=True).first()
    try:
        return bool(name) and target.image_field.storage.exists(str(name))
    except (SoftTimeLimitExceeded, MemoryError):
        raise
    except Exception as error:  # each storage has errors of its own
        raise StorageAway from error


def forget(target: Target) -> None:
    """Delete every job of a target, and its files on commit."""
    versions.delete_files(target, Rendition.objects.filter(job__in=target.jobs()))
    target.jobs().delete()


class StorageAway(Exception):
    """The storage of a target's pictures does not answer."""


def discard(places: Sequence[Place]) -> None:
    """Delete the files of an attempt that ended, unless a row names them: its last transaction may have been committed
    though the answer was lost. While the database is away they stay; upkeep finds them."""
    if not places:
        return
    named = set(Rendition.objects.filter(file__in=[place.name for place in places]).values_list("file", flat=True))
    for place in places:
        if place.name not in named:
            place.clear()


def discard_of(job: RenderJob) -> None:
    """Delete on commit what the last attempt of a job had begun to store. Call it in the transaction that takes the
    job away from that attempt, whose process is dead."""
    target = Target.of_job(job)
    names = RenderJob.objects.filter(pk=job.pk).values_list("files", flat=True).first()
    for i, name in enumerate(names or []):
        storage.delete_on_commit(target.image_field.storage if i == 0 else default_storage, name)


class TargetGone(Exception):
    """The row that a picture was for was deleted."""


def _columns(job: RenderJob, target: Target, file: StoredFile, alt: str) -> dict[str, Any]:
    """What changes in the target's row. By UPDATE and not by save(): a save() would write columns that somebody else
    is changing, and a project whose save() asks for a picture would draw for ever."""
    field: Any = target.image_field  # Django's stubs do not know width_field and height_field
    picture = file.output.picture
    columns: dict[str, Any] = {target.field: file.name}
    if field.width_field:
        columns[field.width_field] = picture.width
    if field.height_field:
        columns[field.height_field] = picture.height
    if target.model == Chart._meta.label_lower:
        now = timezone.now()
        columns |= {
            "image_width": picture.width,
            "image_height": picture.height,
            "alt": alt,
            "drawn_by_id": job.pk,
            "rendered_at": now,
            "checked_at": now,
            "failed_at": None,
        }
    return columns
