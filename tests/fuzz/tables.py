"""Any bytes as a table, as CSV, TSV, JSON, lines of JSON or Parquet, from a URL and as a file: columns of one length,
or one sentence."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from renderer.data.body import BodyError, read
from renderer.data.infer import CellError
from renderer.data.uploads.formats import Format
from renderer.data.uploads.read import read as read_upload
from renderer.data.uploads.trouble import Unreadable

TYPES: dict[str, Format | None] = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "": None,
}
SEEDS = (
    b"\x00day,sold\n2026-01-01,3\n2026-01-02,\n",
    b'\x00"a","b""c"\r\n"1;2",x\r\n',
    b"\x01a\tb\n1\t2\n",
    b'\x02[{"a": 1}, {"a": null, "b": "x"}]',
    b'\x02{"a": [1, 2], "b": ["x", true]}',
    b'\x03{"a": 1}\n\n{"a": 2}',
    b"\x04\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00",
    b"\x04\xef\xbb\xbfday;sold\r\n2026-01-01;3,5\r\n",
)


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    kind, body = list(TYPES)[data[0] % len(TYPES)] if data else "", data[1:]
    try:
        supply = read(body, content_type=kind, name="", as_of=datetime(2026, 1, 1, tzinfo=UTC))
        for make in supply.columns.values():
            assert len(make()) == supply.length
    except (BodyError, CellError) as error:
        assert 0 < len(str(error)) < 1500
    with tempfile.TemporaryDirectory() as folder:
        source, target, work = (Path(folder, name) for name in ("source", "table.parquet", "work"))
        source.write_bytes(body)
        work.mkdir()
        try:
            found = read_upload(source, target, work, format=TYPES[kind])
        except Unreadable as error:
            assert 0 < len(str(error)) < 1500
        else:
            assert target.exists()
            assert found.rows >= 0
