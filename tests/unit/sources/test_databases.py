"""Databases that the operator named: what may be written of them, who may read them, what charts get."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from renderer import health
from renderer.apps import RendererConfig
from renderer.data.load import Supplied
from renderer.data.supply import SourceAway
from renderer.sources import databases
from renderer.sources.databases import DatabasesError, read_settings
from renderer.spec.errors import SpecError
from renderer.spec.limits import LIMITS
from renderer.spec.source import Source

pytestmark = pytest.mark.django_db

SALES = "SELECT day, shop, amount, note FROM sales WHERE shop = :shop"


@pytest.fixture
def named(settings: Settings, tmp_path: Path) -> dict[str, Any]:
    """Two databases, one of them for some."""
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE sales (day TEXT, shop TEXT, amount REAL, note BLOB)")
        connection.execute("INSERT INTO sales VALUES ('2026-01-01', 'Oslo', 3, x'00')")
    dsn = f"sqlite:///{tmp_path}/shop.sqlite3"
    settings.FIGPRESS_DATABASES = {
        "shop": dsn,
        "pay": {"dsn": dsn, "users": ["eve"], "groups": ["analysts"], "max_rows": 5, "timeout": 2},
    }
    return dict(settings.FIGPRESS_DATABASES)


def somebody(name: str = "ada", *, may: bool = True, groups: str = "", **fields: Any) -> User:
    user = User.objects.create_user(name, **fields)
    if may:
        user.user_permissions.add(Permission.objects.get(codename="write_sql"))
    for group in filter(None, [groups]):
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    return User.objects.get(pk=user.pk)  # permissions are cached on the object


def source(database: str = "shop", query: str = SALES, **params: Any) -> Source:
    return Source(database=database, query=query, params=params or {"shop": "Oslo"})


def error(owner: User | None, asked: Source) -> str:
    with pytest.raises(SpecError) as caught:
        databases.supply(asked, "/data", owner)
    return str(caught.value)


def test_rows_become_columns_and_bytes_are_refused_where_they_are_used(named: Any) -> None:
    supply = databases.supply(source(), "/data", somebody())
    table = Supplied(supply, "/data", types={}, zone="UTC", limits=LIMITS)
    kinds = [table.column(name).type for name in ("day", "shop", "amount")]
    assert (kinds, len(table)) == (["time", "category", "number"], 1)
    with pytest.raises(SpecError, match=r"/data: column 'note': holds bytes"):
        table.column("note")
    assert databases.supply(source(), "/data", somebody("bob")).version == supply.version


def test_sql_is_a_permission_of_its_own(named: Any) -> None:
    assert error(somebody(may=False), source()).startswith("/data/database: you may not write SQL")
    assert error(None, source()).startswith("/data/database: nobody asks who may write SQL")
    assert databases.supply(source(), "/data", somebody("root", may=False, is_superuser=True)).length == 1
    sacked = somebody("sacked", is_active=False)
    assert "you may not write SQL" in error(sacked, source())


def test_a_database_may_be_for_some_and_its_name_with_it(named: Any) -> None:
    assert error(somebody(), source("pay")) == "/data/database: no database 'pay' that you may read; there are shop"
    assert error(somebody("bob"), source("shopp")).endswith("; did you mean 'shop'?")
    for user in (somebody("eve"), somebody("carl", groups="analysts"), somebody("root", is_superuser=True)):
        assert databases.supply(source("pay"), "/data", user).length == 1


def test_the_databases_own_words_are_for_who_writes_sql(named: Any) -> None:
    ada = somebody()
    assert error(ada, source(query="SELECT amounts FROM sales WHERE shop = :shop")) == (
        "/data/query: the database says: no such column: amounts"
    )
    assert "no placeholder :shop" in error(ada, source(query="SELECT 1"))
    assert "two columns are called '1'" in error(ada, source(query="SELECT 1, 1 WHERE :shop"))
    assert "a column has no name" in error(ada, source(query='SELECT 1 AS "" WHERE :shop'))
    assert "more than 5 rows" in error(
        somebody("eve"),
        source("pay", "WITH RECURSIVE n(i) AS (SELECT :shop UNION ALL SELECT 1 FROM n) SELECT * FROM n"),
    )


ODD: dict[str, Any] = {"shop": ["a"], "a b": 1, "big": 2**70}


def test_parameters_are_checked_before_anything_is_asked(named: Any) -> None:
    said = error(somebody(), source(**ODD))
    assert "/data/params/shop: must be a text, a number" in said
    assert "/data/params/a b: 'a b' is no name" in said
    assert "/data/params/big: is too large a number" in said


def test_a_database_that_is_gone_is_away_and_doctor_says_so(named: Any, settings: Settings) -> None:
    ada = somebody()
    assert health.look_at_sources().says == "pay, shop: charts may read, and nothing else"
    settings.FIGPRESS_DATABASES = {"shop": "sqlite:////nowhere/at/all.sqlite3"}
    with pytest.raises(SourceAway, match=r"^/data/database: the database 'shop' does not answer\.$"):
        databases.supply(source(), "/data", ada)
    assert health.look_at_sources().says == "the database shop does not answer"
    settings.FIGPRESS_DATABASES = {"shop": "sqlite:///:memory:"}
    assert error(ada, source()).startswith("/data/database: the database 'shop' is not set up for reading")
    assert "names no file" in health.look_at_sources().says
    settings.FIGPRESS_DATABASES = {}
    assert not health.look_at_sources().todo


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ([], "must be an object"),
        ("[1]", "must be an object"),
        ('{"a": "hunter2', "is no JSON: "),
        ({"A B": "sqlite:////x"}, "'A B' is no name"),
        ({"a": 3}, "a: "),
        ({"a": {}}, "a/dsn: "),
        ({"a": {"dsn": "sqlite:////x", "max_rows": "9"}}, "a/max_rows: "),
        ({"a": {"dsn": "sqlite:////x", "user": []}}, "a/user: "),
        ({"a": "mysql://u:hunter2@h/d"}, "a: begin the DSN with postgresql:// or sqlite:///"),
        ({"a": {"dsn": "hunter2", "timeout": 0}}, "a/timeout: "),
    ],
)
def test_wrong_settings_are_named_without_the_dsn(written: Any, where: str, settings: Settings) -> None:
    with pytest.raises(DatabasesError) as caught:
        read_settings(written)
    assert str(caught.value).startswith(where)
    assert "hunter2" not in str(caught.value)
    settings.FIGPRESS_DATABASES = written
    if written:
        with pytest.raises(ImproperlyConfigured, match="FIGPRESS_DATABASES: "):
            RendererConfig.create("renderer").ready()


def test_a_database_does_not_show_its_dsn() -> None:
    named = read_settings({"a": "postgresql://u:hunter2@h/d"})
    assert "hunter2" not in repr(named)


def test_wrong_hosts_stop_the_start(settings: Settings) -> None:
    settings.FIGPRESS_FETCH_INTERNAL = ["http://files/"]
    with pytest.raises(ImproperlyConfigured, match="FIGPRESS_FETCH_INTERNAL"):
        RendererConfig.create("renderer").ready()
