"""What a browser is told of every answer: what may run in it, who may show it, and who may keep it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from renderer.models import Chart
from renderer.web import gallery

PUBLIC = {"/sign-in/", "/llms.txt", "/api/v1/problems", "/api/v1/spec/schema.json", "/healthz"}
PRIVATE = {
    "/", "/account/", "/account/activity/", "/account/connect/", "/tokens/", "/webhooks/", "/datasets/", "/usage/",
    "/password/", "/api/v1/charts", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/nothing", "/admin/",
    "/admin/renderer/chart/", "/admin/auth/user/add/", "/metrics",
}  # fmt: skip


def is_strict(policy: str) -> bool:
    """Whether nothing runs but files of this site."""
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    scripts = rules.get("script-src", rules.get("default-src", ""))
    shown = "frame-ancestors 'none'" in policy
    return shown and scripts in ("'self'", "'none'") and rules["default-src"] == "'none'" and "unsafe" not in scripts


def answers(client: Client) -> dict[str, HttpResponse]:
    """All of them, and of what goes wrong: a missing page, a stale form, a foreign host."""
    found = {path: client.get(path) for path in PUBLIC | PRIVATE | {"/nothing/"}}
    found["a stale form"] = Client(enforce_csrf_checks=True).post("/sign-in/", {})
    found["a foreign host"] = client.get("/", headers={"Host": "evil.example"})
    found["a foreign host of the API"] = client.get("/api/v1/charts", headers={"Host": "evil.example"})
    return found  # type: ignore[return-value]  # the test client's responses


@pytest.mark.parametrize("who", ["nobody", "ada", "staff"])
def test_every_answer(client: Client, ada: User, staff: User, chart: Chart, figures: object, who: str) -> None:
    if who != "nobody":
        client.force_login({"ada": ada, "staff": staff}[who])
    found = answers(client)
    for path, response in found.items():
        if path == "/healthz":
            continue  # for the platform, in front of everything
        assert is_strict(response.get("Content-Security-Policy", "")), (path, response.headers)
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert response["Referrer-Policy"] in ("same-origin", "no-referrer"), path
        assert response["X-Request-ID"], path
        if path not in PUBLIC and response.status_code == 200:
            assert "no-store" in response["Cache-Control"] or response["Cache-Control"].startswith("private"), path
    # A person who is nobody sees none of it, and one who is no staff nothing of the admin or the metrics.
    status = {path: response.status_code for path, response in found.items()}
    assert all(status[path] == 200 for path in PUBLIC - {"/sign-in/"})
    assert status["a foreign host"] == status["a foreign host of the API"] == 400
    assert status["a stale form"] == 403
    assert status["/nothing/"] == 404
    for path in PRIVATE - {"/api/v1/nothing", "/account/connect/"}:
        for_staff = path.startswith("/admin/") or path == "/metrics"
        assert (status[path] == 200) == (who == "staff" or (who == "ada" and not for_staff)), (path, status[path])


def test_an_error_of_ours_says_nothing_but_where_it_is_in_the_log(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    client.force_login(ada)
    client.raise_request_exception = False
    monkeypatch.setattr(gallery, "render", broken)
    answer = client.get("/", headers={"X-Request-ID": "look-for-me"})
    assert answer.status_code == 500
    assert b"<code>look-for-me</code>" in answer.content
    assert b"hunter2" not in answer.content
    assert b"RuntimeError" not in answer.content
    assert is_strict(answer["Content-Security-Policy"])


def test_the_admin_has_no_form_for_passwords_of_its_own(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/admin/password_change/")["Location"] == reverse("password")
    assert client.post("/admin/password_change/", {"old_password": "guess"})["Location"] == reverse("password")
