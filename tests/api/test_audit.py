"""The audit log: its owner's, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from renderer import audit
from renderer.models import ApiToken, AuditEntry
from renderer.models.audit import Action
from tests.api.conftest import Api


def test_it_tells_what_was_done_and_by_whom(api: Any) -> None:
    hook = api.post("/webhooks", {"url": "https://example.org/hook", "name": "Mail"}, X_Request_ID="one-of-mine")
    api.delete(f"/webhooks/{hook.body['id']}")

    deleted, made = api.get("/audit").body["items"]

    assert (made["action"], made["words"], made["request_id"]) == ("webhook.made", "Made a webhook", "one-of-mine")
    assert (deleted["action"], deleted["actor"], deleted["address"]) == ("webhook.deleted", "ada", "127.0.0.1")
    assert deleted["via"].startswith("token figp_")
    assert AuditEntry.objects.get(pk=made["id"]).at.isoformat().startswith(made["at"][:19])


def test_nobody_elses_line_is_in_it(api: Any, bobs_api: Any, ada: User, bob: User) -> None:
    for owner in (ada, bob, None):
        audit.note(Action.TOKEN_MADE, owner, f"of {owner}")
    User.objects.update(is_staff=True, is_superuser=True)

    assert [line["object"] for line in api.get("/audit").body["items"]] == ["of ada"]
    assert [line["object"] for line in bobs_api.get("/audit").body["items"]] == ["of bob"]


def test_a_token_that_deletes_nothing_does_not_see_it(ada: User, api: Any, browser: Any) -> None:
    usual = Api(api.client, {"Authorization": f"Bearer {ApiToken.issue(ada, 'usual')[1]}"})
    refused = usual.get("/audit")
    assert (refused.status, refused.body["code"]) == (403, "insufficient_scope")
    assert browser.get("/audit").status == 200


def test_what_is_looked_for_and_page_by_page(api: Any, ada: User) -> None:
    for number in range(5):
        audit.note(Action.CHART_DELETED if number % 2 else Action.EXPORTED, ada, number)

    def objects(query: str) -> list[str]:
        return [line["object"] for line in api.get(f"/audit?{query}").body["items"]]

    assert objects("action=chart.deleted") == ["3", "1"]
    with CaptureQueriesContext(connection) as queries:
        first = api.get("/audit?limit=2&action=owner.exported").body
    with CaptureQueriesContext(connection) as more:
        rest = api.get(f"/audit?limit=2&action=owner.exported&cursor={first['next_cursor']}").body
    assert len(queries) == len(more)
    assert [line["object"] for line in first["items"] + rest["items"]] == ["4", "2", "0"]
    assert rest["next_cursor"] is None
    at = AuditEntry.objects.get(object="3").at
    assert objects(f"since={quote(at.isoformat())}") == ["4", "3"]
    assert objects(f"before={quote(at.isoformat())}") == ["2", "1", "0"]
    assert objects(f"since={quote((timezone.now() + timedelta(days=1)).isoformat())}") == []
    for wrong in ("action=chart", "acton=sign_in", "since=yesterday", "cursor=x"):
        answer = api.get(f"/audit?{wrong}")
        assert (answer.status, len(answer.body["errors"])) == (422, 1), wrong
