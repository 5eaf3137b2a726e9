"""Archives: gzip, and zip with one file in it, unpacked as a stream that ends where too much comes out.

No name that stands in an archive becomes a path: what is in it is written under a name of ours.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, cast

from renderer.data.uploads.trouble import Unreadable
from renderer.spec.limits import Limits

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_BLOCK: Final = 1 << 20


def unpack(source: Path, folder: Path, limits: Limits) -> tuple[Path, str]:
    """The file that is in an archive, and its name there; of a file that is no archive itself. Raises Unreadable."""
    with source.open("rb") as file:
        head = file.read(4)
    if head.startswith(_GZIP):
        return _copied(lambda: cast("IO[bytes]", gzip.open(source, "rb")), folder, limits), ""
    if head == _EMPTY_ZIP:
        raise Unreadable("the zip archive is empty")
    if head == _ZIP:
        return _of_zip(source, folder, limits)
    return source, ""


def _of_zip(source: Path, folder: Path, limits: Limits) -> tuple[Path, str]:
    try:
        with zipfile.ZipFile(source) as archive:
            if "[Content_Types].xml" in archive.namelist():
                raise Unreadable("this is a spreadsheet: save its table as CSV and send that")
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not member.filename.startswith("__MACOSX/")
            ]
            if len(members) != 1:
                raise Unreadable(f"the zip archive holds {len(members)} files; send one table")
            if members[0].flag_bits & 1:
                raise Unreadable("the zip archive is encrypted")
            return _copied(lambda: archive.open(members[0]), folder, limits), members[0].filename
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise Unreadable("the zip archive cannot be read") from error


def _copied(opened: Callable[[], IO[bytes]], folder: Path, limits: Limits) -> Path:
    target = folder / "unpacked"
    size = 0
    try:
        with opened() as packed, target.open("wb") as plain:
            while block := packed.read(_BLOCK):
                size += len(block)
                if size > limits.unpacked_bytes:
                    raise Unreadable(f"unpacks to more than {limits.unpacked_bytes >> 20:,} MB")
                plain.write(block)
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise Unreadable("the archive is damaged, or cut off") from error
    return target


def copy(source: IO[bytes], target: Path) -> None:
    """A stream into a file."""
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, _BLOCK)
