"""What people with bad intentions send, by the names of the cases in the abuse corpus: refused, and nothing is made."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from renderer.api import bodies
from renderer.models import ApiToken, Chart, RenderJob

DEEP = 100_000
BODIES: dict[str, bytes] = {
    "json-001 duplicate key": b'{"spec": {"kind": "bar", "kind": "line"}}',
    "json-003 Infinity": b'{"spec": {"data": [Infinity, -Infinity]}}',
    "json-007 4,300 digits": b'{"spec": {"width": ' + b"9" * 4300 + b"}}",
    "json-009 100,000 deep": b"[" * DEEP + b"]" * DEEP,
    "json-009 100,000 deep inside": b'{"spec": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "json-013 too many keys": json.dumps({f"k{number}": 0 for number in range(100_000)}).encode(),
    "json-015 mass assignment": b'{"title": "x", "owner": 1, "status": "done", "id": "1", "file": "/etc/passwd"}',
    "json-017 list": b"[]",
    "json-017 text": b'"x"',
    "json-017 number": b"1",
    "json-017 null": b"null",
    "json-017 true": b"true",
    "json-019 trailing garbage": b"{} x",
    "json-021 UTF-16": '{"spec": {}}'.encode("utf-16"),
    "json-023 overlong NUL": b'{"name": "a\xc0\x80b"}',
    "json-025 NUL": b'{"name": "a\\u0000b", "spec": {}}',
    "json-031 number as text": b'{"spec": {"kind": "bar", "image": {"width": "800"}}}',
    "json-033 underscored": b'{"spec": {"kind": "bar", "image": {"width": "1_000"}}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bodies(api: Any, body: bytes) -> None:
    for path in ("/charts", "/batches", "/spec/check"):
        answer = api.post(path, body)
        if path == "/spec/check" and answer.status == 200:
            assert answer.body["ok"] is False
            continue
        assert answer.status in (400, 422), (path, answer.content[:200])
        assert answer.body["code"] in ("invalid", "bad_request")
        assert answer.body["errors"], path
        assert len(answer.content) < 100_000, "what was sent is not sent back"
        assert b"9999999999" not in answer.content
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()


def test_bodies_that_are_not_read(api: Any) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    assert api.post("/charts", bomb, Content_Encoding="gzip").status == 415  # json-027
    large = api.post("/charts", b'{"spec": {}}'.ljust(bodies.MAX_BYTES + 1))  # json-029
    assert (large.status, f"{bodies.MAX_BYTES:,}" in large.body["detail"]) == (413, True)


def test_errors_are_json_for_everybody(api: Any) -> None:
    answer = api.get("/nothing", Accept="text/html,application/xml;q=0.9")  # json-035
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "form", ["1", "0", "-1", "1e3", "%D9%A1", "%31", "00000000-0000-0000-0000-000000000000", "{}%20", "{}/", "{}%00"]
)
def test_ids_have_one_form(api: Any, chart: Chart, form: str) -> None:  # authz-006
    assert api.get("/charts/" + form.format(chart.pk)).status == 404
    assert api.get(f"/charts/{str(chart.pk).upper()}").status == 404


@pytest.mark.parametrize(
    "query",
    ["page=1000000000000000000000000000000", "page_size=1000000000", "offset=-1", "limit=1000000000"],
)
def test_pages_have_no_numbers(api: Any, query: str) -> None:  # authz-008
    for path in ("/charts", "/jobs", "/schedules", "/batches"):
        assert api.get(f"{path}?{query}").status == 422, path


def test_a_token_in_the_address_is_none(nobody: Any, ada: User) -> None:  # token-001
    _, secret = ApiToken.issue(ada, "hers")
    for name in ("api_key", "token", "access_token", "Authorization"):
        assert nobody.get(f"/charts?{name}={secret}").status == 401


def test_tokens_that_open_nothing_look_the_same(nobody: Any, expired: Any, ada: User) -> None:  # token-003
    token, secret = ApiToken.issue(ada, "hers")
    token.delete()
    answers = [
        nobody.get("/charts", Authorization=f"Bearer {sent}") for sent in (secret, secret[:9], "figp_" + "x" * 43)
    ]
    answers.append(expired.get("/charts"))
    said = [{name: value for name, value in answer.body.items() if name != "request_id"} for answer in answers]
    assert [answer.status for answer in answers] == [401] * 4
    assert all(other == said[0] for other in said)


def test_a_list_of_tokens_tells_no_secret(browser: Any, ada: User) -> None:  # token-005
    secret = browser.post("/tokens", {"name": "new"}).body["secret"]
    listed = browser.get("/tokens")
    assert secret not in listed.content.decode()
    assert {"name", "hint", "scopes", "last_used_at", "expires_at"} <= listed.body["items"][0].keys()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
def test_another_site_changes_nothing(browser: Any, chart: Chart, kind: str) -> None:  # csrf-001
    for method, path in (("POST", "/charts"), ("PATCH", f"/charts/{chart.pk}"), ("DELETE", f"/charts/{chart.pk}")):
        response = browser.client.generic(
            method, f"/api/v1{path}", b'{"name": "x"}', content_type=kind, headers={"Origin": "https://evil.example"}
        )
        assert response.status_code in (403, 415), (method, response.content)
    assert Chart.objects.get().name == "Fruit"


def test_another_host_is_not_believed(api: Any, spec: dict[str, Any]) -> None:  # csrf-003
    assert api.get("/charts", Host="evil.example").status == 400
    made = api.post("/charts", {"spec": spec}, X_Forwarded_Host="evil.example")
    assert made.status == 202
    assert b"evil.example" not in made.content
    assert "evil.example" not in made.headers["Location"]
