"""Pictures on their targets: the swap from the old one to the new one, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from renderer.jobs import versions
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Status
from renderer.storage import StoredFile


def swap(job: RenderJob, target: Target, files: Sequence[StoredFile], *, alt: str) -> bool:
    """Put the first of ``files`` onto the target and the others beside it. Older pictures stay as long as they are
    versions of a chart; the files of the others go on commit.

    Call it in the transaction in which the job succeeds. Returns False, and changes nothing, if a newer job's picture
    is there already. Raises TargetGone if the row is not there any more.
    """
    # Two jobs of one target wait here for each other where the database has row locks; SQLite has one writer anyway.
    if not target.row().select_for_update().values_list("pk"):
        raise TargetGone
    if target.jobs().filter(status=Status.SUCCEEDED, pk__gt=job.pk).exists():
        return False
    target.row().update(**_columns(job, target, files[0], alt))
    Rendition.objects.bulk_create(
        Rendition(
            job=job,
            format=file.output.picture.format,
            scale=file.output.scale,
            theme=file.output.theme,
            file=file.name,
            on_target=file is files[0],
            alt=alt,
            width=file.output.picture.width,
            height=file.output.picture.height,
            bytes=len(file.output.picture.data),
            sha256=file.sha256,
        )
        for file in files
    )
    versions.prune(target, shown=job.pk)
    return True


def forget(target: Target) -> None:
    """Delete every job of a target, and its files on commit."""
    versions.delete_files(target, Rendition.objects.filter(job__in=target.jobs()))
    target.jobs().delete()


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
        columns |= {
            "image_width": picture.width,
            "image_height": picture.height,
            "alt": alt,
            "drawn_by": job,
            "rendered_at": timezone.now(),
        }
    return columns
