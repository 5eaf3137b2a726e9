"""Figures, schedules and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from renderer.models import ApiToken, Chart, RenderJob, Schedule
from renderer.models.job import Trigger


def test_figures_tell_what_they_take(api: Any) -> None:
    [figure] = api.get("/figures").body["items"]

    assert (figure["name"], figure["title"], figure["description"]) == ("test.sales", "Sales", "Sales of a year.")
    assert figure["parameters"]["properties"]["year"]["type"] == "integer"
    assert figure["parameters"]["required"] == ["year"]
    assert api.get(figure["links"]["self"]).body == figure
    assert api.get("/figures/test.none").status == 404


def test_a_figure_is_drawn_by_its_name(api: Any) -> None:
    answer = api.post("/figures/test.sales/render", {"params": {"year": 2026}, "name": "Sales"})

    assert answer.status == 202
    assert Chart.objects.get().params == {"year": 2026, "region": "EU"}
    assert api.post("/figures/test.none/render", {}).status == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (None, ["/params/year"]),
        ({"params": {"year": "x", "yaer": 1}, "nmae": ""}, ["/nmae", "/params/year", "/params/yaer"]),
        ({"params": 7}, ["/params"]),
        ({"figure": "test.sales"}, ["/figure", "/params/year"]),
    ],
)
def test_wrong_parameters_of_a_figure_are_named(api: Any, body: object, pointers: list[str]) -> None:
    answer = api.post("/figures/test.sales/render", body)

    assert answer.status == 422
    assert sorted(e["pointer"] for e in answer.body["errors"]) == sorted(pointers)
    assert not Chart.objects.exists()


def test_a_schedule_from_its_making_to_its_end(api: Any, chart: Chart) -> None:
    made = api.post("/schedules", {"chart": str(chart.pk), "cron": "30 6 * * 1-5", "timezone": "Europe/Berlin"})

    assert made.status == 201
    path = made.headers["Location"]
    assert made.body["links"]["self"] == path
    assert (made.body["missed_runs"], made.body["is_active"], len(made.body["next_runs"])) == ("once", True, 5)
    assert [item["id"] for item in api.get("/schedules").body["items"]] == [made.body["id"]]

    paused = api.patch(path, {"is_active": False})
    assert (paused.status, paused.body["is_active"], paused.body["next_runs"]) == (200, False, [])
    going = api.patch(path, {"is_active": True, "cron": "0 0 * * *", "missed_runs": "skip"})
    assert (going.body["cron"], going.body["missed_runs"], len(going.body["next_runs"])) == ("0 0 * * *", "skip", 5)
    assert Schedule.objects.get().next_due_at is not None

    run = api.post(made.body["links"]["run"])
    assert run.status == 202
    assert RenderJob.objects.get().trigger == Trigger.API

    assert api.delete(path).status == 204
    assert api.get(path).status == 404
    assert Chart.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"cron": "* * *"}, "/cron", "five fields"),
        ({"cron": "99 * * * *"}, "/cron", "no cron line"),
        ({"timezone": "Europe/Berlni"}, "/timezone", "did you mean 'Europe/Berlin'"),
        ({"timezone": "../../etc/passwd"}, "/timezone", "no time zone"),
        ({"chart": "x"}, "/chart", "must be an id"),
        ({"chart": "00000000-0000-7000-8000-000000000000"}, "/chart", "no chart of yours"),
        ({"missed_runs": "some"}, "/missed_runs", "must be 'skip', 'once' or 'all'"),
        ({"every": 1}, "/every", "unknown field"),
    ],
)
def test_wrong_schedules_are_named(api: Any, chart: Chart, change: Any, pointer: str, message: str) -> None:
    answer = api.post("/schedules", {"chart": str(chart.pk), "cron": "0 * * * *"} | change)

    assert answer.status == 422
    assert [(e["pointer"], message in e["message"]) for e in answer.body["errors"]] == [(pointer, True)], answer.body
    assert not Schedule.objects.exists()


def test_a_wrong_change_of_a_schedule_changes_nothing(api: Any, chart: Chart) -> None:
    path = api.post("/schedules", {"chart": str(chart.pk), "cron": "0 * * * *"}).headers["Location"]

    assert api.patch(path, {"cron": "x", "is_active": False}).status == 422
    row = Schedule.objects.get()
    assert (row.cron, row.is_active) == ("0 * * * *", True)


def test_a_token_shows_its_secret_once_and_works(browser: Any, nobody: Any, ada: User) -> None:
    made = browser.post("/tokens", {"name": "CI"})

    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.body["secret"]
    assert secret.startswith("figp_")
    assert secret.startswith(made.body["hint"])
    assert nobody.get("/charts", Authorization=f"Bearer {secret}").status == 200
    listed = browser.get("/tokens")
    assert [item["name"] for item in listed.body["items"]] == ["CI"]
    assert secret not in listed.content.decode()
    assert ApiToken.objects.get().digest not in listed.content.decode()

    assert browser.delete(made.headers["Location"]).status == 204
    assert nobody.get("/charts", Authorization=f"Bearer {secret}").status == 401
    assert browser.delete(made.headers["Location"]).status == 404


def test_a_token_makes_no_tokens(api: Any) -> None:
    answer = api.post("/tokens", {"name": "more"})

    assert (answer.status, answer.body["code"]) == (403, "session_required")
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "/name", "'name' is required"),
        ({"name": "  "}, "/name", "must not be empty"),
        ({"name": "x" * 101}, "/name", "longer than 100"),
        ({"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at", "lies in the past"),
        ({"name": "x", "expires_at": "2050-01-01T00:00:00"}, "/expires_at", "with its zone"),
        ({"name": "x", "expires_at": "tomorrow"}, "/expires_at", "with its zone"),
        ({"name": "x", "expires_at": 4102444800}, "/expires_at", "with its zone"),
        ({"name": "x", "digest": "0"}, "/digest", "unknown field"),
    ],
)
def test_wrong_tokens_are_named(browser: Any, body: object, pointer: str, message: str) -> None:
    answer = browser.post("/tokens", body)

    assert answer.status == 422
    assert [(e["pointer"], message in e["message"]) for e in answer.body["errors"]] == [(pointer, True)], answer.body
    assert not ApiToken.objects.exists()


def test_a_token_may_end_by_itself(browser: Any) -> None:
    ends = timezone.now() + timedelta(days=1)

    made = browser.post("/tokens", {"name": "short", "expires_at": ends.isoformat()})
    assert made.status == 201
    assert ApiToken.objects.get().expires_at == ends
