"""Sessions in a workspace: what its members may, and not one byte of anybody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from renderer.api.standing import CHOSEN
from renderer.jobs import workspaces
from renderer.models import ApiToken, Chart, RenderJob, Workspace
from renderer.models.access import Scope
from renderer.models.membership import Role
from tests.api.conftest import Api
from tests.api.test_auth import CHECKS, FOR_ALL, PUBLIC, STREAMS, everything, fill, mine, operations

__all__ = ["mine"]

BY_TOKEN = {"render_picture"}
"""Operations that no session opens."""
FOR_OWNERS = "/api/v1/webhooks", "/api/v1/deliveries", "/api/v1/tokens", "/api/v1/audit"


@pytest.fixture
def sales(ada: User, mine: dict[str, UUID | str]) -> Workspace:
    """A workspace that has everything that was Ada's."""
    workspace = workspaces.create(ada, "Sales")
    for relation in User._meta.related_objects:
        model: Any = relation.related_model
        if relation.field.name == "owner":
            model._default_manager.filter(owner=ada).update(owner=workspace.account)
    return workspace


def browser_of(user: User, workspace: Workspace | None) -> Api:
    """Somebody's browser that shows a workspace."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies["csrftoken"] = "t" * 32
    if workspace is not None:
        session = client.session
        session[CHOSEN] = workspace.pk.hex
        session.save()
    return Api(client, {"X-CSRFToken": "t" * 32})


def test_a_viewer_reads_everything_and_changes_nothing(
    bob: User, sales: Workspace, mine: dict[str, UUID | str]
) -> None:
    workspaces.add(sales, bob.username, Role.VIEWER)
    viewer, before = browser_of(bob, sales), everything()
    for name, method, path in operations():
        answer = viewer(method, fill(path, mine), {} if method in ("POST", "PATCH") else None)
        if name in PUBLIC | STREAMS | BY_TOKEN:
            continue
        if path.startswith(FOR_OWNERS) or (method != "GET" and name not in CHECKS):
            assert (answer.status, answer.body["code"]) == (403, "insufficient_role"), name
        else:
            # 501: under this client's WSGI there are no streams.
            assert answer.status in (200, 204, 404, 422, 501), (name, answer.content)
    assert everything() == before
    assert str(mine["chart_id"]) in viewer("GET", "/api/v1/charts").content.decode()
    assert viewer("GET", f"/api/v1/charts/{mine['chart_id']}").status == 200


def test_an_editor_changes_charts_and_makes_no_tokens(
    bob: User, sales: Workspace, mine: dict[str, UUID | str], spec: dict[str, Any]
) -> None:
    workspaces.add(sales, bob.username, Role.EDITOR)
    editor = browser_of(bob, sales)
    assert editor("POST", "/api/v1/charts", {"spec": spec | {"title": "New"}}).status == 202
    assert Chart.objects.get(title="New").owner == RenderJob.objects.latest("id").owner == sales.account
    refused = editor("POST", "/api/v1/tokens", {"name": "robot"})
    assert (refused.status, refused.body["code"]) == (403, "insufficient_role")
    assert editor("DELETE", f"/api/v1/charts/{mine['chart_id']}").status == 204
    workspaces.change_role(sales.memberships.get(user=bob), Role.OWNER)
    assert editor("POST", "/api/v1/tokens", {"name": "robot"}).status == 201
    assert ApiToken.objects.get(name="robot").owner == sales.account


@pytest.mark.parametrize("was_member", [False, True])
def test_who_is_no_member_gets_no_byte(
    bob: User, sales: Workspace, mine: dict[str, UUID | str], was_member: bool
) -> None:
    """A session that names the workspace all the same, because it was left, or out of thin air."""
    if was_member:
        workspaces.remove(workspaces.add(sales, bob.username, Role.OWNER))
    stranger, before = browser_of(bob, sales), everything()
    for name, method, path in operations():
        if name in PUBLIC | FOR_ALL | STREAMS or (method == "POST" and "{" not in path):
            continue
        answer = stranger(method, fill(path, mine), {} if method in ("POST", "PATCH") else None)
        text = answer.content.decode()
        assert answer.status in (200, 404), (name, text)
        assert str(mine["chart_id"]) not in text
        assert "hers" not in text.replace(fill(path, mine), ""), name
    assert everything() == before


def test_in_ones_own_room_a_workspaces_things_are_not_there(
    bob: User, sales: Workspace, mine: dict[str, UUID | str]
) -> None:
    workspaces.add(sales, bob.username, Role.OWNER)
    own = browser_of(bob, None)
    assert own("GET", f"/api/v1/charts/{mine['chart_id']}").status == 404
    assert own("GET", f"/api/v1/charts/{mine['chart_id']}/image.png").status == 404


def test_a_token_is_of_its_account_whatever_the_cookie_says(
    ada: User, bob: User, sales: Workspace, mine: dict[str, UUID | str]
) -> None:
    workspaces.add(sales, bob.username, Role.VIEWER)
    _, secret = ApiToken.issue(bob, "bob's", scopes=[scope.value for scope in Scope])
    both = browser_of(bob, sales)
    both.headers["Authorization"] = f"Bearer {secret}"
    assert both("GET", f"/api/v1/charts/{mine['chart_id']}").status == 404
    assert both("GET", "/api/v1/jobs").body["items"] == []
    _, secret = ApiToken.issue(sales.account, "robot")
    robot = Api(Client(), {"Authorization": f"Bearer {secret}"})
    assert robot("GET", f"/api/v1/charts/{mine['chart_id']}").status == 200
