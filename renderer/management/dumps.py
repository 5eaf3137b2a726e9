"""The database as one file and back: SQLite by its own online backup, PostgreSQL by pg_dump and pg_restore.

A dump is of one moment, whatever is written meanwhile, and nobody waits for it: SQLite's backup reads as any reader
does, which in WAL mode no writer waits for, and pg_dump reads a snapshot. What the dump says is asked for in that same
moment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from django.db import connection, connections, transaction

NAMES: Final[Mapping[str, str]] = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
"""What a dump is called, by the kind of database."""
_HOURS: Final = 6 * 3600


class DumpFailed(Exception):
    """The database could not be dumped or filled. The message says why, and what to do."""


class Rows(Protocol):
    """What a dump says: rows of a statement."""

    def __call__(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask it."""


def name() -> str:
    """What a dump of this installation's database is called."""
    try:
        return NAMES[connection.vendor]
    except KeyError:
        raise DumpFailed(f"{connection.display_name} is backed up by its own tools: see docs/operations.md.") from None


@contextmanager
def dump(into: Path) -> Iterator[Rows]:
    """Write a dump, and answer questions about what is in it for as long as the block lasts."""
    name()  # refuses what it does not know
    with _sqlite(into) if connection.vendor == "sqlite" else _postgresql(into) as rows:
        yield rows


@contextmanager
def _sqlite(into: Path) -> Iterator[Rows]:
    into.unlink(missing_ok=True)
    with closing(sqlite3.connect(into)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        problems = [row[0] for row in copy.execute("PRAGMA quick_check")]
        if problems != ["ok"]:
            raise DumpFailed(f"SQLite says that its file is damaged: {problems[0]}")
        yield lambda statement: copy.execute(statement).fetchall()
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, and no other beside it


@contextmanager
def _postgresql(into: Path) -> Iterator[Rows]:
    with transaction.atomic(), connection.cursor() as cursor:
        # pg_dump reads the very snapshot of this transaction.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={into}")

        def rows(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement)
            return list(cursor.fetchall())

        yield rows


def is_empty() -> bool:
    """Whether the database has no tables: only then it is filled."""
    return not connection.introspection.table_names()


def fill(source: Path) -> None:
    """Make the empty database what the dump is."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            copy.backup(connection.connection)
        connection.close()
        return
    connections.close_all()
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
         f"--dbname={_arguments()['dbname']}", str(source))  # fmt: skip


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, with the password where no list of processes shows it."""
    known = _arguments()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    env = {**os.environ, **{names[key]: str(value) for key, value in known.items() if key in names and value}}
    whole = [_find(program), "--no-password", *arguments]
    done = subprocess.run(whole, env=env, capture_output=True, text=True, timeout=_HOURS, check=False)  # noqa: S603 - our own
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise DumpFailed(f"{program}: {lines[0]}")


def _arguments() -> dict[str, Any]:
    return dict(connection.get_connection_params())


def _find(program: str) -> str:
    """On PATH, or where Debian puts the newest."""
    if found := shutil.which(program):
        return found
    there = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]))
    if not there:
        raise DumpFailed(f"{program} is not installed here (for example: apt-get install postgresql-client)")
    return str(there[-1])
