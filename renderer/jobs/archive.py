"""Archive: the pictures of a batch, or of any charts, as one ZIP file, made while it is sent.

Stored and not deflated: PNG, WebP and PDF are compressed already. One picture is in memory at a time.
"""

from __future__ import annotations

import io
import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.storage import default_storage

from renderer.jobs import batches
from renderer.models import Batch, BatchItem, Chart, Rendition

MANIFEST: Final = "manifest.json"
_NAME_CHARS: Final = 60
_REPEATED: Final = re.compile(r"([-.])[-.]+")
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that Windows opens as devices."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Archive:
    """What goes into the file, read from the database in one go: no query is left for the sending."""

    file_name: str
    """What the archive is saved as."""
    made_at: datetime
    """When its files say that they were made."""
    about: dict[str, Any]
    """What the manifest says of all of it."""
    files: dict[str, Rendition]
    """By their names in the archive."""
    items: list[dict[str, Any]]
    """What the manifest says of each chart."""
    missing: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the ZIP file, a picture at a time; the manifest comes last, for it names what was missing."""
        buffer = _Buffer()
        with ZipFile(buffer, "w", ZIP_STORED) as archive:
            for name, rendition in self.files.items():
                if (data := self._read(name, rendition)) is not None:
                    archive.writestr(self._info(name), data)
                    yield buffer.take()
            archive.writestr(self._info(MANIFEST), self._manifest())
        yield buffer.take()

    def _read(self, name: str, rendition: Rendition) -> bytes | None:
        storage = Chart.image.field.storage if rendition.on_target else default_storage
        try:
            with storage.open(rendition.file.name or "") as stored:
                return bytes(stored.read())
        except OSError:  # a newer picture took its place in this moment, or the storage is away
            logger.warning("%s: %s cannot be read", self.file_name, rendition.file.name, exc_info=True)
            self.missing.append(name)
            return None

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self.made_at.timetuple()[:6])
        info.external_attr = 0o644 << 16
        return info

    def _manifest(self) -> str:
        gone = set(self.missing)
        items = [item | {"files": [name for name in item["files"] if name not in gone]} for item in self.items]
        return json.dumps(self.about | {"items": items}, ensure_ascii=False, indent=2) + "\n"


def archive_of(batch: Batch) -> Archive:
    """The archive of what of a batch is drawn. The manifest tells of the rest."""
    rows = list(
        BatchItem.objects.filter(batch=batch)
        .select_related("chart", "job")
        .defer("chart__spec", "chart__params", "job__recipe")
        .order_by("position")
    )
    charts = {item.chart.pk: item.chart for item in rows if item.chart and batches.state_of(item) == "succeeded"}
    files, names = named(charts)
    about = {
        "batch": str(batch.pk),
        "name": batch.name,
        "created_at": batch.created_at.isoformat(),
        "total": batch.total,
    }
    file_name = f"{safe(batch.name) or 'batch'}-{str(batch.pk)[-6:]}.zip"
    return Archive(file_name, batch.created_at, about, files, [_about(item, names) for item in rows])


def archive_of_charts(charts: Iterable[Chart], now: datetime) -> Archive:
    """The archive of what these charts show."""
    by_id = {chart.pk: chart for chart in charts}
    files, names = named(by_id)
    items = [{"chart": str(pk), "title": chart.label, "files": names[pk]} for pk, chart in by_id.items()]
    return Archive(f"charts-{now:%Y-%m-%d}.zip", now, {"total": len(items)}, files, items)


def named(charts: dict[UUID, Chart]) -> tuple[dict[str, Rendition], dict[UUID, list[str]]]:
    """The files of charts by their names in the archive, and these names by the charts' ids."""
    files: dict[str, Rendition] = {}
    names: dict[UUID, list[str]] = {}
    taken = {MANIFEST}
    pictures = _pictures(charts)
    for pk, renditions in pictures.items():
        names[pk] = []
        for ending, rendition in _endings(renditions):
            name = _unique(safe(charts[pk].label) or "chart", ending, taken)
            names[pk].append(name)
            files[name] = rendition
    return files, names


def safe(title: str) -> str:
    """A title as a part of a file name, in any script, that no system takes for anything else. May be empty."""
    # Letters, their marks and digits; a mark is a part of its letter in half of the world's scripts.
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in "._" else "-" for c in unicodedata.normalize("NFC", title))
    text = _REPEATED.sub(r"\1", "".join(kept))[:_NAME_CHARS].strip("-._")
    return f"{text}-" if _RESERVED.fullmatch(text) else text


def _pictures(charts: dict[UUID, Chart]) -> dict[UUID, list[Rendition]]:
    """The files of each chart's picture, in the order of the charts."""
    by_job = {chart.drawn_by_id: pk for pk, chart in charts.items() if chart.image and chart.drawn_by_id}
    found: dict[UUID, list[Rendition]] = {pk: [] for pk in charts}
    for rendition in Rendition.objects.asked_for().filter(job__in=by_job).order_by("id"):
        found[by_job[rendition.job_id]].append(rendition)
    return found


def _endings(renditions: list[Rendition]) -> Iterator[tuple[str, Rendition]]:
    """What tells the files of one picture apart: the format, and the theme and the scale where there are several."""
    for rendition in renditions:
        like = [other for other in renditions if other.format == rendition.format]
        theme = f"-{rendition.theme}" if len({other.theme for other in like}) > 1 else ""
        scale = f"@{rendition.scale:g}x" if len({other.scale for other in like}) > 1 else ""
        yield f"{theme}{scale}.{rendition.format}", rendition


def _unique(stem: str, ending: str, taken: set[str]) -> str:
    """A name that no other file has, also where case and Unicode forms make no difference."""
    number = 1
    while True:
        name = f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
        if (folded := unicodedata.normalize("NFKC", name).casefold()) not in taken:
            taken.add(folded)
            return name
        number += 1


def _about(item: BatchItem, names: dict[UUID, list[str]]) -> dict[str, Any]:
    job = item.job
    return {
        "position": item.position,
        "status": batches.state_of(item),
        "chart": str(item.chart_id) if item.chart_id else None,
        "title": item.chart.label if item.chart else None,
        "reason": (job.reason if job else "") or None,
        "message": job.message if job else "",
        "files": names.get(item.chart_id, []) if item.chart_id else [],
    }


class _Buffer(io.RawIOBase):
    """A file of which only the last piece is kept. ``ZipFile`` goes back in it to the header of the member that it is
    writing, which so holds the member's size and needs no descriptor behind it, as not every reader knows them."""

    def __init__(self) -> None:
        self._before = 0
        self._piece = io.BytesIO()

    def take(self) -> bytes:
        """What was written since the last time."""
        data = self._piece.getvalue()
        self._before += len(data)
        self._piece = io.BytesIO()
        return data

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._before + self._piece.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            offset -= self._before
        return self._before + self._piece.seek(offset, whence)

    def write(self, data: Any) -> int:
        return self._piece.write(data)
