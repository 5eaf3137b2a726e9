"""Files of pictures: their names, and how they come and go.

A file is written under a name of its own for each attempt, so nothing is ever overwritten; a row takes it over in a
guarded UPDATE; whoever wrote a file that no row took deletes it again.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import transaction

if TYPE_CHECKING:
    from django.db.models import ImageField, Model

    from renderer.drawing.encode import Picture

logger = logging.getLogger(__name__)

RENDITIONS = "renditions"
"""The folder of the files that are on no image field."""


@dataclass(frozen=True, slots=True)
class Output:
    """One encoded file of a job: what a rendition is made of."""

    picture: Picture
    scale: float
    theme: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An output's file that no row names yet, or not for certain."""

    storage: Storage
    name: str
    output: Output
    sha256: str

    def delete(self) -> None:
        """Remove the file. Failing to is logged: upkeep finds what is left."""
        delete(self.storage, self.name)

    def delete_on_commit(self) -> None:
        """Remove it when the transaction that let go of it is safe."""
        delete_on_commit(self.storage, self.name)


def delete_on_commit(storage: Storage, name: str) -> None:
    """Remove a file when the current transaction is committed, and only then."""

    def remove() -> None:  # a function with a name: Django logs it when it raises
        delete(storage, name)

    transaction.on_commit(remove, robust=True)


def store(output: Output, *, job_id: UUID, attempt: int, onto: tuple[ImageField, Model] | None = None) -> StoredFile:
    """Write an output's bytes, onto the storage of an image field or, without one, among the renditions.

    The name is ``<job>-<attempt>-<first 8 of SHA-256>.<format>`` below the field's ``upload_to``: made of ids alone,
    never of a user's text. Raises whatever the storage raises when it is full or away.
    """
    picture = output.picture
    digest = hashlib.sha256(picture.data).hexdigest()
    file_name = f"{job_id}-{attempt}-{digest[:8]}.{picture.format}"
    storage: Storage
    if onto:
        field, instance = onto
        storage, wanted = field.storage, field.generate_filename(instance, file_name)
    else:
        storage, wanted = default_storage, f"{RENDITIONS}/{file_name}"
    name = storage.save(wanted, ContentFile(picture.data, name=file_name), max_length=200)
    return StoredFile(storage, name, output, digest)


def delete(storage: Storage, name: str) -> bool:
    """Remove a file. False, and a line in the log, if that fails: upkeep tries again."""
    try:
        storage.delete(name)
    except OSError:
        logger.warning("could not delete %s; upkeep will try again", name, exc_info=True)
        return False
    return True
