"""Files of datasets on this machine: where the storage keeps them, or a copy that is kept for the next chart."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from renderer.data.stored import GONE
from renderer.data.supply import SourceAway

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

COPIES: Final = 2 << 30
"""Bytes of copies that a machine keeps, where the storage is somewhere else; those read last stay."""


def local_file(file: FieldFile) -> Path:
    """A path of the file's content. Names are never used twice, so a copy never goes stale. Raises SourceAway."""
    try:
        path = Path(file.path)
    except NotImplementedError:  # a storage elsewhere, such as S3
        return _copy(file)
    if not path.exists():
        raise SourceAway(GONE)
    return path


def _copy(file: FieldFile) -> Path:
    folder = Path(tempfile.gettempdir()) / f"figpress-datasets-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():  # somebody else made it: they would choose what our charts show
        folder = Path(tempfile.mkdtemp(prefix="figpress-datasets-"))
    kept = folder / Path(file.name or "").name
    if kept.exists():
        kept.touch()
        return kept
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as copy, file.open("rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
        Path(name).rename(kept)
    except FileNotFoundError:
        raise SourceAway(GONE) from None
    finally:
        Path(name).unlink(missing_ok=True)
    _forget_oldest(folder, kept)
    return kept


def _forget_oldest(folder: Path, but: Path) -> None:
    """Whoever reads a file that goes keeps it until it is closed."""
    copies = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime, reverse=True)
    held = 0
    for path in copies:
        held += path.stat().st_size
        if held > COPIES and path != but:
            path.unlink(missing_ok=True)
