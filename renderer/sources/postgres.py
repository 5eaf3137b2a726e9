"""PostgreSQL as a source: one SELECT of a role that may only read.

A fresh connection for each query, so that nothing of it stays: no lock, no setting, no temporary table. The query goes
as the body of a cursor, over the extended protocol: one statement, and one that reads. The server stops it after its
time-out; a query can switch that off, so the client counts, too, and cancels.
"""

from __future__ import annotations

import hashlib
import logging
import selectors
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import psycopg
from psycopg import RawServerCursor, conninfo

from renderer.sources.databases import Database, DatabaseAway, QueryError, RoleError, Rows, Value
from renderer.sources.measure import Measure
from renderer.sources.placeholders import bind

CONNECT_SECONDS: Final = 5
GRACE_SECONDS: Final = 1.0
"""So much longer than the server the client waits, so that the server's own end is the usual one."""
TRUSTED_SECONDS: Final = 300.0
"""So long a role that may only read is believed to stay so."""
MOST_ROWS, CHUNK_BYTES = 5000, 4 << 20
"""One row is fetched first, then as many at a time as have about this size together."""
_AWAY: Final = ("08", "40", "53", "57P", "58")
"""Classes of SQLSTATE that say nothing of the query: connection, conflict, resources, shutdown, system."""

logger = logging.getLogger(__name__)

_trusted: dict[str, float] = {}
"""Fingerprints of DSNs whose role was looked at, and until when that holds."""


def read(database: Database, query: str, params: Mapping[str, Value]) -> Rows:
    """The rows that a query answers. Raises QueryError, DatabaseAway, RoleError."""
    text, values = bind(query, params, "$")
    with _session(database) as connection:
        _require_reader(connection, database)
        return _rows(connection, database, text, values)


def examine(database: Database) -> str:
    """What the database is, and that its role may only read. Raises DatabaseAway and RoleError."""
    with _session(database) as connection:
        if problem := _problem_of_role(connection):
            raise RoleError(problem)
        version = connection.info.server_version
        return f"PostgreSQL {version // 10000}.{version % 10000}, read by {connection.info.user}, who may only read"


class _Late(Exception):
    """The client's own time is over."""


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for the server until a moment, and no longer, whatever the server does."""

    until: float = float("inf")

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """Run one exchange with the server. Raises _Late after cancelling it."""
        try:
            wanted = next(gen)
            with selectors.DefaultSelector() as selector:
                while True:
                    selector.register(self.pgconn.socket, wanted)
                    ready = selector.select(self.until - time.monotonic() if self.until < float("inf") else None)
                    selector.unregister(self.pgconn.socket)
                    if not ready:
                        self._give_up()
                    wanted = gen.send(ready[0][1])
        except StopIteration as end:
            return end.value

    def _give_up(self) -> None:
        try:
            self.cancel_safe(timeout=2)
        except psycopg.Error as error:
            logger.warning("could not cancel a query: %s", type(error).__name__)
        raise _Late


@contextmanager
def _session(database: Database) -> Iterator[_Connection]:
    """A connection in a read-only transaction that is never committed."""
    try:
        options = conninfo.conninfo_to_dict(database.dsn)
    except psycopg.ProgrammingError:
        raise RoleError("its DSN is none that PostgreSQL reads") from None
    options |= {"client_encoding": "utf8", "application_name": "figpress"}
    options.setdefault("connect_timeout", CONNECT_SECONDS)
    try:
        connection = _Connection.connect(**options)  # type: ignore[arg-type]  # a dict of all of libpq's options
    except psycopg.Error as error:
        secret = str(options.get("password") or "")
        said = " ".join(str(error).split())
        logger.warning("database %s: %s", database.name, said.replace(secret, "***") if secret else said)
        raise DatabaseAway("does not answer") from None
    with closing(connection):
        try:
            connection.until = time.monotonic() + database.seconds + GRACE_SECONDS
            connection.read_only = True
            milliseconds = str(max(1, round(database.seconds * 1000)))
            connection.execute(
                "SELECT set_config('statement_timeout', %(ms)s, true), set_config('lock_timeout', %(ms)s, true),"
                " set_config('TimeZone', 'UTC', true), set_config('cursor_tuple_fraction', '1.0', true)",
                {"ms": milliseconds},
            ).fetchone()
            yield connection
        except _Late:
            raise QueryError(_too_slow(database)) from None
        except psycopg.errors.QueryCanceled:
            raise QueryError(_too_slow(database)) from None
        except psycopg.Error as error:
            # A row of hundreds of megabytes: libpq has no memory for it, and loses its place in what the server sends.
            if error.sqlstate is None and ("memory" in str(error) or isinstance(error, psycopg.InternalError)):
                raise MemoryError from None
            if connection.broken or (error.sqlstate or "").startswith(_AWAY):
                raise DatabaseAway("broke off") from None
            raise QueryError(_sentence(error)) from None


def _rows(connection: _Connection, database: Database, query: str, values: Sequence[Value]) -> Rows:
    cursor = RawServerCursor(connection, "figpress")
    try:
        cursor.execute(query, values or None)
        if not cursor.description:
            raise QueryError("answers no columns: write a SELECT")
        names = [column.name for column in cursor.description]
        columns: list[list[Any]] = [[] for _ in names]
        measure, chunk = Measure(database), 1
        while rows := cursor.fetchmany(min(chunk, database.max_rows + 1 - measure.rows)):
            for row in rows:
                measure.add(row)
                for column, cell in zip(columns, row, strict=True):
                    column.append(cell)
            chunk = max(1, min(MOST_ROWS, CHUNK_BYTES * measure.rows // max(measure.bytes, 1)))
        return Rows(names, columns)
    finally:
        connection.close()  # before its cursor, which would otherwise ask the server once more
        cursor.close()


def _require_reader(connection: _Connection, database: Database) -> None:
    fingerprint = hashlib.sha256(database.dsn.encode()).hexdigest()
    if _trusted.get(fingerprint, 0) > time.monotonic():
        return
    if problem := _problem_of_role(connection):
        raise RoleError(problem)
    _trusted[fingerprint] = time.monotonic() + TRUSTED_SECONDS


_RIGHTS: Final = """
WITH roles AS (
    -- All that the role may become: a query can do that with set_config('role', ...).
    SELECT * FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
), tables AS (
    SELECT c.oid, c.relowner, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
)
SELECT
    (SELECT min(rolname) FROM roles WHERE rolsuper),
    (SELECT min(rolname) FROM roles WHERE rolcreaterole OR rolcreatedb OR rolreplication),
    (SELECT min(rolname) FROM roles WHERE rolname IN ('pg_write_all_data', 'pg_read_server_files',
        'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain')),
    (SELECT min(n.nspname) FROM pg_catalog.pg_namespace n, roles r
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')),
    (SELECT min(pg_catalog.current_database()) FROM roles r
        WHERE pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CREATE')),
    (SELECT min(t.name) FROM tables t, roles r
        WHERE t.relowner = r.oid OR pg_catalog.has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR pg_catalog.has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE'))
"""


def _problem_of_role(connection: _Connection) -> str:
    """Why the role is none that only reads, for the operator; empty if it is one."""
    found = connection.execute(_RIGHTS).fetchone()
    assert found is not None, "a SELECT without FROM has one row"
    user = connection.info.user
    for name, what in zip(
        found,
        (
            "is a superuser, or may become one ({})",
            "may make roles or databases ({})",
            "belongs to {}",
            "may create objects in the schema {0} (REVOKE CREATE ON SCHEMA {0} FROM PUBLIC)",
            "may create schemas in the database {}",
            "owns or may write to the table {}",
        ),
        strict=True,
    ):
        if name is not None:
            return f"its role {user} {what.format(name)}; give it one that may only read"
    return ""


def _too_slow(database: Database) -> str:
    return f"took longer than {database.seconds:g} seconds; ask for less, or group it"


def _sentence(error: psycopg.Error) -> str:
    """What the server says of a query. Only its author reads it, who may write SQL."""
    said = error.diag.message_primary or str(error)
    hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
    return f"the database says: {' '.join((said + hint).split())[:300]}"
