"""Scopes: what a token may, and what it is told where it may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from renderer.models import ApiToken, Chart
from tests.api.conftest import Api


def with_scopes(user: User, *scopes: str) -> Api:
    _, secret = ApiToken.issue(user, " ".join(scopes), scopes=scopes)
    return Api(Client(), {"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", {"GET", "CHECK"}), ("render", {"POST", "PATCH"}), ("admin", {"DELETE"})]
)
def test_each_scope_opens_its_own_door(
    ada: User, chart: Chart, spec: dict[str, Any], scope: str, allowed: set[str]
) -> None:
    program = with_scopes(ada, scope)
    asks: dict[str, tuple[str, str, object]] = {
        "GET": ("GET", "/charts", None),
        "CHECK": ("POST", "/spec/check", {"spec": spec}),
        "POST": ("POST", "/charts", {"spec": spec}),
        "PATCH": ("PATCH", f"/charts/{chart.pk}", {"name": "Other"}),
        "DELETE": ("DELETE", f"/charts/{chart.pk}", None),
    }
    for name, (method, path, body) in asks.items():
        answer = program(method, path, body)
        if name in allowed:
            assert answer.status < 300, (name, answer.content)
            continue
        assert (answer.status, answer.body["code"]) == (403, "insufficient_scope"), name
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_scope"' in challenge
        assert f'scope="{ {"GET": "read", "CHECK": "read", "DELETE": "admin"}.get(name, "render") }"' in challenge


def test_a_missing_scope_does_not_tell_what_is_there(bob: User, chart: Chart) -> None:
    program = with_scopes(bob, "read")
    foreign = program.delete(f"/charts/{chart.pk}")
    missing = program.delete("/charts/01890000-0000-7000-8000-000000000000")
    assert (foreign.status, foreign.body["detail"]) == (missing.status, missing.body["detail"])


def test_scopes_are_chosen_when_a_token_is_made(browser: Any) -> None:
    usual = browser.post("/tokens", {"name": "usual"})
    reader = browser.post("/tokens", {"name": "reader", "scopes": ["read"]})
    assert usual.body["scopes"] == ["read", "render"]
    assert reader.body["scopes"] == ["read"]
    assert {token["name"]: token["scopes"] for token in browser.get("/tokens").body["items"]} == {
        "usual": ["read", "render"],
        "reader": ["read"],
    }
    for wrong in ([], ["all"], "read"):
        refused = browser.post("/tokens", {"name": "x", "scopes": wrong})
        assert (refused.status, refused.body["errors"][0]["pointer"].split("/")[1]) == (422, "scopes")
