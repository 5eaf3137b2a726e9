"""SQLite as a source: one SELECT, in a connection that can do nothing else.

``mode=ro`` is not enough: ATTACH writes other files, VACUUM INTO copies the whole. An authorizer allows reading, and a
list of functions; limits and a progress handler bound what a single query takes.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from renderer.sources.databases import Database, DatabaseAway, QueryError, RoleError, Rows, Value
from renderer.sources.measure import Measure
from renderer.sources.placeholders import bind

MAX_CELL: Final = 1 << 20
"""Bytes of a text: zeroblob(900000000) takes that much memory otherwise."""
STEPS: Final = 2000
"""So many instructions of SQLite's machine run between two looks at the clock."""

_ACTIONS: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_FUNCTIONS: Final = frozenset(
    {
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "ceil", "ceiling", "changes", "char",
        "coalesce", "concat", "concat_ws", "cos", "cosh", "count", "cume_dist", "current_date", "current_time",
        "current_timestamp", "date", "datetime", "degrees", "dense_rank", "exp", "first_value", "floor", "format",
        "glob", "group_concat", "hex", "if", "ifnull", "iif", "instr", "json", "json_array", "json_array_length",
        "json_extract", "json_object", "json_quote", "json_type", "json_valid", "julianday", "lag", "last_value",
        "lead", "length", "like", "likelihood", "likely", "ln", "log", "log10", "log2", "lower", "ltrim", "max",
        "median", "min", "mod", "nth_value", "ntile", "nullif", "octet_length", "percent_rank", "percentile",
        "percentile_cont", "percentile_disc", "pi", "pow", "power", "printf", "quote", "radians", "random", "rank",
        "replace", "round", "row_number", "rtrim", "sign", "sin", "sinh", "sqrt", "strftime", "string_agg", "substr",
        "substring", "subtype", "sum", "tan", "tanh", "time", "timediff", "total", "trim", "trunc", "typeof", "unicode",
        "unixepoch", "unlikely", "upper", "->", "->>",
    }
)  # fmt: skip
_TABLES_DENIED: Final = ("pragma_", "sqlite_db", "dbstat", "bytecode", "tables_used", "fts3tokenize")
"""Tables that are windows into SQLite itself, where it has them."""
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_CELL,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 1000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_AWAY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})


def read(database: Database, query: str, params: Mapping[str, Value]) -> Rows:
    """The rows that a query answers. Raises QueryError, DatabaseAway, RoleError."""
    text, values = bind(query, params, "?")
    with _session(database) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(text, values)
        if not cursor.description:
            raise QueryError("answers no columns: write a SELECT")
        names = [str(column[0]) for column in cursor.description]
        columns: list[list[Any]] = [[] for _ in names]
        measure = Measure(database)
        for row in cursor:
            measure.add(row)
            for column, cell in zip(columns, row, strict=True):
                column.append(cell)
        return Rows(names, columns)


def examine(database: Database) -> str:
    """What the database is. Raises DatabaseAway and RoleError."""
    with _session(database) as connection, closing(connection.cursor()) as cursor:
        count = cursor.execute("SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view')").fetchone()[0]
        return f"SQLite with {count} tables, opened for reading only"


def path_of(database: Database) -> Path:
    """The file of a DSN: ``sqlite:///name`` below the working directory, ``sqlite:////folder/name`` anywhere.

    Raises RoleError for what names no file.
    """
    scheme, _, rest = database.dsn.partition(":///")
    if scheme != "sqlite" or not rest or rest.startswith(":memory:"):
        raise RoleError("its DSN names no file: write sqlite:////folder/name")
    return Path(unquote(rest))


@contextmanager
def _session(database: Database) -> Iterator[sqlite3.Connection]:
    end = time.monotonic() + database.seconds
    address = f"file:{quote(str(path_of(database).absolute()))}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=2, isolation_level=None)
        with closing(connection):
            # In memory, which has a limit: a file for sorting could fill the disk within the time.
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA trusted_schema = OFF")
            for limit, most in _LIMITS.items():
                connection.setlimit(limit, most)
            connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
            connection.set_authorizer(_authorize)
            yield connection
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _AWAY:
            raise DatabaseAway("does not answer") from None
        if code == sqlite3.SQLITE_INTERRUPT:
            raise QueryError(f"took longer than {database.seconds:g} seconds; ask for less, or group it") from None
        if code == sqlite3.SQLITE_NOMEM:
            raise MemoryError from None
        if code == sqlite3.SQLITE_AUTH:
            raise QueryError("is not allowed here: a source is one SELECT, with the usual functions") from None
        raise QueryError(f"the database says: {' '.join(str(error).split())[:300]}") from None


def _authorize(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_OK if (second or "").lower() in _FUNCTIONS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and (first or "").lower().startswith(_TABLES_DENIED):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ACTIONS else sqlite3.SQLITE_DENY
