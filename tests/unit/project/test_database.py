"""How the processes of the service speak with PostgreSQL: nobody waits for ever for a machine that is cut off."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import Postgres

SETTINGS = Path(__file__).resolve().parents[3] / "project" / "settings.py"


def database(monkeypatch: pytest.MonkeyPatch, url: str, **env: str) -> dict[str, Any]:
    monkeypatch.setenv("DATABASE_URL", url)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    found: dict[str, Any] = runpy.run_path(str(SETTINGS))["DATABASES"]["default"]
    return found


def test_the_server_ends_what_a_lost_machine_left_open(monkeypatch: pytest.MonkeyPatch, postgres: Postgres) -> None:
    options = database(monkeypatch, postgres.dsn())["OPTIONS"]
    with psycopg.connect(postgres.dsn(), **options) as connection:

        def told(name: str) -> str:
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            return str(row and row[0])

        assert told("idle_in_transaction_session_timeout") == "30s"
        assert told("tcp_user_timeout") == "25000"
        assert told("tcp_keepalives_idle") == "10"


def test_the_address_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    options = database(monkeypatch, "postgresql://ada@db/charts?connect_timeout=60&sslmode=verify-full")["OPTIONS"]
    assert (options["connect_timeout"], options["sslmode"]) == (60, "verify-full")
    assert options["tcp_user_timeout"] == 25_000


def test_behind_pgbouncer_nothing_is_left_on_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    found = database(monkeypatch, "postgresql://ada@pool:6432/charts", FIGPRESS_PGBOUNCER="1")
    assert found["DISABLE_SERVER_SIDE_CURSORS"]
    assert "options" not in found["OPTIONS"]
    assert found["OPTIONS"]["connect_timeout"] == 5
