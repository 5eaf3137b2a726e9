"""The engine of transforms: DuckDB in memory, with everything outside it locked, for one chart and so much time.

The only module that knows DuckDB; it is imported when the first chart with a transform is, and not before.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import numpy as np
import numpy.typing as npt

from renderer.spec.limits import Limits

logger = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[Any]]
Value = float | int | str

_CONFIG: Final[dict[str, Any]] = {
    "threads": "1",
    "async_threads": "1",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",  # no name in a query is ever a variable of ours
    "ieee_floating_point_ops": "false",  # division by zero is no number, and so it is missing
    "error_on_division_by_zero": "false",
}
_LOCKS: Final = (
    "SET GLOBAL TimeZone = 'UTC'",
    "SET temp_directory = ''",  # what does not fit into memory fails, and writes nothing
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_INSIST: Final = 0.02  # seconds from one interrupt to the next
_VALUE: Final = re.compile(r"\$v([0-9]+)")


class EngineError(Exception):
    """The engine gave up. str() is a sentence; what the engine itself said is chained, for operators only."""


class TooSlow(EngineError):
    """The deadline came first."""


class TooLarge(EngineError):
    """More memory was needed than may be."""


_databases: dict[tuple[int, int], duckdb.DuckDBPyConnection] = {}
_making = threading.Lock()


def _open(memory: int, files: Sequence[Path] = ()) -> duckdb.DuckDBPyConnection:
    """A database in memory that can reach nothing outside of it but these files, and those only to read them."""
    database = duckdb.connect(":memory:", config={**_CONFIG, "memory_limit": f"{memory // 1024}KiB"})
    if files:  # before the lock: afterwards there is no way to name more
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        database.execute(f"SET allowed_paths = [{listed}]")
    for statement in _LOCKS:
        database.execute(statement)
    return database


def _database(memory: int) -> duckdb.DuckDBPyConnection:
    """The database of this process. It holds nothing: tables belong to the connection that registered them.

    One for all charts, because opening and locking one takes 50 ms. After a fork, a child makes its own and leaves that
    of its parent alone, whose threads it does not have.
    """
    key = (os.getpid(), memory)
    with _making:
        if key not in _databases:
            _databases[key] = _open(memory)
        return _databases[key]


class Engine:
    """A context manager. All that is done within it shares one deadline."""

    def __init__(self, limits: Limits, *, files: Sequence[Path] = ()) -> None:
        """With `files`, a database of its own that may read them: which takes 20 ms, and ends with the engine."""
        self.limits = limits
        self._own = _open(limits.transform_bytes, files) if files else None
        self._connection = (self._own or _database(limits.transform_bytes)).cursor()
        self._deadline = time.monotonic() + limits.transform_seconds
        self._done = threading.Event()
        self._watchdog = threading.Thread(target=self._interrupt, daemon=True)
        self._kept: list[Mapping[str, npt.NDArray[Any]]] = []

    def __enter__(self) -> Self:
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._watchdog.join()  # so that it never interrupts a connection that is closed
        self._connection.close()
        if self._own is not None:
            self._own.close()

    def _interrupt(self) -> None:
        # Again and again: DuckDB forgets an interrupt that comes before a query has begun to run.
        wait = self.limits.transform_seconds
        while not self._done.wait(wait):
            self._connection.interrupt()
            wait = _INSIST

    def register(self, name: str, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        """Make arrays of equal length a table, without a copy: float64 (NaN is null), datetime64[us], str or None."""
        self._kept.append(columns)
        self._connection.register(name, dict(columns))

    def view(self, name: str, select: str) -> None:
        """Give a SELECT a name. It is ours: no part of it comes from an author but names, quoted."""
        try:
            self._connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {select}')
        except duckdb.Error as error:
            raise EngineError("cannot be read any more") from error

    def run(self, query: str, values: Sequence[Value] = ()) -> Arrays:
        """The columns of a query, by their names in it. Missing numbers are NaN, times NaT, texts None.

        `$v1` in the query is the first of the values.

        Raises EngineError, TooSlow or TooLarge.
        """
        # A value that no part of the query has use for is an error of DuckDB's.
        used = {int(number) for number in _VALUE.findall(query)}
        return self._arrays(query, {f"v{number}": values[number - 1] for number in used})

    def ask(self, query: str, values: Mapping[str, Value] | None = None) -> Arrays:
        """The columns of a query that a person wrote: what is wrong with it is said as DuckDB says it.

        Raises EngineError, TooSlow or TooLarge.
        """
        try:
            return self._arrays(query, dict(values or {}))
        except EngineError as error:
            cause = error.__cause__
            if isinstance(cause, duckdb.Error) and not isinstance(error, TooSlow | TooLarge):
                raise EngineError(_said(cause)) from cause
            raise

    def _arrays(self, query: str, bound: dict[str, Value]) -> Arrays:
        if time.monotonic() >= self._deadline:
            raise TooSlow(self._slow())
        try:
            found = self._connection.execute(query, bound).fetchnumpy()
        except duckdb.InterruptException as error:
            raise TooSlow(self._slow()) from error
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            most = self.limits.transform_bytes / (1 << 20)
            raise TooLarge(f"needs more than {most:,.0f} MiB of memory; filter or aggregate earlier") from error
        except duckdb.Error as error:
            # Its text may hold values of somebody's data, so the log gets no more than its kind.
            logger.info("the engine refused a query: %s", type(error).__name__)
            raise EngineError("cannot be computed from these rows") from error
        if time.monotonic() >= self._deadline:
            raise TooSlow(self._slow())  # ended by itself, and too late all the same
        return {name: _plain(values) for name, values in found.items()}

    def _slow(self) -> str:
        return f"takes more than {self.limits.transform_seconds:g} seconds; filter or aggregate earlier"


_PATH: Final = re.compile(r"[\"']?(?:[A-Za-z]:)?[/\\][^\s\"']+[\"']?")
_SENTENCE_CHARS: Final = 300


def _said(error: duckdb.Error) -> str:
    """DuckDB's own sentence, without the excerpt of the query, and without paths."""
    text = str(error).partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    kind, colon, rest = text.partition(" Error: ")
    text = " ".join((rest if colon and len(kind) < 40 else text).split())
    return _PATH.sub("a file", text)[:_SENTENCE_CHARS]


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array without numpy's mask."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    mask = np.ma.getmaskarray(values)
    plain: npt.NDArray[Any] = values.data
    if mask.any():
        if plain.dtype.kind in "iub":
            plain = plain.astype(np.float64)
        plain = plain.copy()
        plain[mask] = np.datetime64("NaT") if plain.dtype.kind == "M" else None if plain.dtype == object else np.nan
    return plain
