"""Files of pictures: their names, and how they come and go.

A file is written under a name of its own for each attempt, so nothing is ever overwritten; a row takes it over in a
guarded UPDATE; whoever wrote a file that no row took deletes it again. The name is known, and noted in the job's row,
before the file is written: a writer that dies leaves behind nothing that others could not find.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.db import transaction

if TYPE_CHECKING:
    from django.db.models import ImageField, Model

    from renderer.drawing.encode import Picture

MAX_NAME = 200
"""What the columns of rows that name files hold."""

logger = logging.getLogger(__name__)

RENDITIONS = "renditions"
"""The folder of the files that are on no image field."""

ROOM: Final = 1 << 20
"""Bytes: a disk with less is full. A few bytes would still go in, and no picture."""
NO_ROOM: Final = "There is no room left where files are kept. Try again later; whoever runs this site has to make some."
"""What is said to somebody whose file is not taken."""


@dataclass(frozen=True, slots=True)
class Output:
    """One encoded file of a job: what a rendition is made of."""

    picture: Picture
    scale: float
    theme: str
    is_thumbnail: bool = False

    @property
    def thumbnail(self) -> Output | None:
        """The file of the same picture, small, if there is one."""
        small = self.picture.thumbnail
        if small is None:
            return None
        return Output(small, self.scale * small.width / self.picture.width, self.theme, is_thumbnail=True)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An output's file, that no row names yet, or not for certain."""

    storage: Storage
    name: str
    output: Output
    sha256: str

    def delete_on_commit(self) -> None:
        """Remove it when the transaction that let go of it is safe."""
        delete_on_commit(self.storage, self.name)


@dataclass(slots=True)
class Place:
    """Where a file is going to be: its name is known before it is written."""

    storage: Storage
    name: str

    def store(self, output: Output) -> StoredFile:
        """Write an output's bytes. Raises whatever the storage raises when it is full or away; then a part of them may
        be there."""
        content = ContentFile(output.picture.data, name=self.name.rpartition("/")[2])
        self.name = self.storage.save(self.name, content, max_length=MAX_NAME)
        return StoredFile(self.storage, self.name, output, hashlib.sha256(output.picture.data).hexdigest())

    def clear(self) -> None:
        """Remove what is there. Failing to is logged: upkeep finds what is left."""
        delete(self.storage, self.name)


def delete_on_commit(storage: Storage, name: str) -> None:
    """Remove a file when the current transaction is committed, and only then."""

    def remove() -> None:  # a function with a name: Django logs it when it raises
        delete(storage, name)

    transaction.on_commit(remove, robust=True)


def save(storage: Storage, name: str, content: Any) -> str:
    """Write a file under a name that nothing else has; returns how the storage calls it. Raises whatever the storage
    raises when it is full or away; nothing is left of the file then."""
    need_room(storage)
    try:
        return storage.save(name, content, max_length=MAX_NAME)
    except Exception:
        delete(storage, name)
        raise


def need_room(*storages: Storage) -> None:
    """Look whether there is room for one more file, before it is made. Raises an OSError that ``is_full`` knows.

    Only of disks: a bucket says it when a file comes.
    """
    for location in {str(one.location) for one in storages if isinstance(one, FileSystemStorage)}:
        try:
            free = shutil.disk_usage(location).free
        except OSError:  # made with its first file; and what is wrong with it is said by who writes
            continue
        if free < ROOM:
            raise OSError(errno.ENOSPC, "No room left", location)


def place(format: str, *, job_id: UUID, attempt: int, onto: tuple[ImageField, Model] | None = None) -> Place:
    """Where a file goes: into the storage of an image field or, without one, among the renditions.

    The name is ``<job>-<attempt>-<8 random hexadecimal digits>.<format>`` below the field's ``upload_to``: never made
    of a user's text, and never given twice.
    """
    file_name = f"{job_id}-{attempt}-{secrets.token_hex(4)}.{format}"
    if onto:
        field, instance = onto
        return Place(field.storage, field.generate_filename(instance, file_name))
    return Place(default_storage, f"{RENDITIONS}/{file_name}")


class Trial(NamedTuple):
    """What a trial file tells of a storage."""

    whole: bool
    """Whether it came back as it was, and went."""
    is_public: bool
    """Whether a stranger could read it."""


def try_out(content: bytes = b"a picture") -> Trial:
    """Write a file where pictures are kept, read it and delete it.

    Raises whatever the storage raises when it is full or away; nothing is left of it then, either.
    """
    name = f".trial-{secrets.token_hex(16)}"
    need_room(default_storage)
    try:
        default_storage.save(name, ContentFile(content))
        with default_storage.open(name) as file:
            same = bool(file.read() == content)
        public = is_public(default_storage, name)
    finally:
        delete(default_storage, name)
    return Trial(whole=same and not default_storage.exists(name), is_public=public)


def delete(storage: Storage, name: str) -> bool:
    """Remove a file. False, and a line in the log, if that fails: upkeep tries again."""
    try:
        storage.delete(name)
    except OSError:
        logger.warning("could not delete %s; upkeep will try again", name, exc_info=True)
        return False
    return True


def is_full(error: Exception) -> bool:
    """Whether a storage said that it has no room; each library says it in its own way, files in this one."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_public(storage: Storage, name: str) -> bool:
    """Whether a stranger can read a file of this storage by himself. Only a bucket can tell."""
    asked = getattr(storage, "is_public", None)
    return bool(asked and asked(name))


def described(storage: Storage) -> str:
    """Where a storage keeps its files, for an operator."""
    if bucket := getattr(storage, "bucket_name", ""):
        return f"the bucket {bucket}"
    return str(getattr(storage, "location", "") or type(storage).__name__)
