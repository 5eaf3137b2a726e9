"""An uploaded file to a Parquet file, from its first byte to its summary."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from renderer.data.uploads import arrows, documents
from renderer.data.uploads.columns import Cells, Columns
from renderer.data.uploads.decode import decode
from renderer.data.uploads.formats import Format, of_file_name, of_first_bytes
from renderer.data.uploads.separated import Separated
from renderer.data.uploads.summary import summarise
from renderer.data.uploads.trouble import Unreadable
from renderer.data.uploads.unpack import unpack
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.source import ColumnKind

_MOST_PASSES: Final = 4
"""A guess only ever turns into a category, or a time into one of a zone: so often at most, and mostly never."""
_GROUP_ROWS: Final = 131_072
"""Rows of one group of the written file: what a filter skips at once, and what is in memory while it is written."""

Batches = Callable[[], Iterator[tuple[dict[str, Cells], int]]]


@dataclass(frozen=True, slots=True)
class Read:
    """What became of an upload."""

    rows: int
    columns: list[dict[str, Any]]
    """Of each column its name, its type, and what it holds, in its order."""
    bytes: int
    """Of the file that was written."""
    sha256: str
    """Of it, too: equal digests are equal rows."""
    format: Format
    notes: list[str] = field(default_factory=list)
    """What was done to the rows that their author may not expect."""


def read(
    source: Path,
    target: Path,
    folder: Path,
    *,
    format: Format | None = None,
    types: Mapping[str, ColumnKind] | None = None,
    limits: Limits = LIMITS,
) -> Read:
    """Write the table that is in the file `source` to `target`. `folder` takes what lies on the way.

    `format` is what the sender called it; the first bytes of a binary file say it better. Raises Unreadable.
    """
    if not source.stat().st_size:
        raise Unreadable("the file is empty")
    plain, inner_name = unpack(source, folder, limits)
    if not plain.stat().st_size:
        raise Unreadable("the file is empty")
    with plain.open("rb") as file:
        binary = of_first_bytes(file.read(8))
    format = binary or of_file_name(inner_name) or format or "csv"
    if format in ("parquet", "arrow") and binary is None:
        raise Unreadable(f"this is no {format.capitalize()} file")
    notes: list[str] = []

    def where(name: str, row: int) -> str:
        return f"row {row + 1}, column {show(name)}"

    batches: Batches
    if binary is not None:
        reader = arrows.parquet if binary == "parquet" else arrows.arrow

        def batches() -> Iterator[tuple[dict[str, Cells], int]]:
            return reader(plain, limits)

    else:
        text, encoding = decode(plain, folder)
        if encoding not in ("utf-8", "ascii"):
            notes.append(f"The text was read as {encoding.upper().replace('_', '-')}.")
        if format in ("csv", "tsv"):
            separated = Separated.open(text, limits, separator="\t" if format == "tsv" else "")
            batches = separated.batches

            def where(name: str, row: int) -> str:
                return f"line {separated.line_of(row)}, column {show(name)}"

        else:
            parts = documents.document if format == "json" else documents.lines

            def batches() -> Iterator[tuple[dict[str, Cells], int]]:
                return parts(text, limits)

    columns = Columns(types or {}, limits, where)
    rows = _write(batches, columns, target, limits)
    notes += [
        f"{count:,} long {'text' if count == 1 else 'texts'} in column {show(name)} {'is' if count == 1 else 'are'}"
        f" cut after {limits.label_chars} characters."
        for name, count in columns.cut.items()
    ]
    return Read(
        rows=rows,
        columns=summarise(target, columns.names, columns.kinds, rows, limits, on_clock=columns.on_clock),
        bytes=target.stat().st_size,
        sha256=_digest(target),
        format=format,
        notes=notes,
    )


def _write(batches: Batches, columns: Columns, target: Path, limits: Limits) -> int:
    """Write the file, again if its columns turned out to be something else. Returns the number of rows."""
    for _ in range(_MOST_PASSES):
        columns.begin()
        rows = _pass(batches, columns, target, limits)
        if not rows:
            raise Unreadable("there are no rows")
        if not columns.unsure:
            columns.check_types()
            return rows
    raise Unreadable("what its columns hold changes from row to row; say it with 'types'")


def _pass(batches: Batches, columns: Columns, target: Path, limits: Limits) -> int:
    rows = waiting = 0
    group: list[pa.RecordBatch] = []
    writer: pq.ParquetWriter | None = None
    try:
        for cells, length in batches():
            columns.meet(list(cells))
            arrows.check_size(rows + length, len(columns.names), limits)
            batch = columns.batch(cells, length, rows)
            rows += length
            if columns.unsure:  # nothing of this pass is kept: only what the rest holds is still of interest
                group = []
                continue
            group.append(batch)
            waiting += length
            if waiting >= _GROUP_ROWS:
                writer = writer or _writer(target, columns.schema)
                writer.write_table(pa.Table.from_batches(group))
                group, waiting = [], 0
        if group and not columns.unsure:
            writer = writer or _writer(target, columns.schema)
            writer.write_table(pa.Table.from_batches(group))
    finally:
        if writer is not None:
            writer.close()
    return rows


def _writer(target: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(target, schema, compression="zstd", compression_level=1)


def _digest(target: Path) -> str:
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
