"""Measure: how much a database has answered, against what it may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from renderer.sources.databases import Database, QueryError


class Measure:
    """Counts rows, and roughly their bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = self.bytes = 0

    def add(self, row: Sequence[Any]) -> None:
        """One more row. Raises QueryError beyond the database's caps: nothing is cut off in silence."""
        self.rows += 1
        if self.rows > self._database.max_rows:
            raise QueryError(f"answers more than {self._database.max_rows:,} rows; group them, or add a LIMIT")
        self.bytes += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
        if self.bytes > self._database.max_bytes:
            raise QueryError(f"answers more than {self._database.max_bytes:,} bytes; ask for fewer columns or rows")
