"""PostgreSQL as a source, on a real server: what a role that may only read can do, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from project import local
from renderer.sources import postgres as reader
from renderer.sources.databases import Database, DatabaseAway, QueryError, RoleError
from tests.postgres import Postgres

NAME = "warehouse_unit"


@pytest.fixture(scope="session")  # as the server is: a module's tests need not come one after the other
def server(postgres: Postgres) -> Postgres:
    """A database with a table, a role that may only read it, and some that may more."""
    postgres.run(f"CREATE DATABASE {NAME}")
    postgres.run(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "CREATE TABLE sales (day date, shop text, amount numeric, paid boolean, at timestamptz, seen timestamp)",
        "INSERT INTO sales VALUES ('2026-01-01', 'Lisbon', 12.5, true, '2026-01-01 12:00+02', '2026-01-01 09:30'),"
        " ('2026-01-02', 'Oslo', NULL, false, NULL, NULL), ('2026-01-03', 'x'' or 1=1 --', 'NaN', NULL, NULL, NULL)",
        "CREATE ROLE unit_reader LOGIN PASSWORD 'not-a-secret'",
        "CREATE VIEW nine AS SELECT n FROM generate_series(1, 9) n",
        "GRANT SELECT ON sales, nine TO unit_reader",
        "CREATE ROLE unit_writer LOGIN PASSWORD 'not-a-secret'",
        "GRANT SELECT, UPDATE ON sales TO unit_writer",
        "CREATE ROLE unit_member LOGIN NOINHERIT PASSWORD 'not-a-secret' IN ROLE unit_writer",
        "CREATE ROLE unit_files LOGIN PASSWORD 'not-a-secret' IN ROLE pg_read_server_files",
        name=NAME,
    )
    return postgres


@pytest.fixture(autouse=True)
def _nobody_is_trusted() -> Iterator[None]:
    reader._trusted.clear()
    yield
    reader._trusted.clear()


def database(server: Postgres, user: str = "unit_reader", **options: Any) -> Database:
    return Database("warehouse", "postgres", server.dsn(user, name=NAME), **options)


def ask(server: Postgres, query: str, params: dict[str, Any] | None = None, **options: Any) -> list[tuple[Any, ...]]:
    rows = reader.read(database(server, **options), query, params or {})
    return list(zip(*rows.columns, strict=True))


def count(server: Postgres) -> int:
    return int(ask(server, "SELECT count(*) FROM sales")[0][0])


def test_values_come_as_python_has_them(server: Postgres) -> None:
    rows = reader.read(database(server), "SELECT * FROM sales ORDER BY day", {})
    assert list(rows.names) == ["day", "shop", "amount", "paid", "at", "seen"]
    assert [column[0] for column in rows.columns] == [
        date(2026, 1, 1), "Lisbon", Decimal("12.5"), True,
        datetime(2026, 1, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 9, 30),  # noqa: DTZ001 - it has none
    ]  # fmt: skip
    assert [column[1] for column in rows.columns] == [date(2026, 1, 2), "Oslo", None, False, None, None]


def test_parameters_are_bound_as_values(server: Postgres) -> None:
    query = "SELECT amount::float8, ':shop', -- :shop\n shop::text FROM sales WHERE shop = :shop AND day >= :since"
    assert ask(server, query, {"shop": "Lisbon", "since": "2026-01-01"}) == [(12.5, ":shop", "Lisbon")]
    assert ask(server, query, {"shop": "x' or 1=1 --", "since": "2026-01-01"})[0][2] == "x' or 1=1 --"
    assert ask(server, query, {"shop": "' or 1=1 --", "since": "2026-01-01"}) == []
    with pytest.raises(QueryError, match=r"no placeholder :shops for the parameter 'shops'"):
        ask(server, query, {"shops": "Lisbon"})
    with pytest.raises(QueryError, match=r"the placeholder :since, and 'params' has no value"):
        ask(server, query, {"shop": "Lisbon"})


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO sales (shop) VALUES ('x')",
        "WITH gone AS (DELETE FROM sales RETURNING 1) SELECT * FROM gone",
        "CREATE TEMP TABLE t (a int)",
        "SELECT 1; DELETE FROM sales",
        "SELECT 1; COMMIT; BEGIN READ WRITE; INSERT INTO sales (shop) VALUES ('x')",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "SET statement_timeout = 0; SELECT pg_sleep(60)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('role', 'owner', false)",
        "COPY sales TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/out'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "DO $$ BEGIN PERFORM pg_sleep(60); END $$",
        "EXPLAIN ANALYZE DELETE FROM sales",
        "VACUUM",
        "LISTEN x",
        "SELECT * FROM nowhere",
        "",
        "--",
        "SELECT '\ud800'",
        "SELECT 'a\0b'",
    ],
)
def test_whatever_does_more_than_read_is_refused(server: Postgres, query: str) -> None:
    before = count(server)
    with pytest.raises(QueryError):
        ask(server, query, seconds=5)
    assert count(server) == before


def test_large_objects_and_locks_end_with_the_connection(server: Postgres) -> None:
    ask(server, "SELECT pg_advisory_lock(1)")
    ask(server, "SELECT pg_advisory_lock(1)")  # it would wait for ever, had the first one stayed
    assert ask(server, "SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT pg_sleep(60)",
        "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
        # The time-out of the server is switched off with the first row: the client's own remains.
        "SELECT set_config('statement_timeout', '0', false) UNION ALL SELECT pg_sleep(60)::text",
        "SELECT CASE n WHEN 1 THEN set_config('statement_timeout', '0', false) ELSE pg_sleep(n)::text END FROM nine",
    ],
)
def test_long_queries_are_cancelled(server: Postgres, query: str) -> None:
    with pytest.raises(QueryError, match=r"took longer than 0\.3 seconds"):
        ask(server, query, seconds=0.3)
    running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'figpress' AND state = 'active'"
    local.wait_for(lambda: ask(server, running) == [(1,)], deadline=20, what="the end of the query in the server")


def test_rows_and_bytes_are_counted_and_nothing_is_cut_off_in_silence(server: Postgres) -> None:
    with pytest.raises(QueryError, match=r"more than 1,000 rows"):
        ask(server, "SELECT generate_series(1, 100000000)", max_rows=1000)
    assert len(ask(server, "SELECT * FROM generate_series(1, 1000)", max_rows=1000)) == 1000
    with pytest.raises(QueryError, match=r"more than 100,000 bytes"):
        ask(server, "SELECT repeat('x', 1000) FROM generate_series(1, 1000)", max_bytes=100_000)


def test_errors_name_no_password(server: Postgres, caplog: pytest.LogCaptureFixture) -> None:
    wrong = server.dsn("unit_reader", "hunter2", NAME)
    for dsn in (wrong, wrong.replace(str(server.port), "1"), "postgresql://a:hunter2@127.0.0.1:1/x?no_such=option"):
        with pytest.raises((DatabaseAway, RoleError)) as caught:
            reader.read(Database("warehouse", "postgres", dsn), "SELECT 1", {})
        assert "hunter2" not in f"{caught.value}{caught.value.__cause__}{Database('warehouse', 'postgres', dsn)}"
    assert "hunter2" not in caplog.text
    assert "warehouse" in caplog.text


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("owner", "is a superuser"),
        ("unit_writer", "may write to the table public.sales"),
        ("unit_member", "may write to the table public.sales"),
        ("unit_files", "belongs to pg_read_server_files"),
    ],
)
def test_a_role_that_may_more_is_refused(server: Postgres, user: str, why: str) -> None:
    with pytest.raises(RoleError, match=why):
        reader.read(database(server, user), "SELECT 1", {})
    with pytest.raises(RoleError, match=why):
        reader.examine(database(server, user))
    assert "who may only read" in reader.examine(database(server))


def test_a_server_that_goes_away_is_away(server: Postgres) -> None:
    with pytest.raises(DatabaseAway):
        ask(server, "SELECT pg_terminate_backend(pg_backend_pid())")
