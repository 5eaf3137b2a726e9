"""The short way of a request answers what the long way does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import resolve

from project.short import ShortHandler, short_match
from renderer.models import ApiToken, RenderJob

SPEC = {"kind": "bar", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture
def handler() -> ShortHandler:
    handler = ShortHandler()
    handler.load_middleware(is_async=False)
    return handler


def request(method: str, path: str, body: object = None, **headers: str) -> Any:
    data = "" if body is None else json.dumps(body)
    factory = RequestFactory(SERVER_NAME="localhost")
    return factory.generic(method, path, data, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_an_ask_and_a_poll(handler: ShortHandler) -> None:
    secret = ApiToken.issue(User.objects.create_user("ada"), "test")[1]
    signed: Any = {"Authorization": f"Bearer {secret}"}

    asked: Any = handler.get_response(request("POST", "/api/v1/charts", {"spec": SPEC}, **signed))

    assert asked.status_code == 202, asked.content
    assert json.loads(asked.content)["job"]["id"] == str(RenderJob.objects.get().pk)
    polled: Any = handler.get_response(request("GET", asked["Location"], **signed))
    assert json.loads(polled.content)["status"] == "queued"
    same = handler.get_response(request("GET", asked["Location"], **signed, **{"If-None-Match": polled["ETag"]}))
    assert same.status_code == 304
    wrong = handler.get_response(request("POST", "/api/v1/charts", {"spec": {"kind": "bra"}}, **signed))
    assert (wrong.status_code, wrong["Content-Type"]) == (422, "application/problem+json")
    for nobody in ({}, {"Authorization": "Bearer figp_wrong"}):
        assert handler.get_response(request("GET", asked["Location"], **nobody)).status_code == 401
    User.objects.create_user("bob")
    foreign: Any = {"Authorization": f"Bearer {ApiToken.issue(User.objects.get(username='bob'), 'test')[1]}"}
    assert handler.get_response(request("GET", asked["Location"], **foreign)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "headers", "short"),
    [
        ("GET", "/api/v1/jobs/01a22506-9517-730e-bbda-ad42b60e4170", {}, True),
        ("GET", "/api/v1/jobs/01a22506-9517-730e-bbda-ad42b60e4170", {"Prefer": "wait=5"}, False),
        ("POST", "/api/v1/charts", {}, True),
        ("GET", "/api/v1/charts", {}, False),
        ("GET", "/api/v1/jobs", {}, False),
        ("GET", "/", {}, False),
        ("GET", "/api/v1/jobs/no-such-path/at/all", {}, False),
    ],
)
def test_what_is_short(method: str, path: str, headers: dict[str, str], short: bool) -> None:
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    for root in ("", "/below"):
        scope = {"method": method, "path": root + path, "root_path": root, "headers": named}
        assert (short_match(scope) is not None) is short
    assert not short or resolve(path).func.short  # type: ignore[attr-defined]  # an attribute that our views have
