"""Uploads of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from renderer.data.uploads.read import Read, read


class Upload:
    """What became of a file, and the rows that it has now."""

    def __init__(self, found: Read, table: dict[str, list[Any]]) -> None:
        self.found = found
        self.table = table
        self.kinds = {column["name"]: column["type"] for column in found.columns}
        self.about = {column["name"]: column for column in found.columns}


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Upload]:
    """Read a text or bytes as an uploaded file."""

    def make(content: str | bytes, **options: Any) -> Upload:
        source, target, folder = tmp_path / "upload", tmp_path / "table.parquet", tmp_path / "work"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        folder.mkdir(exist_ok=True)
        found = read(source, target, folder, **options)
        return Upload(found, pq.read_table(target).to_pydict())

    return make
