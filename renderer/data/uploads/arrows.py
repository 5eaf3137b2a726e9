"""Parquet and Arrow files. How much they hold is read from their footers, and never believed of their byte counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from renderer.data.uploads.columns import Cells, refuse_types
from renderer.data.uploads.trouble import Unreadable
from renderer.spec.errors import show
from renderer.spec.limits import Limits

_ROWS: Final = 32_768
_WORDS: Final = "the file is damaged, or cut off"

Batch = tuple[dict[str, Cells], int]


def parquet(path: Path, limits: Limits) -> Iterator[Batch]:
    """The batches of a Parquet file. Raises Unreadable."""
    try:
        with pq.ParquetFile(path, memory_map=True, arrow_extensions_enabled=False) as file:
            schema = file.schema_arrow
            check_size(file.metadata.num_rows, len(schema), limits)
            _refuse_names(schema)
            refuse_types(schema)
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                yield _columns(batch)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        _again(error)


def arrow(path: Path, limits: Limits) -> Iterator[Batch]:
    """The batches of an Arrow IPC file, or of a stream."""
    try:
        with pa.memory_map(str(path)) as file:
            whole = file.read(6) == b"ARROW1"
            file.seek(0)
            rows = 0
            if whole:
                with pa.ipc.open_file(file) as reader:
                    _refuse_names(reader.schema)
                    refuse_types(reader.schema)
                    for number in range(reader.num_record_batches):
                        batch = reader.get_batch(number)
                        rows += len(batch)
                        check_size(rows, len(reader.schema), limits)
                        yield from _slices(batch)
            else:
                with pa.ipc.open_stream(file) as stream:
                    _refuse_names(stream.schema)
                    refuse_types(stream.schema)
                    for batch in stream:
                        rows += len(batch)
                        check_size(rows, len(stream.schema), limits)
                        yield from _slices(batch)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        _again(error)


def check_size(rows: int, columns: int, limits: Limits) -> None:
    """Raise Unreadable for more rows or values than a dataset may have."""
    if columns > limits.columns:
        raise Unreadable(f"has {columns:,} columns; at most {limits.columns:,} are allowed")
    if rows > limits.dataset_rows:
        raise Unreadable(f"has {rows:,} rows or more; at most {limits.dataset_rows:,} are allowed")
    if rows * columns > limits.dataset_values:
        raise Unreadable(f"has {rows:,} x {columns:,} values or more; at most {limits.dataset_values:,} are allowed")


def _slices(batch: pa.RecordBatch) -> Iterator[Batch]:
    for start in range(0, len(batch), _ROWS):
        yield _columns(batch.slice(start, _ROWS))


def _columns(batch: pa.RecordBatch) -> Batch:
    names = batch.schema.names
    # A string array means texts of a separated file: here a text is a text, whatever it looks like.
    columns = [column.dictionary_encode() if pa.types.is_string(column.type) else column for column in batch.columns]
    return dict(zip(names, columns, strict=True)), len(batch)


def _refuse_names(schema: pa.Schema) -> None:
    twice = next((name for place, name in enumerate(schema.names) if name in schema.names[:place]), None)
    if twice is not None:
        raise Unreadable(f"two columns have the name {show(twice)}")


def _again(error: Exception) -> None:
    if isinstance(error, Unreadable):
        raise error
    if isinstance(error, pa.ArrowMemoryError):
        raise MemoryError from error
    raise Unreadable(_WORDS) from error
