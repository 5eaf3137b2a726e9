"""Who may: sessions, tokens, and other people's things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from renderer.api.v1 import api as ninja_api
from renderer.jobs import batches
from renderer.jobs.charts import recipe_of
from renderer.models import ApiToken, Chart, Dataset, RenderJob, Schedule, ShareLink, Variant
from renderer.webhooks import hooks
from tests.api.conftest import Api

PUBLIC = {"get_spec_schema", "list_chart_kinds", "get_chart_kind", "list_problems", "get_problem"}
FOR_ALL = {
    "list_figures",
    "get_figure",
    "render_figure",
    "create_chart",
    "create_batch",
    "create_dataset",
    "put_dataset",
    "render_picture",
    "make_render_url",
}
"""Operations that need somebody, but nothing of somebody's."""
STREAMS = {"get_events"}
"""Under this client's WSGI they are none; whose events they tell is shown in tests/live/test_waiting.py."""
LISTS = {
    "count_charts", "count_jobs", "list_audit", "list_batches", "list_charts", "list_datasets", "list_jobs",
    "list_schedules", "list_tokens", "list_webhooks",
}  # fmt: skip
SESSIONS = {"list_tokens", "create_token", "delete_token"}


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation: its name, its method, its path with names of parts. A new route is in it by itself."""
    for router in ninja_api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield operation.view_func.__name__, operation.methods[0], f"/api/v1{router.prefix}{path}"


@pytest.fixture
def mine(ada: User, chart: Chart, queued: RenderJob) -> dict[str, UUID | str]:
    """Ada's things, by the names of the parts of paths."""
    schedule = Schedule.objects.create(owner=ada, chart=chart, cron="0 * * * *")
    batch = batches.create(ada, [(recipe_of(chart), "hers")])
    RenderJob.objects.exclude(pk=queued.pk).delete()
    token, _ = ApiToken.issue(ada, "hers")
    share, _ = ShareLink.issue(ada, Variant.objects.create(chart=chart, format="png"), name="hers")
    hook, _ = hooks.create(ada, "https://example.org/hers")
    delivery = hooks.send_test(hook)
    return {
        "batch_id": batch.pk,
        "chart_id": chart.pk,
        "job_id": queued.pk,
        "schedule_id": schedule.pk,
        "token_id": token.pk,
        "link_id": share.pk,
        "webhook_id": hook.pk,
        "delivery_id": delivery.pk,
        "name": "test.sales",
        "dataset_name": Dataset.objects.create(owner=ada, name="hers").name,
        "code": "not_found",
        "kind": "bar",
        "image_format": "png",
    }


def fill(path: str, parts: dict[str, UUID | str]) -> str:
    """The path with the parts' values; a part that is not known here fails the test."""
    return re.sub(r"{\w+:(\w+)}", lambda part: str(parts[part[1]]), path)


@pytest.mark.parametrize(("name", "method", "path"), [*operations()])
def test_every_operation_wants_to_know_who_asks(
    name: str, method: str, path: str, nobody: Any, expired: Any, mine: dict[str, UUID | str]
) -> None:
    for client in (nobody, expired):
        answer = client(method, fill(path, mine))
        if name in PUBLIC and client is nobody:
            assert answer.status == 200
            continue
        if name in PUBLIC:
            continue
        expected = 403 if client is expired and name in SESSIONS else 401
        assert answer.status == expected, answer.content
        assert answer.headers["Content-Type"] == "application/problem+json"
        if expected == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("name", "method", "path"), [*operations()])
def test_what_is_somebody_elses_is_not_there(
    name: str, method: str, path: str, bob: User, bobs_api: Any, mine: dict[str, UUID | str]
) -> None:
    if name in PUBLIC | FOR_ALL | STREAMS | {"create_schedule", "create_token", "create_webhook", "check_spec"}:
        return
    before = (Chart.objects.count(), RenderJob.objects.values_list("status").get(), Schedule.objects.count())

    if name in SESSIONS:
        bobs_api.client.force_login(bob)
        bobs_api.headers.clear()
    answer = bobs_api(method, fill(path, mine), {} if method in ("POST", "PATCH") else None)

    if name in LISTS:
        assert answer.status == 200
        assert "hers" not in answer.content.decode()
        assert str(mine["chart_id"]) not in answer.content.decode()
    else:
        assert (answer.status, answer.body["code"]) == (404, "not_found"), answer.content
    assert before == (Chart.objects.count(), RenderJob.objects.values_list("status").get(), Schedule.objects.count())
    assert ApiToken.objects.filter(name="hers").exists()


ADMINS = {"list_audit"}
"""Operations that read, and want more than a token to read."""
CHECKS = {"check_spec"}
"""Operations that post something and change nothing."""


def test_a_token_that_may_only_read_changes_nothing(ada: User, mine: dict[str, UUID | str]) -> None:
    reader = Api(Client(), {"Authorization": f"Bearer {ApiToken.issue(ada, 'reader', scopes=['read'])[1]}"})
    before = everything()
    for name, method, path in operations():
        if name in SESSIONS:
            continue
        answer = reader(method, fill(path, mine), {} if method in ("POST", "PATCH") else None)
        if (method == "GET" and name not in ADMINS) or name in CHECKS:
            # 501: under this client's WSGI there are no streams.
            assert answer.status in (200, 204, 404, 422, 501), (name, answer.content)
        else:
            assert (answer.status, answer.body["code"]) == (403, "insufficient_scope"), name
    assert everything() == before


def test_a_deactivated_user_is_nobody(ada: User, browser: Any, api: Any, mine: dict[str, UUID | str]) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    before = everything()
    for client in (api, browser):
        for name, method, path in operations():
            if name in PUBLIC:
                continue
            answer = client(method, fill(path, mine), {} if method in ("POST", "PATCH") else None)
            expected = 403 if client is api and name in SESSIONS else 401
            assert answer.status == expected, (name, answer.content)
    assert everything() == before


def everything() -> list[Any]:
    """What an ask could have changed."""
    models: list[Any] = [Chart, RenderJob, Schedule, ApiToken]
    return [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models] + [
        list(RenderJob.objects.order_by("pk").values_list("status", flat=True))
    ]


def test_a_schedule_for_somebody_elses_chart_cannot_be_made(bobs_api: Any, chart: Chart) -> None:
    answer = bobs_api.post("/schedules", {"chart": str(chart.pk), "cron": "0 * * * *"})

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/chart")
    assert not Schedule.objects.exists()


def test_a_session_changes_things_only_with_its_csrf_token(browser: Any, spec: dict[str, Any]) -> None:
    assert browser.get("/charts").status == 200
    assert browser.post("/charts", {"spec": spec}).status == 202

    browser.headers.clear()
    refused = browser.post("/charts", {"spec": spec})
    assert (refused.status, refused.body["code"]) == (403, "csrf_failed")
    assert browser.get("/charts").status == 200


def test_json_sent_as_plain_text_does_not_get_around_csrf(browser: Any) -> None:
    browser.headers.clear()
    response = browser.client.post("/api/v1/charts", data=b'{"spec": {}}', content_type="text/plain")

    assert response.status_code == 415
    assert not Chart.objects.exists()


def test_a_token_needs_no_csrf_token_and_its_cookies_do_not_count(
    browser: Any, bob: User, spec: dict[str, Any]
) -> None:
    _, secret = ApiToken.issue(bob, "bob's")
    browser.headers.clear()

    made = browser.post("/charts", {"spec": spec}, Authorization=f"Bearer {secret}")

    assert made.status == 202
    assert Chart.objects.get().owner == bob, "the cookie is Ada's"


@pytest.mark.parametrize("secret", ["figp_wrong", "wrong", "", "figp_" + "x" * 5000, "figp_\u00fc"])
def test_a_wrong_token_is_not_saved_by_a_good_cookie(browser: Any, secret: str) -> None:
    answer = browser.get("/charts", Authorization=f"Bearer {secret}")

    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert secret == "" or secret not in answer.content.decode()


def test_other_schemes_are_none_of_ours(browser: Any) -> None:
    assert browser.get("/charts", Authorization="Basic cHJveHk6cHc=").status == 200


def test_nobody_inactive(api: Any, browser: Any, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert (api.get("/charts").status, browser.get("/charts").status) == (401, 401)


def test_the_use_of_a_token_is_noted_once_a_minute(api: Any, ada: User) -> None:
    api.get("/figures")
    first = ApiToken.objects.get().last_used_at
    api.get("/figures")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first

    earlier = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.update(last_used_at=earlier)
    api.get("/figures")
    assert ApiToken.objects.filter(last_used_at__gt=earlier).exists()


def test_staff_sees_what_belongs_to_nobody_and_others_do_not(api: Any, ada: User, queued: RenderJob) -> None:
    RenderJob.objects.update(owner=None)
    assert api.get(f"/jobs/{queued.pk}").status == 404

    User.objects.filter(pk=ada.pk).update(is_staff=True)
    assert api.get(f"/jobs/{queued.pk}").status == 200
