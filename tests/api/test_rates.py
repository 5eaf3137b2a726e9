"""Rates: who asks too often is told when to ask again, and a Redis that is away stops nobody."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image
from pytest_django import Settings

from project import local
from renderer import rates
from renderer.models import Chart, RenderJob
from renderer.web.signing import AdminSignInForm
from tests.api.conftest import Api, api_of


@pytest.fixture
def counting(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A Redis that counts. Its windows are as long as no test is, and of one test alone."""
    server = local.Redis(tmp_path)
    settings.FIGPRESS_EVENTS_URL = server.url
    monkeypatch.setattr(rates, "clock", lambda: 1_800_000_000.0)
    rates.forget()
    try:
        yield settings
    finally:
        rates.forget()
        server.stop()


def test_who_asks_too_often(counting: Settings, api: Api, ada: User, bobs_api: Api, browser: Api) -> None:
    counting.FIGPRESS_RATE_TOKEN, counting.FIGPRESS_RATE_OWNER = 2, 5

    first = api.get("/charts")
    assert first.headers["RateLimit-Policy"] == '"token";q=2;w=60, "owner";q=5;w=60'
    assert first.headers["RateLimit"] == '"token";r=1;t=60, "owner";r=4;t=60'
    assert api.get("/jobs").status == 200
    refused = api.get("/charts")
    assert (refused.status, refused.body["code"]) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit"].startswith('"token";r=0;t=60')
    assert "for each token" in refused.body["detail"]

    # Another token of hers, and her browser, have one more together; others have all of theirs.
    assert (api_of(ada).get("/charts").status, browser.get("/charts").status) == (200, 200)
    assert "for each owner" in browser.get("/charts").body["detail"]
    assert bobs_api.get("/charts").status == 200


def test_a_look_costs_nothing(counting: Settings, api: Api, ada: User) -> None:
    rate = rates.Rate("owner", rates.setting("FIGPRESS_RATE_OWNER"))
    assert [count.used for count in rates.look((rate, str(ada.pk)))] == [0]
    api.get("/charts")
    for _ in range(2):
        assert [count.used for count in rates.look((rate, str(ada.pk)))] == [1]


def test_what_needs_nobody_counts_for_nobody(counting: Settings, nobody: Api) -> None:
    counting.FIGPRESS_RATE_TOKEN = counting.FIGPRESS_RATE_OWNER = 1
    for _ in range(3):
        answer = nobody.get("/problems")
        assert answer.status == 200
        assert "RateLimit" not in answer.headers


def test_no_limit(counting: Settings, api: Api) -> None:
    counting.FIGPRESS_RATE_TOKEN = counting.FIGPRESS_RATE_OWNER = 0
    assert "RateLimit" not in api.get("/charts").headers


def test_without_redis_nobody_is_limited(
    settings: Settings, api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FIGPRESS_EVENTS_URL = f"redis://127.0.0.1:{local.free_port()}/0"
    settings.FIGPRESS_RATE_TOKEN = 1
    monkeypatch.setattr(rates, "REST", 0.0)
    rates.forget()
    with caplog.at_level(logging.WARNING, logger="renderer.rates"):
        assert [api.get("/charts").status for _ in range(3)] == [200, 200, 200]
    assert len([record for record in caplog.records if record.name == "renderer.rates"]) == 1
    rates.forget()


def test_signing_in_is_tried_a_few_times(counting: Settings, client: Client, ada: User, monkeypatch: Any) -> None:
    counting.FIGPRESS_RATE_SIGN_IN = 2
    for _ in range(2):
        assert client.post("/sign-in/", {"username": "ada", "password": "no"}).status_code == 200

    def hashed(*_: object, **__: object) -> bool:
        raise AssertionError("a password was hashed")

    with monkeypatch.context() as patch:
        patch.setattr("django.contrib.auth.hashers.verify_password", hashed)
        refused = client.post("/sign-in/", {"username": "Ada", "password": "correct horse"})
        admin = client.post("/admin/login/", {"username": "ada", "password": "correct horse"})
    assert refused.status_code == 429
    assert re.fullmatch(r"\d+", refused["Retry-After"])
    assert b"Too many tries. Wait" in refused.content
    form = AdminSignInForm(refused.wsgi_request, data={"username": "ada", "password": "correct horse"})
    assert "Too many tries. Wait" in str(form.errors), "of a project's admin, which keeps a door of its own"
    assert admin["Location"].startswith("/sign-in/"), "the admin has no door of its own"

    # From elsewhere she signs in: nobody locks her out. A header that anybody can write is no elsewhere.
    right = {"username": "ada", "password": "correct horse"}
    assert client.post("/sign-in/", right, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 429
    assert client.post("/sign-in/", right, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_shared_pictures_are_sent_so_often_to_one_address(
    counting: Settings, api: Api, chart: Chart, drawn: RenderJob, client: Client
) -> None:
    counting.FIGPRESS_RATE_SHARED = 2
    path = urlsplit(api.post(f"/charts/{chart.pk}/links", {}).body["url"]).path
    first = client.get(path)
    assert first.status_code == 200

    # A page that embeds it and has it: cheap, and free of the other count until there are ten times as many.
    for _ in range(18):
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(path).status_code == 200
    refused = client.get(path)
    assert (refused.status_code, refused["Retry-After"], refused["Cache-Control"]) == (429, "60", "no-store")
    assert refused["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(refused.content)).size == (800, 500)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 429

    # A header that anybody can write is no elsewhere; behind the operator's proxy it is.
    elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get(path, headers=elsewhere).status_code == 429
    counting.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get(path, headers=elsewhere).status_code == 200


def test_of_ipv6_a_customer_is_one_address(counting: Settings, client: Client, db: None) -> None:
    counting.FIGPRESS_RATE_SHARED = 1
    path = f"/s/figs_{'x' * 43}.svg"

    def status(address: str) -> int:
        return client.get(path, REMOTE_ADDR=address).status_code

    assert status("2001:db8:1:2::1") == 404, "what there is not counts, too"
    answer = client.get(path, REMOTE_ADDR="2001:db8:1:2:ffff::9")
    assert (answer.status_code, b"Asked for too often" in answer.content) == (429, True)
    assert status("2001:db8:1:3::1") == 404
    assert [status("::ffff:192.0.2.8"), status("::ffff:192.0.2.9"), status("192.0.2.9")] == [404, 404, 429]


def test_guessing_is_counted_without_redis_and_by_networks(
    settings: Settings, client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FIGPRESS_RATE_SIGN_IN = 2
    monkeypatch.setattr(rates, "clock", lambda: 1_800_000_000.0)
    rates.forget()

    def tries(addresses: Iterable[str], name: str = "ada") -> list[int]:
        fields = {"username": name, "password": "no"}
        return [client.post("/sign-in/", fields, REMOTE_ADDR=address).status_code for address in addresses]

    assert tries(["192.0.2.1"] * 3) == [200, 200, 429]
    assert tries(f"2001:db8:1:2::{number:x}" for number in range(3)) == [200, 200, 429], "they are one person's"
    assert tries(["2001:db8:1:3::1", "192.0.2.2", "a socket"]) == [200, 200, 200]
    monkeypatch.setattr(rates, "MOST_HERE", 50)
    assert tries((f"198.51.100.{number}" for number in range(30)), "grace") == [200] * 30
    assert len(rates._here) == 50
    rates.forget()


def test_many_accounts_from_one_address(counting: Settings, client: Client, db: None) -> None:
    counting.FIGPRESS_RATE_SIGN_IN = 1
    statuses = [
        client.post("/sign-in/", {"username": f"user{number}", "password": "no"}).status_code for number in range(6)
    ]
    assert statuses == [200] * 5 + [429]
