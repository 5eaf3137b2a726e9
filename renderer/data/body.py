"""Bodies of answers to tables: comma- or tab-separated text, JSON, lines of JSON, Parquet."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.message import Message
from functools import partial
from typing import Any, Final, Literal

from renderer.data.infer import CellError, names_no_zone
from renderer.data.load import SourceTable, load_source, load_text
from renderer.data.shapes import ShapeError, arrow_list, supply_of
from renderer.data.supply import Supply
from renderer.data.table import Column
from renderer.spec.errors import SpecError
from renderer.spec.json import strict_json
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.source import Source

Format = Literal["csv", "tsv", "json", "ndjson", "parquet"]

_TYPES: Final[Mapping[str, Format]] = {
    "text/csv": "csv",
    "application/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "text/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "application/vnd.apache.parquet": "parquet",
    "application/x-parquet": "parquet",
}
_SAYS_NOTHING: Final = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
_NAMES: Final[Mapping[str, Format]] = {
    "csv": "csv", "tsv": "tsv", "tab": "tsv", "json": "json", "ndjson": "ndjson", "jsonl": "ndjson",
    "parquet": "parquet", "pq": "parquet",
}  # fmt: skip


class BodyError(ValueError):
    """What came is no table. str() is a sentence without a subject, and echoes nothing of the body."""


def read(body: bytes, *, content_type: str, name: str, as_of: datetime, limits: Limits = LIMITS) -> Supply:
    """The rows of a body, by its content type, its name and its look. Raises BodyError."""
    kind = _format(body, content_type, name)
    try:
        if kind == "parquet":
            return replace(_parquet(body, limits), as_of=as_of)
        table = _table(body, kind, content_type, limits)
    except SpecError as error:
        raise BodyError(f"is no {kind.upper()} that can be read: {error.problems[0].message}") from None
    columns = {column: partial(_column, table, column) for column in table.names}
    return Supply(columns=columns, length=len(table), version=_version(body), as_of=as_of)


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _format(body: bytes, content_type: str, name: str) -> Format:
    mime = content_type.partition(";")[0].strip().lower()
    found = _TYPES.get(mime) or ("json" if mime.endswith("+json") else None)
    if found is None and mime not in _SAYS_NOTHING:
        raise BodyError("is neither CSV, TSV, JSON, lines of JSON nor Parquet, by its content type")
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if body.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"<"):
        raise BodyError("is a page or XML, and no table")
    if found is None:
        found = _NAMES.get(name.rpartition(".")[2].lower())
    if found is None:
        found = "json" if start.startswith((b"[", b"{")) else "csv"
    return found


def _table(body: bytes, kind: Format, content_type: str, limits: Limits) -> SourceTable:
    if kind in ("csv", "tsv"):
        return load_text(_text(body, content_type), "", delimiter="\t" if kind == "tsv" else "", limits=limits)
    if kind == "ndjson":
        lines = [line for line in body.removeprefix(codecs.BOM_UTF8).splitlines() if line.strip()]
        body = b"[" + b",".join(lines) + b"]"
    value = strict_json(body.removeprefix(codecs.BOM_UTF8), max_bytes=len(body), max_values=limits.json_values)
    return load_source(_source(value), "", limits=limits)


def _source(value: Any) -> Source:
    """JSON tables: a list of objects, an object of lists, or a list of lists whose first names the columns."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        header = value[0]
        if not all(isinstance(name, str) for name in header) or len(set(map(str, header))) < len(header):
            raise BodyError("is a list of lists whose first is no list of different column names")
        for row, cells in enumerate(value):
            if not isinstance(cells, list) or len(cells) != len(header):
                raise BodyError(f"is a list of lists, and row {row} has other cells than the first, which names them")
        columns = {name: [cells[place] for cells in value[1:]] for place, name in enumerate(header)}
        return Source(columns=columns)
    if isinstance(value, list):
        return Source(values=value)
    if isinstance(value, dict) and value and all(isinstance(cells, list) for cells in value.values()):
        return Source(columns=value)
    raise BodyError("is JSON of another shape than a list of objects, an object of lists or a list of lists")


def _text(body: bytes, content_type: str) -> str:
    """The text of a body: in the encoding that it says, else UTF-8, else what spreadsheets on Windows write."""
    header = Message()
    header["Content-Type"] = content_type or "text/csv"
    said = str(header.get_param("charset") or "").lower()
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        said = "utf-16"
    for encoding in dict.fromkeys([said if said in _ENCODINGS else "utf-8", "utf-8", "windows-1252"]):
        try:
            return body.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise BodyError("is text in an encoding that is not UTF-8")


_ENCODINGS: Final = ("utf-8", "utf8", "us-ascii", "utf-16", "iso-8859-1", "latin1", "iso-8859-15", "windows-1252")


def _column(table: SourceTable, name: str) -> Column:
    try:
        column = table.column(name)
    except SpecError as error:
        raise CellError(0, error.problems[0].message) from None
    on_clock = column.type == "time" and names_no_zone(table.cells(name))
    return replace(column, clock=True) if on_clock else column


def _parquet(body: bytes, limits: Limits) -> Supply:
    """By the number of rows that the file says it has, and counted again as they come: the sizes in it mean nothing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(body)) as file:
            if file.metadata.num_columns > limits.columns:
                raise BodyError(f"has more than {limits.columns:,} columns")
            if file.metadata.num_rows * file.metadata.num_columns > limits.values:
                raise BodyError(f"has more than {limits.values:,} values")
            cells: dict[str, list[Any]] = {name: [] for name in file.schema_arrow.names}
            rows = size = 0
            for batch in file.iter_batches(batch_size=8192):
                rows += batch.num_rows
                size += batch.nbytes
                if rows * len(cells) > limits.values or size > _MOST_BYTES:
                    raise BodyError("unfolds to more than a source may have")
                for name, column in zip(cells, batch.columns, strict=True):
                    cells[name].extend(arrow_list(column))
        return supply_of(cells, version=_version(body), limits=limits)
    except (pa.ArrowException, OSError):
        raise BodyError("is Parquet that cannot be read") from None
    except ShapeError:
        raise BodyError("is Parquet whose columns have no proper names") from None


_MOST_BYTES: Final = 256 << 20
