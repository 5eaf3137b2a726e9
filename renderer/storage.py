"""Files of pictures: their names, and how they come and go.

A file is written under a name of its own for each attempt, so nothing is ever overwritten; a row takes it over in a
guarded UPDATE; whoever wrote a file that no row took deletes it again. The name is known, and noted in the job's row,
before the file is written: a writer that dies leaves behind nothing that others could not find.
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

MAX_NAME = 200
"""What the columns of rows that name files hold."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Output:
    """One encoded file of a job: what a rendition is made of."""

    picture: Picture
    scale: float
    theme: str


@dataclass(slots=True)
class StoredFile:
    """An output's file, that no row names yet, or not for certain."""

    storage: Storage
    name: str
    output: Output
    sha256: str

    def write(self) -> None:
        """Write it. Raises whatever the storage raises when it is full or away; a part of it may be there then."""
        content = ContentFile(self.output.picture.data, name=self.name.rpartition("/")[2])
        self.name = self.storage.save(self.name, content, max_length=MAX_NAME)

    def delete(self) -> None:
        """Remove the file. Failing to is logged: upkeep finds what is left."""
        _delete(self.storage, self.name)

    def delete_on_commit(self) -> None:
        """Remove it when the transaction that let go of it is safe."""
        delete_on_commit(self.storage, self.name)


def delete_on_commit(storage: Storage, name: str) -> None:
    """Remove a file when the current transaction is committed, and only then."""

    def remove() -> None:  # a function with a name: Django logs it when it raises
        _delete(storage, name)

    transaction.on_commit(remove, robust=True)


def place(output: Output, *, job_id: UUID, attempt: int, onto: tuple[ImageField, Model] | None = None) -> StoredFile:
    """Where an output's bytes go: to the storage of an image field or, without one, among the renditions. Nothing is
    written by this.

    The name is ``<job>-<attempt>-<first 8 of SHA-256>.<format>`` below the field's ``upload_to``: made of ids alone,
    never of a user's text.
    """
    picture = output.picture
    digest = hashlib.sha256(picture.data).hexdigest()
    file_name = f"{job_id}-{attempt}-{digest[:8]}.{picture.format}"
    if onto:
        field, instance = onto
        return StoredFile(field.storage, field.generate_filename(instance, file_name), output, digest)
    return StoredFile(default_storage, f"renditions/{file_name}", output, digest)


def _delete(storage: Storage, name: str) -> None:
    try:
        storage.delete(name)
    except OSError:
        logger.warning("could not delete %s; upkeep will try again", name, exc_info=True)
