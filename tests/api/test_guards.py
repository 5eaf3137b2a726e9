"""What stands around the API: conditions, other sites, compression, filters, and the list of what may go wrong."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone
from django.utils.http import urlencode
from pytest_django import Settings

from renderer.api.problems import KINDS
from renderer.jobs import charts
from renderer.models import Chart, RenderJob
from renderer.models.job import Trigger
from renderer.recipe import Recipe

SITE = "https://www.example.org"


# --- Conditions -------------------------------------------------------------------------------------------------------
def test_a_change_of_what_has_changed_meanwhile_is_refused(api: Any, chart: Chart) -> None:
    path = f"/charts/{chart.pk}"
    seen = api.get(path).headers["ETag"]

    assert api.patch(path, {"name": "Mine"}, If_Match=seen).status == 200
    for method, body in (("PATCH", {"name": "Yours"}), ("DELETE", None)):
        late = api(method, path, body, If_Match=seen)
        assert (late.status, late.body["code"]) == (412, "changed_meanwhile")
    assert Chart.objects.get().name == "Mine"

    now = api.get(path, Accept_Encoding="gzip").headers["ETag"]
    assert api.patch(path, {"name": "Ours"}, If_Match=f'"else", W/{now.removeprefix("W/")}').status == 200
    assert api.delete(path, If_Match="*").status == 204


def test_conditions_of_schedules(api: Any, chart: Chart) -> None:
    path = api.post("/schedules", {"chart": str(chart.pk), "cron": "0 7 * * *"}).headers["Location"]
    seen = api.get(path).headers["ETag"]
    assert api.patch(path, {"is_active": False}, If_Match=seen).status == 200
    assert api.delete(path, If_Match=seen).status == 412
    assert api.delete(path).status == 204


# --- Other sites ------------------------------------------------------------------------------------------------------
def asks_first(client: Any, origin: str) -> Any:
    return client("OPTIONS", "/charts", Origin=origin, Access_Control_Request_Method="POST")


def test_no_other_site_may_call(api: Any, nobody: Any) -> None:
    assert "Access-Control-Allow-Origin" not in api.get("/charts", Origin=SITE).headers
    assert asks_first(nobody, SITE).status == 405


def test_a_site_that_is_named_may(settings: Settings, api: Any, nobody: Any) -> None:
    settings.FIGPRESS_CORS_ORIGINS = [SITE]

    asked = asks_first(nobody, SITE)
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == SITE
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    answer = api.get("/charts", Origin=SITE)
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    refused = nobody.get("/charts", Origin=SITE)
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, SITE)
    for response in (asked, answer, refused):
        assert "Access-Control-Allow-Credentials" not in response.headers

    for other in (SITE + ".evil.example", "http://www.example.org", SITE.upper(), "null", "*", ""):
        assert "Access-Control-Allow-Origin" not in asks_first(nobody, other).headers, other
        assert "Access-Control-Allow-Origin" not in api.get("/charts", Origin=other).headers, other


# --- Compression ------------------------------------------------------------------------------------------------------
def test_long_answers_are_compressed(api: Any) -> None:
    plain = api.get("/problems")
    packed = api.get("/problems", Accept_Encoding="br, gzip;q=0.5")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == plain.body
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content)
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in api.get("/problems", Accept_Encoding="gzip;q=0, br").headers
    assert "Content-Encoding" not in api.get("/charts", Accept_Encoding="gzip").headers, "too short to be worth it"


def test_a_compressed_answer_is_known_again(api: Any) -> None:
    for _ in range(30):
        api.post("/figures/test.sales/render", {"params": {"year": 2000 + _}})
    etag = api.get("/charts", Accept_Encoding="gzip").headers["ETag"]
    assert etag.startswith("W/")
    assert api.get("/charts", Accept_Encoding="gzip", If_None_Match=etag).status == 304


def test_an_answer_with_a_secret_is_not_compressed(browser: Any) -> None:
    answer = browser.post("/tokens", {"name": "x" * 100}, Accept_Encoding="gzip", X_Request_ID="1")
    assert answer.status == 201
    assert "Content-Encoding" not in answer.headers


# --- Filters ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def several(ada: Any, bob: Any, spec: dict[str, Any], drawn: RenderJob) -> dict[str, Chart]:
    """Ada's charts by name: one with a picture, one without, one of a figure function; and one of Bob's."""
    made = {"Fruit": Chart.objects.get()}
    made["50% off"] = charts.create(ada, Recipe.from_spec({**spec, "title": "Other"}), name="50% off")[0]
    made["Sales"] = charts.create(ada, Recipe.from_figure("test.sales", {"year": 2026}), name="Sales")[0]
    charts.render(made["Sales"], trigger=Trigger.WEB)
    charts.create(bob, Recipe.from_spec(spec), name="Fruit")
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Sales", "50% off", "Fruit"]),
        ({"order": "oldest"}, ["Fruit", "50% off", "Sales"]),
        ({"name": "fruit"}, ["50% off", "Fruit"]),
        ({"name": "FRU", "drawn": "true"}, ["Fruit"]),
        ({"name": "50%"}, ["50% off"]),
        ({"name": "_"}, []),
        ({"name": "\x00"}, []),
        ({"figure": "test.sales"}, ["Sales"]),
        ({"figure": "test"}, []),
        ({"figure": "\x00"}, []),
        ({"drawn": "false"}, ["Sales", "50% off"]),
        ({"since": "2020-01-01T00:00:00Z"}, ["Sales", "50% off", "Fruit"]),
        ({"before": "2020-01-01T00:00:00Z"}, []),
    ],
)
def test_charts_are_filtered(api: Any, several: dict[str, Chart], query: dict[str, str], found: list[str]) -> None:
    several["50% off"].title = "Dried fruit"
    several["50% off"].save(update_fields=["title"])
    Chart.objects.filter(pk=several["Fruit"].pk).update(title="")
    answer = api.get(f"/charts?{urlencode(query)}")
    assert [chart["name"] for chart in answer.body["items"]] == found
    counted = {name: value for name, value in query.items() if name not in ("order", "drawn")}
    if "drawn" not in query:
        assert api.get(f"/charts/counts?{urlencode(counted)}").body["total"] == len(found)


def test_jobs_are_filtered_and_counted(api: Any, several: dict[str, Chart]) -> None:
    def statuses(query: str) -> list[str]:
        return [job["status"] for job in api.get(f"/jobs?{query}").body["items"]]

    assert statuses("") == ["queued", "succeeded"]
    assert statuses("order=oldest") == ["succeeded", "queued"]
    assert statuses("trigger=web") == ["queued"]
    assert statuses("status=queued&queue=interactive") == ["queued"]
    assert statuses("queue=bulk") == statuses("reason=timeout") == []
    soon = (timezone.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert statuses(f"since={soon}") == []
    assert len(statuses(f"before={soon}")) == 2

    counts = api.get("/jobs/counts").body
    assert (counts["total"], counts["queued"], counts["succeeded"], counts["failed"]) == (2, 1, 1, 0)
    assert api.get(f"/jobs/counts?chart={several['Sales'].pk}").body["total"] == 1
    assert api.get("/charts/counts").body == {"total": 3, "drawn": 1, "specs": 2, "figures": 1}


def test_pages_go_on_from_the_oldest(api: Any, several: dict[str, Chart]) -> None:
    names, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"/charts?order=oldest&limit=1&cursor={cursor}")
        names += [chart["name"] for chart in answer.body["items"]]
        cursor = answer.body["next_cursor"]
    assert names == ["Fruit", "50% off", "Sales"]


@pytest.mark.parametrize(
    "query",
    [
        "/charts?order=owner__password",
        "/charts?since=yesterday",
        "/charts?since=2026-01-01T00:00:00",
        "/charts?name=" + "x" * 201,
        "/jobs?status=done",
        "/jobs?queue=x",
        "/jobs?trigger=x",
        "/jobs?reason=x",
        "/jobs/counts?queue=x",
        "/charts?owner=2",
        "/charts?user__password__startswith=p",
        "/charts?_connector=OR",
        "/charts?page=1000000000000000000000000000000",
        "/jobs/counts?status=queued",
        "/tokens?page_size=2",
    ],
)
def test_no_other_filters(api: Any, browser: Any, several: dict[str, Chart], query: str) -> None:
    answer = (browser if "tokens" in query else api).get(query)
    assert (answer.status, answer.body["code"], answer.body["errors"][0]["in"]) == (422, "invalid", "query")


# --- What may go wrong ------------------------------------------------------------------------------------------------
def test_every_code_stands_in_the_documentation() -> None:
    text = (Path(project.BASE_DIR) / "docs" / "http.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| (.+) \|$", text, re.MULTILINE)
    assert {code: (int(status), meaning) for code, status, meaning in rows} == {
        code: (kind.status, kind.meaning) for code, kind in KINDS.items()
    }
