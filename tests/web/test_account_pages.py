"""A person's own pages: the password, the usage, the zone of times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from renderer import rates
from renderer.jobs import charts, schedules, workspaces
from renderer.models import ApiToken, Chart, RenderJob
from renderer.models.job import Trigger
from renderer.models.membership import Role
from renderer.recipe import Recipe
from tests.web.conftest import PASSWORD

NEW = "a much better battery"


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str = "") -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password"), fields, follow=True)


def test_a_new_password_ends_the_other_sessions(signed_in: Client, ada: User) -> None:
    elsewhere, (_, secret) = Client(), ApiToken.issue(ada, "robot")
    elsewhere.force_login(ada)
    assert "Your password is changed." in change(signed_in).content.decode()
    assert signed_in.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert Client().get("/api/v1/charts", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert Client().login(username="ada", password=NEW)
    assert not Client().login(username="ada", password=PASSWORD)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong"}, "That is not the password that you have now."),
        ({"again": "another one"}, "The two are not the same."),
        ({"new": "short"}, "too short"),
        ({"new": "password1234"}, "too common"),
    ],
)
def test_what_is_no_new_password(signed_in: Client, ada: User, fields: dict[str, str], sentence: str) -> None:
    answer = change(signed_in, **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Client().login(username="ada", password=PASSWORD)


def test_an_open_browser_is_no_way_to_guess(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderer.web.passwords.spend", lambda request, name: 130)
    answer = change(signed_in)
    assert (answer.status_code, answer["Retry-After"]) == (429, "130")
    assert "Too many tries. Wait 3 minutes" in answer.content.decode()
    assert Client().login(username="ada", password=PASSWORD)


def test_who_has_no_password_has_none_to_change(signed_in: Client, ada: User) -> None:
    ada.set_unusable_password()
    ada.save()
    signed_in.force_login(ada)
    page = signed_in.get(reverse("password")).content.decode()
    assert "there is none to change" in page
    assert '<form method="post" class="panel' not in page


@contextmanager
def counted(queries: list[int]) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    queries.append(len(captured))


def test_usage_says_what_there_is(
    signed_in: Client, drawn: Chart, ada: User, eve: User, spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    schedules.create(ada, drawn, cron="0 7 * * *")
    ApiToken.issue(ada, "robot")
    queries: list[int] = []
    signed_in.get(reverse("usage"))
    with counted(queries):
        signed_in.get(reverse("usage"))
    for number in range(3):
        charts.render(charts.create(ada, Recipe.from_spec({**spec, "title": str(number)}))[0], trigger=Trigger.WEB)
        charts.render(charts.create(eve, Recipe.from_spec({**spec, "title": str(number)}))[0], trigger=Trigger.WEB)
        ApiToken.issue(ada, str(number))
    RenderJob.objects.filter(owner=ada, status="queued").update(queue="interactive")
    rate = rates.Rate("owner", 24_000)
    monkeypatch.setattr(rates, "look", lambda *wanted: [rates.Count(rate, 1_234, 30)])
    with counted(queries):
        answer = signed_in.get(reverse("usage"))
    page = " ".join(answer.content.decode().split())
    assert queries[0] == queries[1]
    assert "3 of 100,000 jobs" in page
    assert "1,234 of 24,000 requests" in page
    assert "0 of 1,000 datasets" in page
    assert "robot" in page
    assert answer.context["usage"].charts == 4
    assert answer.context["usage"].picture_bytes > 1000
    assert (answer.context["today"], answer.context["month"]) == (4, 4)


def test_usage_of_a_workspace_is_the_workspaces(client: Client, ada: User, eve: User, drawn: Chart) -> None:
    workspace = workspaces.create(ada, "Sales")
    ApiToken.issue(workspace.account, "robot")
    workspaces.add(workspace, "eve", Role.VIEWER)
    client.force_login(eve)
    client.post(reverse("choose-workspace"), {"workspace": str(workspace.pk)})
    answer = client.get(reverse("usage"))
    assert answer.context["usage"].charts == answer.context["month"] == 0
    assert "robot" not in answer.content.decode()


def test_times_are_written_in_the_readers_zone(
    signed_in: Client, job: RenderJob, ended: Callable[..., RenderJob]
) -> None:
    at = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    RenderJob.objects.filter(pk=job.pk).update(created_at=at)
    page = reverse("job", args=[job.pk])
    assert "1 Mar 2026, 22:30 UTC" in signed_in.get(page).content.decode()
    signed_in.cookies["figpress_zone"] = "Asia%2FTokyo"
    here = signed_in.get(page).content.decode()
    assert "07:30:00</time>" in here
    assert "UTC" not in here
    for nonsense in ("Mars/Olympus", "../../etc/passwd", "%00", "localtime"):
        signed_in.cookies["figpress_zone"] = nonsense
        assert "1 Mar 2026, 22:30 UTC" in signed_in.get(page).content.decode(), nonsense


def test_a_schedule_is_first_asked_for_in_the_readers_zone(signed_in: Client, chart: Chart) -> None:
    signed_in.cookies["figpress_zone"] = "Europe%2FBerlin"
    page = signed_in.get(reverse("chart", args=[chart.pk])).content.decode()
    assert 'value="Europe/Berlin"' in page
