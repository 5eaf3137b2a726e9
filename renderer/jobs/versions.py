"""Versions: the older pictures of a chart, kept for a while so that one of them can be shown again.

A version is a job that succeeded and still has its files. Only charts have them: any other image field keeps the newest
picture alone, for its storage is its owner's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import models, transaction
from django.db.models import QuerySet, UUIDField

from renderer import storage
from renderer.jobs.targets import OF_TARGET, Target
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Status
from renderer.models.statements import Slot, Statement

VERSIONS: Final = "FIGPRESS_KEEP_VERSIONS"
FORMATS: Final = "FIGPRESS_KEEP_VERSIONS_OF"
DEFAULT: Final = 5

_OLDER: Final = Statement(
    lambda: (
        Rendition.objects.filter(**{f"job__{name}": slot for name, slot in OF_TARGET.items()})
        .exclude(job=Slot("shown", UUIDField()))
        .order_by()
        .values_list("pk", flat=True)[:1]
    )
)
"""Files of a target beside those of the picture that is shown."""


def kept() -> int:
    """How many pictures of a chart are kept, with the one that is shown."""
    return max(1, int(getattr(settings, VERSIONS, DEFAULT)))


def kept_of() -> Mapping[str, int]:
    """Formats of which fewer versions are kept."""
    chosen: Mapping[str, int] = getattr(settings, FORMATS, {})
    return {name: max(1, int(n)) for name, n in chosen.items()}


def of(chart: Chart) -> QuerySet[RenderJob]:
    """The versions of a chart, the newest first."""
    own = Target.of(chart, "image").jobs().filter(status=Status.SUCCEEDED)
    return own.filter(models.Exists(Rendition.objects.filter(job=models.OuterRef("pk"), on_target=True)))


def restore(chart: Chart, job_id: UUID) -> bool:
    """Show an older picture again. False if it is not there (any more).

    The recipe stays as it is: the next ask draws what the recipe says, and shows that.
    """
    target = Target.of(chart, "image")
    with transaction.atomic():
        # The chart's row first, as in pictures.swap and in prune: they wait for each other where there are row locks.
        if not target.hold():
            return False
        version = of(chart).filter(pk=job_id).first()
        if version is None:
            return False
        file = version.renditions.get(on_target=True)
        target.row().update(
            image=file.file.name,
            image_width=file.width,
            image_height=file.height,
            alt=file.alt,
            drawn_by=version,
            rendered_at=version.finished_at,
            checked_at=version.finished_at,
        )
    return True


def prune(target: Target, *, shown: UUID | None) -> None:
    """Let go of the versions beyond those that are kept; the files go on commit. ``shown`` is never touched.

    Call it in a transaction that holds the target's row. Of pictures that are equal to the last byte the newest is a
    version, and the others are not.
    """
    if shown and not _OLDER.all(**target._asdict(), shown=shown):
        return  # as with most: this picture is their target's first
    files = Rendition.objects.filter(job__in=target.jobs())
    if target.model != Chart._meta.label_lower:
        delete_files(target, files.exclude(job=shown))
        return
    gone: list[UUID] = []
    seen: set[str] = set()
    for job, sha256 in files.filter(on_target=True).order_by("-job").values_list("job", "sha256"):
        if job != shown and (sha256 in seen or len(seen) >= kept()):
            gone.append(job)
        seen.add(sha256)
    delete_files(target, files.filter(job__in=gone))
    for name, n in kept_of().items():
        of_format = files.asked_for().filter(format=name, on_target=False).exclude(job=shown)
        jobs = of_format.order_by("-job").values_list("job", flat=True).distinct()
        beyond = list(jobs)[max(0, n - 1) :]
        delete_files(target, of_format.filter(job__in=beyond))


def delete_files(target: Target, renditions: QuerySet[Rendition]) -> None:
    """Delete renditions, and their files on commit."""
    found = list(renditions)
    if not found:
        return
    for rendition in found:
        storage.delete_on_commit(place_of(target, rendition), rendition.file.name or "")
    Rendition.objects.filter(pk__in=[rendition.pk for rendition in found]).delete()


def place_of(target: Target, rendition: Rendition) -> Storage:
    """The storage that a rendition's file is in."""
    field: Any = target.image_field
    place: Storage = field.storage if rendition.on_target else default_storage
    return place
