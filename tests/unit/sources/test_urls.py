"""URLs as sources: fetched when drawn, asked for again only if they changed, and kept for one owner."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from renderer.data.supply import SourceAway
from renderer.models import Origin
from renderer.sources import urls
from renderer.spec.errors import SpecError
from renderer.spec.source import Source
from tests.web_servers import Server, answer

pytestmark = pytest.mark.django_db

THEN = format_datetime(datetime(2026, 1, 31, 12, tzinfo=UTC), usegmt=True)


class Shop:
    """What a server has at the moment; it knows its own tags."""

    def __init__(self) -> None:
        self.body, self.status, self.etag, self.modified = b"day,sold\nMon,3\n", "200 OK", '"1"', THEN

    def __call__(self, connection: socket.socket, head: str) -> None:
        tags = {name: value for name, value in (("ETag", self.etag), ("Last-Modified", self.modified)) if value}
        same = f"If-None-Match: {self.etag}" in head if self.etag else f"If-Modified-Since: {self.modified}" in head
        found = answer(b"", "304 Not Modified", **tags) if same else answer(self.body, self.status, **tags)
        found(connection, head)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def server(shop: Shop, settings: Settings) -> Iterator[Server]:
    with Server(shop) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        yield server


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


def read(server: Server, owner: User | None, path: str = "/sales.csv?token=secret") -> Any:
    return urls.supply(Source(url=server.url + path), "/data", owner)


def kept(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_an_unchanged_source_costs_a_304(server: Server, shop: Shop, ada: User, media: Path) -> None:
    first, second = read(server, ada), read(server, ada)
    assert (first.version, first.length, first.as_of) == (second.version, 1, datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert list(second.columns["sold"]().values) == [3]
    assert "If-None-Match" not in server.requests[0]
    assert 'If-None-Match: "1"' in server.requests[1]

    shop.body, shop.etag = b"day,sold\nMon,3\nTue,5\n", '"2"'
    third = read(server, ada)
    assert (third.length, read(server, ada).version) == (2, third.version)
    assert third.version != first.version
    assert len(kept(media)) == Origin.objects.count() == 1


def test_what_is_kept_is_for_one_owner_and_names_no_url(server: Server, ada: User, media: Path) -> None:
    read(server, ada)
    read(server, User.objects.create_user("bob"))
    read(server, None)
    read(server, None)
    assert ["If-None-Match" in request for request in server.requests] == [False, False, False, True]
    assert "secret" not in str(list(Origin.objects.values()))
    assert "secret" not in str(kept(media))


def test_a_body_that_was_lost_or_changed_is_fetched_again(server: Server, ada: User, media: Path) -> None:
    read(server, ada)
    for lost in (True, False):
        (path,) = kept(media)
        if lost:
            path.unlink()
        else:
            path.write_bytes(b"day,sold\nMon,999\n")
        assert list(read(server, ada).columns["sold"]().values) == [3]
        assert "If-None-Match" not in server.requests[-1]


def test_servers_that_cannot_tell_are_asked_each_time(server: Server, shop: Shop, ada: User, media: Path) -> None:
    shop.etag = shop.modified = ""
    assert read(server, ada).as_of > timezone.now() - timedelta(minutes=1)
    assert not kept(media)
    shop.modified = format_datetime(timezone.now() + timedelta(days=9), usegmt=True)
    assert read(server, ada).as_of <= timezone.now()


def test_bodies_that_no_chart_reads_are_let_go(server: Server, shop: Shop, ada: User, media: Path) -> None:
    read(server, ada)
    Origin.objects.update(used_at=timezone.now() - timedelta(days=31))
    read(server, ada, "/other.csv")
    assert len(kept(media)) == Origin.objects.count() == 1
    assert default_storage.exists(str(Origin.objects.get().file))


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down"])
def test_what_may_pass_is_away(server: Server, shop: Shop, ada: User, status: str) -> None:
    shop.status = status
    with pytest.raises(SourceAway) as caught:
        read(server, ada)
    assert str(caught.value) == f"/data/url: {server.url} answers {status[:3]}."


@pytest.mark.parametrize("status", ["404 Gone", "401 Who", "204 Nothing"])
def test_what_stays_wrong_is_said_without_the_secrets_of_the_url(
    server: Server, shop: Shop, ada: User, status: str
) -> None:
    shop.status, shop.body = status, b"secret banner"
    with pytest.raises(SpecError) as caught:
        read(server, ada)
    assert str(caught.value) == f"/data/url: {server.url} answers {status[:3]}, and no data"


def test_a_page_is_no_table(server: Server, shop: Shop, ada: User, media: Path) -> None:
    shop.body = b"<html>secret</html>"
    with pytest.raises(SpecError, match=r"/data/url: what http://127.0.0.1:\d+ answers is a page or XML") as caught:
        read(server, ada)
    assert "secret" not in str(caught.value)
    assert not kept(media)


def test_a_server_that_is_not_there_is_away(settings: Settings, ada: User) -> None:
    with Server(answer(b"")) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
    with pytest.raises(SourceAway, match=r"/data/url: http://127.0.0.1:\d+ does not answer\."):
        read(server, ada)


def test_the_policy_holds_when_it_is_fetched_too(server: Server, settings: Settings, ada: User) -> None:
    settings.FIGPRESS_FETCH_INTERNAL = []
    with pytest.raises(SpecError, match=r"/data/url: the URL has the port"):
        read(server, ada)
    assert not server.requests
