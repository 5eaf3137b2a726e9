"""Problems: whatever goes wrong, the answer is one, and tells nothing of our insides."""

from __future__ import annotations

import gzip
import json
from typing import Any

import jsonschema_rs
import pytest
from django.db import OperationalError
from django.urls import URLPattern

from renderer.api import bodies
from renderer.api.problems import KINDS
from renderer.api.v1 import api as ninja_api
from renderer.jobs import progress
from renderer.models import Chart, RenderJob

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def is_problem(answer: Any, status: int, code: str) -> bool:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    assert answer.body.keys() >= MEMBERS
    assert answer.body["type"] == f"/api/v1/problems/{code}"
    assert answer.body["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"
    return bool((answer.status, answer.body["status"], answer.body["code"]) == (status, status, code))


def test_a_host_that_is_not_ours(nobody: Any) -> None:
    answer = nobody.get("/figures", Host="evil.example")

    assert is_problem(answer, 400, "bad_request")


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing", "/api/v1/charts/", "/api/v2/charts", "/api/"])
def test_a_path_that_is_none(api: Any, path: str) -> None:
    assert is_problem(api.get(path, Accept="text/html"), 404, "not_found")


def test_a_method_that_is_none(api: Any, chart: Chart) -> None:
    answer = api("PUT", f"/charts/{chart.pk}")

    assert is_problem(answer, 405, "method_not_allowed")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "PATCH", "DELETE"}


def test_an_encoded_body_is_not_inflated(api: Any) -> None:
    assert is_problem(api.post("/charts", b"\x1f\x8b", Content_Encoding="gzip"), 415, "encoded_body")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_is_not_said_to_be_json(api: Any, kind: str) -> None:
    response = api.client.post("/api/v1/charts", data=b'{"spec": {}}', content_type=kind, headers=api.headers)

    assert (response.status_code, response.json()["code"]) == (415, "not_json")


def test_a_body_that_says_it_is_too_large_is_not_read(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> bytes:
        raise AssertionError("the body was read")

    monkeypatch.setattr("django.core.handlers.wsgi.LimitedStream.read", read)
    answer = api.post("/charts", b" " * (bodies.MAX_BYTES + 1))

    assert is_problem(answer, 413, "body_too_large")
    assert "10,485,760 bytes" in answer.body["detail"]


def test_a_body_that_does_not_say_how_large_it_is(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BYTES", 10)
    monkeypatch.setattr(bodies, "_length", lambda request: 5)

    assert is_problem(api.post("/charts", {"spec": {"title": "long"}}), 413, "body_too_large")


@pytest.mark.parametrize(
    ("raw", "pointer", "message"),
    [
        (b"{", "", "is not JSON"),
        (b"{} x", "", "is not JSON"),
        (b"[]", "", "must be a JSON object, not a list"),
        (b'"x"', "", "must be a JSON object"),
        (b"\xff", "", "is not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "", "is not UTF-8"),
        (b'{"spec": {"kind": "bar", "kind": "line"}}', "/spec/kind", "given twice"),
        (b'{"spec": {"data": {"columns": {"y": [NaN]}}}}', "/spec/data/columns/y/0", "not JSON"),
        (b'{"spec": {"data": {"columns": {"y": [1e999]}}}}', "/spec/data/columns/y/0", "out of range"),
        (b'{"spec": {"title": "a\\u0000b"}}', "/spec/title", "U+0000"),
        (b"[" * 100_000, "", ""),
        (b'{"spec":' * 14 + b"1" + b"}" * 14, "/spec" * 13, "levels deep"),
    ],
)
def test_json_that_is_none(api: Any, raw: bytes, pointer: str, message: str) -> None:
    answer = api.post("/charts", raw)

    assert is_problem(answer, 422, "invalid")
    assert [e for e in answer.body["errors"] if e["pointer"] == pointer and message in e["message"]], answer.body
    assert not RenderJob.objects.exists()


@pytest.mark.parametrize("debug", [True, False])
def test_an_error_of_ours_tells_nothing(
    api: Any,
    queued: RenderJob,
    settings: Any,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("the secret ingredient")

    settings.DEBUG = debug
    monkeypatch.setattr(progress, "queue_position", broken)
    answer = api.get(f"/jobs/{queued.pk}", X_Request_ID="abc-1")

    assert is_problem(answer, 500, "internal_error")
    assert answer.body["request_id"] == "abc-1"
    assert b"secret" not in answer.content
    assert b"ZeroDivision" not in answer.content
    assert "request abc-1 failed" in caplog.text
    assert "the secret ingredient" in caplog.text


def test_a_database_that_does_not_answer(api: Any, queued: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> int:
        raise OperationalError("connection to server at 10.0.0.5 failed")

    monkeypatch.setattr(progress, "queue_position", away)
    answer = api.get(f"/jobs/{queued.pk}")

    assert is_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert b"10.0.0.5" not in answer.content


@pytest.mark.parametrize("sent", ["a b", "x" * 65, "a\x1b[31m", "ü", ""])
def test_a_request_id_that_is_not_safe_is_replaced(api: Any, sent: str) -> None:
    answer = api.get("/figures", X_Request_ID=sent)

    assert answer.headers["X-Request-ID"] != sent
    assert len(answer.headers["X-Request-ID"]) == 32


def test_every_code_has_a_page(nobody: Any) -> None:
    listed = nobody.get("/problems").body["items"]

    assert [item["code"] for item in listed] == list(KINDS)
    for item in listed:
        assert nobody.get(f"/problems/{item['code']}").body == item
    assert is_problem(nobody.get("/problems/none"), 404, "not_found")


def test_every_url_is_inside_the_boundary() -> None:
    patterns, _, _ = ninja_api.urls

    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        assert vars(pattern.callback)["__wrapped__"], pattern


def test_the_language_is_published_for_editors(nobody: Any) -> None:
    answer = nobody.get("/spec/schema.json")

    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("public")
    assert "properties" in answer.body or "$ref" in answer.body or "anyOf" in answer.body


def test_the_schema_says_where_it_is(nobody: Any) -> None:
    schema = nobody.get("/spec/schema.json").body

    assert schema["$id"] == "http://testserver/api/v1/spec/schema.json"
    jsonschema_rs.meta.validate(schema)


def test_the_schema_is_short_without_its_descriptions(nobody: Any) -> None:
    whole = nobody.get("/spec/schema.json").body
    bare = nobody.get("/spec/schema.json?descriptions=false").body
    jsonschema_rs.meta.validate(bare)
    assert _sent(bare) < 0.5 * _sent(whole)
    assert bare.keys() == whole.keys() - {"description"}
    assert bare["$defs"].keys() == whole["$defs"].keys()
    for name, part in whole["$defs"].items():
        assert bare["$defs"][name].get("properties", {}).keys() == part.get("properties", {}).keys()


def _sent(body: Any) -> int:
    return len(gzip.compress(json.dumps(body).encode()))


def test_every_kind_has_a_schema_of_its_own(nobody: Any, spec: dict[str, Any]) -> None:
    kinds = {kind["kind"]: kind for kind in nobody.get("/spec/kinds").body["items"]}

    assert len(kinds) > 40
    assert kinds["bar"]["required"] == ["x", "y"]
    assert kinds["bar"]["channels"] == ["x", "y", "color"]
    assert "split by colour" in kinds["bar"]["summary"]
    schema = nobody.get(kinds["bar"]["schema_url"]).body
    assert schema["$id"] == "http://testserver/api/v1/spec/kinds/bar.json"
    one = jsonschema_rs.Draft202012Validator(schema)
    assert one.is_valid(spec)
    assert not one.is_valid(spec | {"kind": "line"})


def test_a_kind_that_is_none_is_not_found(nobody: Any) -> None:
    assert is_problem(nobody.get("/spec/kinds/pie3d.json"), 404, "not_found")


def test_documentation_is_for_those_who_signed_in(nobody: Any, settings: Any) -> None:
    settings.LOGIN_URL = "/sign-in/"

    assert is_problem(nobody.get("/openapi.json"), 401, "unauthorized")
    sent_away = nobody.get("/docs", Accept="text/html")
    assert (sent_away.status, sent_away.headers["Location"]) == (302, "/sign-in/?next=/api/v1/docs")


def test_documentation_tells_all_and_comes_from_here(api: Any, browser: Any) -> None:
    schema = api.get("/openapi.json").body
    assert schema["openapi"].startswith("3.")
    post = schema["paths"]["/api/v1/charts"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"]["properties"].keys() >= {"spec", "figure"}
    assert post["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert "application/problem+json" in schema["components"]["responses"]["Problem"]["content"]
    names = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    json.dumps(schema, allow_nan=False)

    page = browser.get("/docs").content.decode()
    assert "//" not in page.replace("://", "").replace("/**", ""), "nothing is loaded from elsewhere"
    assert "swagger-ui-bundle" in page
