"""Rows on their way out: the first of a dataset's as JSON, all of them as CSV, and those of a chart."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest

from renderer.data.supply import SourceAway
from renderer.models import DatasetVersion
from renderer.sources.files import local_file

_BATCH: Final = 5000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet computes: "=cmd|' /C calc'!A0" starts a program."""

Cell = float | str | None


def first_rows(version: DatasetVersion, count: int) -> tuple[list[str], list[list[Cell]]]:
    """The names of the columns, and rows."""
    rows = (row for batch in batches(version, min(count, _BATCH)) for row in batch)
    return [str(column["name"]) for column in version.columns], list(islice(rows, count))


def chunks(request: HttpRequest, version: DatasetVersion) -> Iterator[bytes] | AsyncIterator[bytes]:
    """The rows as CSV, piece by piece, as the server that asks can take them."""
    return csv_chunks(request, [str(column["name"]) for column in version.columns], batches(version, _BATCH))


def csv_chunks(
    request: HttpRequest, names: Sequence[str], found: Iterable[Iterable[Sequence[Cell]]]
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """The same of any batches of rows. No cell is a formula to the spreadsheet that opens it."""
    pieces = _csv(names, found)
    return _later(pieces) if isinstance(request, ASGIRequest) else pieces


def _csv(names: Sequence[str], found: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe(name) for name in names])
    for batch in found:
        writer.writerows([_written(cell) for cell in row] for row in batch)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


async def _later(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same without holding up the loop. (Django would first make a list of all of them.)"""

    def following() -> bytes:
        return next(pieces, b"")

    while piece := await sync_to_async(following)():
        yield piece


def batches(version: DatasetVersion, size: int) -> Iterator[list[list[Cell]]]:
    """The rows of a dataset, so many at a time."""
    import pyarrow.parquet as pq

    try:
        path = local_file(version.file)
    except SourceAway:
        raise Http404 from None
    with pq.ParquetFile(path, memory_map=True, arrow_extensions_enabled=False) as file:
        for batch in file.iter_batches(batch_size=size, use_threads=False):
            columns = [_cells(column) for column in batch.columns]
            yield [list(row) for row in zip(*columns, strict=True)]


def _cells(column: Any) -> list[Cell]:
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    zone = "Z" if column.type.tz else ""
    return times(column.to_numpy(zero_copy_only=False).astype("datetime64[us]"), zone)


def times(moments: Iterable[np.datetime64], zone: str = "Z") -> list[Cell]:
    """Moments as text, with the zone where they have one."""
    return [None if np.isnat(moment) else _moment(str(moment)) + zone for moment in moments]


def _moment(text: str) -> str:
    """Without the parts that say nothing: '2026-01-31', '2026-01-31T12:00:00'."""
    return text.removesuffix(".000000")


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _safe(cell)
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
