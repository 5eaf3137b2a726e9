"""Charts that name their data, over HTTP: what is refused at once, where it waits, what came of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from pytest_django import Settings

from renderer import dataset, registry
from renderer.jobs import executor
from renderer.jobs.executor import RenderFailed
from renderer.models import Chart, RenderJob
from tests.web_servers import Server, answer

BAR = {"kind": "bar", "x": "day", "y": "sold"}
HOSTILE = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://224.0.0.1/",
    "http://168.63.129.16/",
    "http://localhost:6379/",
    "file:///etc/passwd",
    "http://a.com\\@127.0.0.1/",
    "http://host:22/",
    "http://①②⑦.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://user:password@example.org/",
    "gopher://example.org/",
    "//example.org/",
    "x" * 2001,
    "",
]


@pytest.fixture(autouse=True)
def orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """One dataset function."""
    monkeypatch.setattr(registry, "_datasets", {})

    @dataset("test.orders")
    def orders(owner: User, *, store_id: int, broken: bool = False) -> list[dict[str, object]]:
        """Orders of a store."""
        if broken:
            raise ValueError("secret")
        return [{"day": "Mon", "sold": store_id, "who": owner.username}]


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> None:
    """A database that those who may write SQL may read."""
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE sales (day TEXT, sold REAL)")
        connection.execute("INSERT INTO sales VALUES ('Mon', 3), ('Tue', 5)")
    settings.FIGPRESS_DATABASES = {"shop": f"sqlite:///{tmp_path}/shop.sqlite3"}


@pytest.fixture
def may_write_sql(ada: User) -> None:
    ada.user_permissions.add(Permission.objects.get(codename="write_sql"))


def errors(api: Any, data: dict[str, Any], path: str = "/charts") -> dict[str, str]:
    """The pointers and messages of a refusal, after which there is nothing."""
    answer = api.post(path, {"spec": BAR | {"data": data}})
    assert answer.status == 422
    assert not RenderJob.objects.exists()
    assert not Chart.objects.exists()
    return {error["pointer"]: error["message"] for error in answer.body["errors"]}


def draw(api: Any, data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Ask for a chart of it, and draw that. The job at its end, and the queue that it waited in."""
    asked = api.post("/charts", {"spec": BAR | {"data": data}})
    assert asked.status == 202, asked.body
    job_id = UUID(asked.body["job"]["id"])
    queue = RenderJob.objects.get(pk=job_id).queue
    with suppress(RenderFailed):
        executor.execute(job_id, worker="w@host#1", task_id="task-1")
    return api.get(asked.headers["Location"]).body, queue


@pytest.mark.parametrize("url", HOSTILE)
def test_urls_that_lead_inside_are_refused_at_once(api: Any, url: str) -> None:
    found = errors(api, {"url": url})
    assert list(found) == ["/spec/data/url"]
    assert url[:60] not in found["/spec/data/url"] or not url


def test_nothing_is_resolved_while_somebody_waits(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    asked = api.post("/charts", {"spec": BAR | {"data": {"url": "https://example.org/sales.csv?token=secret"}}})
    assert asked.status == 202
    job = RenderJob.objects.get()
    assert (job.queue, job.pure) == ("fetch", False)


def test_every_source_is_checked_where_it_stands(api: Any, may_write_sql: None, shop: None) -> None:
    spec = {
        "data": {"url": "http://127.0.0.1/"},
        "layers": [
            {"kind": "bar", "x": "day", "y": "sold"},
            {"kind": "line", "x": "day", "y": "sold", "data": {"dataset": "test.order", "params": {}}},
            {"kind": "line", "x": "day", "y": "sold", "data": {"database": "shopp", "query": "SELECT 1"}},
        ],
    }
    answer = api.post("/charts", {"spec": spec})
    assert [error["pointer"] for error in answer.body["errors"]] == [
        "/spec/data/url", "/spec/layers/1/data/dataset", "/spec/layers/2/data/database",
    ]  # fmt: skip
    assert answer.body["errors"][2]["message"].endswith("; did you mean 'shop'?")


def test_a_url_is_drawn(api: Any, settings: Settings) -> None:
    with Server(answer(b"day,sold\nMon,3\nTue,5\n", Content_Type="text/csv")) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        job, queue = draw(api, {"url": f"{server.url}/sales.csv"})
        assert (job["status"], queue, len(server.requests)) == ("succeeded", "fetch", 1)
    picture = api.get(job["links"]["chart"]).body["picture"]
    assert "Mon" in picture["alt"]


def test_a_url_of_something_else_fails_with_the_reason(api: Any, settings: Settings) -> None:
    with Server(answer(b"<html>secret banner</html>", Content_Type="text/html")) as server:
        settings.FIGPRESS_FETCH_INTERNAL = [f"127.0.0.1:{server.port}"]
        job, _ = draw(api, {"url": f"{server.url}/sales.csv?token=hush"})
    assert (job["status"], job["reason"]) == ("failed", "data_error")
    assert "by its content type" in job["message"]
    assert "secret" not in job["message"]
    assert "hush" not in job["message"]


def test_a_database_is_read_by_those_who_may(api: Any, may_write_sql: None, shop: None) -> None:
    query = "SELECT day, sold FROM sales WHERE sold > :least"
    job, queue = draw(api, {"database": "shop", "query": query, "params": {"least": 4}})
    assert (job["status"], queue) == ("succeeded", "fetch")
    assert "Tue" in api.get(job["links"]["chart"]).body["picture"]["alt"]


def test_a_database_is_not_read_by_others(api: Any, ada: User, shop: None) -> None:
    assert list(errors(api, {"database": "shop", "query": "SELECT 1"})) == ["/spec/data/database"]


def test_rights_are_asked_for_again_when_it_is_drawn(api: Any, ada: User, may_write_sql: None, shop: None) -> None:
    asked = api.post("/charts", {"spec": BAR | {"data": {"database": "shop", "query": "SELECT day, sold FROM sales"}}})
    ada.user_permissions.clear()
    with pytest.raises(RenderFailed):
        executor.execute(UUID(asked.body["job"]["id"]), worker="w@host#1", task_id="task-1")
    job = api.get(asked.headers["Location"]).body
    assert (job["status"], job["reason"]) == ("failed", "data_error")
    assert "you may not write SQL" in job["message"]


def test_parameters_of_databases_are_located(api: Any, may_write_sql: None, shop: None) -> None:
    found = errors(api, {"database": "shop", "query": "SELECT :a", "params": {"a": []}})
    assert list(found) == ["/spec/data/params/a"]


def test_a_dataset_function_is_called_for_the_owner(api: Any) -> None:
    said = {"/spec/data/params/store_id": "'store_id' is required by test.orders"}
    assert errors(api, {"dataset": "test.orders"}) == said
    job, queue = draw(api, {"dataset": "test.orders", "params": {"store_id": 3}})
    assert (job["status"], queue) == ("succeeded", "interactive")


def test_a_dataset_function_that_breaks_fails_the_job(api: Any) -> None:
    job, _ = draw(api, {"dataset": "test.orders", "params": {"store_id": 3, "broken": True}})
    assert (job["status"], job["reason"]) == ("failed", "data_error")
    assert job["message"] == "The dataset function test.orders raised ValueError."


def test_dataset_functions_are_listed_beside_the_figures(api: Any) -> None:
    listed = api.get("/figures").body["datasets"]
    assert [(one["name"], one["title"], one["description"]) for one in listed] == [
        ("test.orders", "Orders", "Orders of a store.")
    ]
    assert listed[0]["parameters"]["required"] == ["store_id"]


def test_a_dry_run_checks_names_and_reads_nothing(api: Any) -> None:
    good = api.post("/spec/check", {"spec": BAR | {"data": {"url": "https://example.org/a.csv"}}}).body
    assert (good["ok"], good["cost"]) == (True, None)
    bad = api.post("/spec/check", {"spec": BAR | {"data": {"url": "http://10.0.0.1/a.csv"}}}).body
    assert (bad["ok"], bad["errors"][0]["pointer"]) == (False, "/spec/data/url")


def test_a_chart_that_fetches_no_more_waits_with_the_others(api: Any) -> None:
    asked = api.post("/charts", {"spec": BAR | {"data": {"url": "https://example.org/a.csv"}}, "name": "A"})
    chart = asked.body["chart"]["id"]
    api.post(f"/jobs/{asked.body['job']['id']}/cancel")
    api.patch(f"/charts/{chart}", {"spec": BAR | {"data": {"columns": {"day": ["Mon"], "sold": [1]}}}})
    api.post(f"/jobs/{RenderJob.objects.first().pk}/cancel")  # type: ignore[union-attr]  # it was just made
    api.post(f"/jobs/{asked.body['job']['id']}/retry")
    assert [job.queue for job in RenderJob.objects.order_by("id")] == ["fetch", "interactive", "interactive"]
