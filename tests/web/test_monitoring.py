"""What probes and Prometheus are told, and what strangers are not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from renderer import metrics, readiness
from renderer.jobs import charts
from renderer.models import RenderJob
from renderer.recipe import Recipe

TOKEN = "a-token-for-prometheus"


@pytest.fixture(autouse=True)
def _ask_anew() -> None:
    """What another test has seen holds for nothing here."""
    readiness._good_until.clear()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a part of the installation fail in some way."""

    def breaks(part: str, how: Callable[[], None]) -> None:
        monkeypatch.setitem(readiness.PARTS, part, (how, readiness.PARTS[part][1]))

    return breaks


def test_alive_says_nothing_else(client: Client) -> None:
    answer = client.get("/healthz", headers={"Host": "10.0.0.7:8000"})  # a probe comes to an address; no database here
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_probes_are_answered_where_all_others_go_to_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 301


@pytest.mark.django_db(transaction=True)
def test_ready(client: Client, media: Path) -> None:
    answer = client.get("/readyz", headers={"Host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "missing": [],
        "parts": {"database": "ready", "migrations": "ready", "broker": "ready", "storage": "ready"},
    }
    assert list(media.rglob("*.*")) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_missing_is_named_without_its_secrets(
    client: Client, media: Path, broken: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise ConnectionError("redis://:hunter2@10.1.2.3 refused")

    broken("broker", away)
    media.parent.mkdir(exist_ok=True)
    media.write_text("no folder")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["missing"] == ["broker", "storage"]
    assert answer.json()["parts"]["storage"] == "takes no files"
    assert b"hunter2" not in answer.content
    assert b"10.1.2.3" not in answer.content
    assert "ready" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_is_not_applied(client: Client, media: Path) -> None:
    row = MigrationRecorder.Migration.objects.filter(app="renderer").latest("id")
    row.delete()
    try:
        assert client.get("/readyz").json()["parts"]["migrations"] == "1 migration is not applied"
    finally:
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_a_part_that_hangs_is_away_and_is_not_asked_again(
    client: Client, media: Path, broken: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    release, asked = threading.Event(), []

    def hangs() -> None:
        asked.append(1)
        release.wait(30)

    monkeypatch.setattr(readiness, "PATIENCE", 0.05)
    broken("storage", hangs)
    try:
        for _ in range(3):
            assert client.get("/readyz").json()["parts"]["storage"] == "does not answer in time"
        assert len(asked) == 1
    finally:
        release.set()
        readiness._asked["storage"].result(30)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("root", is_staff=True)


def test_metrics_are_not_for_everybody(client: Client, staff: User, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 403
    client.force_login(User.objects.create_user("ada"))
    assert client.get("/metrics").status_code == 403
    client.force_login(staff)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b"figpress_jobs_queued" in answer.content
    assert client.post("/metrics").status_code == 405


def test_metrics_by_token(client: Client, db: None, settings: Settings) -> None:
    sent = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=sent).status_code == 403, "there is no token, so none is right"
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403
    settings.FIGPRESS_METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers=sent).status_code == 200
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
    ],
)
def test_metrics_from_this_machine(
    client: Client, db: None, settings: Settings, address: str, headers: dict[str, str], status: int
) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == 403, "not unless it is said"
    settings.FIGPRESS_METRICS_LOOPBACK = True
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == status


def counted(text: bytes) -> dict[tuple[str, ...], float]:
    """Requests by method, route and status, and by process if there are several."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name == "figpress_http_requests_total"
    }


def test_requests_are_counted_by_route(client: Client, staff: User) -> None:
    client.force_login(staff)
    before = counted(client.get("/metrics").content)
    client.get("/charts/01a224f0-3381-755f-94bb-03a24d40e31e/")
    client.get("/charts/01a224f0-3381-755f-94bb-03a24d40e31f/")
    client.generic("BREW", "/nowhere")
    after = counted(client.get("/metrics").content)
    new = {labels: n - before.get(labels, 0) for labels, n in after.items() if n != before.get(labels, 0)}
    assert new[("GET", "charts/<uuid:pk>/", "404")] == 2
    assert new[("other", "none", "404")] == 1


def test_processes_that_share_a_folder_answer_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {**os.environ, metrics.DIRECTORY: str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    counts = (
        "import django; django.setup(); from renderer import metrics\n"
        "metrics.count_request('GET', 'charts/', 200, 0.01)\n"
        "print('counted', flush=True); input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", counts], env=env, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "counted\n"
        monkeypatch.setenv(metrics.DIRECTORY, str(tmp_path))
        found = {m.name: m for m in metrics.Requests().collect()}
        (sample,) = [s for s in found["figpress_http_requests"].samples if s.name.endswith("_total")]
        assert (sample.labels["process"], sample.value) == (str(other.pid), 1)
        other.communicate("\n", timeout=30)
    assert list(metrics.Requests().collect()) == [], "its counters went with it"
    assert list(tmp_path.iterdir()) == []


def test_a_page_says_its_request_and_hands_it_to_the_job(client: Client, db: None) -> None:
    ada = User.objects.create_user("ada")
    client.force_login(ada)
    answer = client.get("/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    assert client.get("/", headers={"X-Request-ID": "for\x1bged"}).headers["X-Request-ID"].isalnum()

    spec = {"kind": "bar", "data": {"columns": {"x": ["a"], "y": [1]}}, "x": "x", "y": "y"}
    chart, _ = charts.create(ada, Recipe.from_spec(spec))
    client.post(f"/charts/{chart.pk}/render/", headers={"X-Request-ID": "from-the-proxy-2"})
    assert RenderJob.objects.get().request_id == "from-the-proxy-2"
