"""SQLite as a source: one SELECT over a file, in a connection that can do nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from renderer.sources import sqlite as reader
from renderer.sources.databases import Database, DatabaseAway, QueryError, RoleError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop's data?.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE sales (day TEXT, shop TEXT, amount REAL, note BLOB)")
        rows = [("2026-01-01", "Lisbon", 12.5, b"\0\1"), ("2026-01-02", "x' or 1=1 --", None, None)]
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", rows)
        connection.execute("CREATE TABLE many (amount REAL)")
        connection.executemany("INSERT INTO many VALUES (?)", [(n,) for n in range(1000)])
    return path


def ask(file: Path, query: str, params: dict[str, Any] | None = None, **options: Any) -> list[tuple[Any, ...]]:
    name = str(file).replace("?", "%3F")
    rows = reader.read(Database("shop", "sqlite", f"sqlite:///{name}", **options), query, params or {})
    return list(zip(*rows.columns, strict=True))


def test_rows_come_in_order_with_bound_parameters(file: Path) -> None:
    assert ask(file, "SELECT day, amount FROM sales ORDER BY day") == [("2026-01-01", 12.5), ("2026-01-02", None)]
    query = "SELECT day, ':shop' FROM sales WHERE shop = :shop /* :shop */"
    assert ask(file, query, {"shop": "Lisbon"}) == [("2026-01-01", ":shop")]
    assert ask(file, query, {"shop": "x' or 1=1 --"}) == [("2026-01-02", ":shop")]
    assert ask(file, query, {"shop": "' or 1=1 --"}) == []
    counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n"
    assert ask(file, counted) == [(55,)]


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO sales (day) VALUES ('x')",
        "DELETE FROM sales",
        "CREATE TEMP TABLE t (a)",
        "ATTACH DATABASE '{folder}/other.sqlite3' AS other",
        "VACUUM INTO '{folder}/copy.sqlite3'",
        "PRAGMA query_only = off",
        "PRAGMA writable_schema = on",
        "SELECT * FROM pragma_table_info('sales')",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('/tmp/x')",
        "SELECT zeroblob(900000000)",
        "SELECT randomblob(900000000)",
        "SELECT length(group_concat(printf('%10000d', a.amount))) FROM many a",
        "SELECT 1; DELETE FROM sales",
        "BEGIN",
        "SELECT * FROM nowhere",
        "",
        "--",
        "SELECT 'a\0b'",
        "SELECT '\ud800'",
    ],
)
def test_whatever_does_more_than_read_is_refused(file: Path, query: str) -> None:
    with pytest.raises(QueryError):
        ask(file, query.format(folder=file.parent), seconds=5)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert len(ask(file, "SELECT * FROM sales")) == 2


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT count(*) FROM many a, many b, many c, many d, many e, many f",
    ],
)
def test_long_queries_are_interrupted(file: Path, query: str) -> None:
    with pytest.raises(QueryError, match=r"took longer than 0\.2 seconds"):
        ask(file, query, seconds=0.2)


def test_rows_and_bytes_are_counted(file: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"
    with pytest.raises(QueryError, match=r"more than 1,000 rows"):
        ask(file, endless.format("i"), max_rows=1000)
    with pytest.raises(QueryError, match=r"more than 100,000 bytes"):
        ask(file, endless.format("printf('%1000s', i)"), max_bytes=100_000)


def test_a_file_that_is_not_there_is_away_and_no_file_is_a_mistake(tmp_path: Path) -> None:
    missing = Database("shop", "sqlite", f"sqlite:///{tmp_path}/none.sqlite3")
    with pytest.raises(DatabaseAway, match="does not answer"):
        reader.read(missing, "SELECT 1", {})
    assert not (tmp_path / "none.sqlite3").exists()
    for dsn in ("sqlite:///:memory:", "sqlite:///", "sqlite://host/x"):
        with pytest.raises(RoleError):
            reader.examine(Database("shop", "sqlite", dsn))


def test_the_operator_is_told_what_it_is(file: Path) -> None:
    database = Database("shop", "sqlite", f"sqlite:///{str(file).replace('?', '%3F')}")
    assert reader.examine(database) == "SQLite with 2 tables, opened for reading only"
