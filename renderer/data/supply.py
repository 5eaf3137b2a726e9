"""Supply: rows that a chart names and does not hold. Who brings them is told to ``load``; here is only their shape."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from renderer.data.table import Column, ColumnType
from renderer.spec.errors import SpecError
from renderer.spec.source import NAMED, Source


class SourceAway(Exception):
    """A source that does not answer now, and may later. str() is a sentence that names it, without its secrets."""


class SourceFailed(Exception):
    """A source that broke while it was read, and would break again. str() is a sentence for a person; what happened,
    for the operator, is chained."""


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """The rows of a named source."""

    columns: Mapping[str, Callable[[], Column]]
    """By name, in the order of the source. Each is made when it is first asked for: unused ones cost nothing."""
    length: int
    """Rows."""
    version: str
    """Equal versions are equal rows."""
    as_of: datetime
    """Of when the rows are."""
    parquet: Path | None = None
    """A file with the same columns and rows, which transforms scan instead of reading whole columns."""
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    """The types of its columns, where there is such a file."""
    on_clock: frozenset[str] = frozenset()
    """Of the file's columns, those of times that name no zone: see ``Column.clock``."""


def data_key(versions: Mapping[str, str]) -> str:
    """SHA-256 (hex) over the versions of named data, by the pointers of their sources; "" where there are none."""
    if not versions:
        return ""
    return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()


class Supplier(Protocol):
    """Brings the rows of named sources, for one owner."""

    def supply(self, source: Source, at: str) -> Supply:
        """The rows of a source that stands at the pointer ``at``, such as "/data".

        Raises SpecError at a pointer inside ``at`` where the source names nothing that its owner may read, or its rows
        cannot be read; SourceAway where it does not answer now; SourceFailed where it broke.
        """
        ...


class NoSupplier:
    """Where a chart is drawn without an installation: a notebook, the command line."""

    def supply(self, source: Source, at: str) -> Supply:
        """Raises SpecError: there is nothing to be named."""
        name = next(name for name in NAMED if getattr(source, name) is not None)
        raise SpecError.at(f"{at}/{name}", f"there is no {name} here: this chart is drawn outside of an installation")
