"""Workspaces: whose charts are shown, who is in, and what became of who was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, TestCase
from django.urls import reverse
from pytest_django import Settings

from renderer.jobs import charts, workspaces
from renderer.models import ApiToken, Chart, RenderJob, Workspace
from renderer.models.job import Status, Trigger
from renderer.models.membership import Role
from renderer.recipe import Recipe


@pytest.fixture
def sales(ada: User) -> Workspace:
    """A workspace of Ada's."""
    return workspaces.create(ada, "Sales & more")


@pytest.fixture
def shared(sales: Workspace, spec: dict[str, Any], execute: Callable[[RenderJob], RenderJob]) -> Chart:
    """A chart in it, with its picture."""
    row = charts.create(sales.account, Recipe.from_spec({**spec, "title": "Shared"}, ["png"]))[0]
    assert execute(charts.render(row, trigger=Trigger.WEB).job).status == Status.SUCCEEDED
    return row


def choose(client: Client, workspace: Workspace | None) -> int:
    pk = str(workspace.pk) if workspace else ""
    return client.post(reverse("choose-workspace"), {"workspace": pk}).status_code


def member(client: Client, user: User, workspace: Workspace, role: Role) -> Client:
    """Somebody's browser, in a workspace."""
    workspaces.add(workspace, user.username, role)
    client.force_login(user)
    assert choose(client, workspace) == 302
    return client


def said(response: Any) -> str:
    """A page's text, after the redirect that led to it."""
    return str(response.content.decode())


def test_what_is_made_in_a_workspace_is_the_workspaces(signed_in: Client, chart: Chart) -> None:
    made = signed_in.post(reverse("new-workspace"), {"name": "Sales"}, follow=True)
    workspace = Workspace.objects.get()
    assert made.redirect_chain == [(reverse("workspace", args=[workspace.pk]), 302)]
    assert "and empty" in said(made)
    assert "Fruit" not in said(signed_in.get("/"))

    spec = '{"kind": "bar", "title": "Ours", "data": {"columns": {"x": [1], "y": [2]}}, "x": "x", "y": "y"}'
    signed_in.post(reverse("new-chart"), {"spec": spec, "formats": ["png"], "name": ""})
    signed_in.post(reverse("tokens"), {"name": "robot", "days": 30, "scopes": ["read"]})
    assert Chart.objects.get(title="Ours").owner == ApiToken.objects.get().owner == workspace.account
    assert "Ours" in said(signed_in.get("/"))

    choose(signed_in, None)
    own = said(signed_in.get("/"))
    assert "Fruit" in own
    assert "Ours" not in own
    assert "robot" not in said(signed_in.get(reverse("tokens")))
    there = signed_in.get(reverse("chart", args=[Chart.objects.get(title="Ours").pk]))
    assert f"This is in “{workspace}”." in said(there)


def test_a_viewer_sees_charts_and_no_buttons(client: Client, eve: User, sales: Workspace, shared: Chart) -> None:
    browser = member(client, eve, sales, Role.VIEWER)
    page = said(browser.get(reverse("chart", args=[shared.pk])))
    assert "Shared" in page
    assert "You are a viewer" in page
    for verb in ("render-chart", "edit-chart", "delete-chart", "share-chart", "create-schedule"):
        assert reverse(verb, args=[shared.pk]) not in page
    assert reverse("new-chart") not in page
    assert reverse("tokens") not in page
    refused = browser.post(reverse("delete-chart", args=[shared.pk]))
    assert refused.status_code == 403
    assert "Your role does not go so far." in said(refused)
    assert "an owner of the workspace can give you another role" in said(refused).lower()


def test_another_role_counts_from_the_next_request(client: Client, eve: User, sales: Workspace, shared: Chart) -> None:
    browser = member(client, eve, sales, Role.VIEWER)
    own = sales.memberships.get(user=eve)
    workspaces.change_role(own, Role.EDITOR)
    assert browser.post(reverse("render-chart", args=[shared.pk])).status_code == 302
    workspaces.change_role(own, Role.VIEWER)
    assert browser.post(reverse("render-chart", args=[shared.pk])).status_code == 403


def test_who_was_let_go_is_back_among_their_own(client: Client, eve: User, sales: Workspace, shared: Chart) -> None:
    browser = member(client, eve, sales, Role.EDITOR)
    workspaces.remove(sales.memberships.get(user=eve))
    assert browser.get(reverse("chart-live", args=[shared.pk]))["HX-Refresh"] == "true"
    gone = browser.get(reverse("chart", args=[shared.pk]))
    assert gone.status_code == 404
    page = said(browser.get("/"))
    assert "Shared" not in page
    assert "Sales" not in page
    assert choose(browser, sales) == 404


def test_members_by_their_names(signed_in: Client, ada: User, eve: User, sales: Workspace) -> None:
    page, add = reverse("workspace", args=[sales.pk]), reverse("add-to-workspace", args=[sales.pk])
    for nobody in ("Eve", "nobody", sales.account.username):
        answer = signed_in.post(add, {"username": nobody, "role": "viewer"})
        assert answer.status_code == 422
        assert "There is nobody called" in said(answer)
    assert signed_in.post(add, {"username": "eve", "role": "king"}).status_code == 422
    assert "eve is in, as viewer." in said(signed_in.post(add, {"username": "eve", "role": "viewer"}, follow=True))
    assert "a member already" in said(signed_in.post(add, {"username": "eve", "role": "owner"}))
    other = sales.memberships.get(user=eve)
    changed = signed_in.post(reverse("change-member", args=[other.pk]), {"role": "editor"}, follow=True)
    assert "eve is editor from now on." in said(changed)
    assert "eve" in said(signed_in.get(page))
    signed_in.post(reverse("remove-member", args=[other.pk]))
    assert [row.user for row in sales.memberships.all()] == [ada]


def test_a_workspace_keeps_an_owner(signed_in: Client, ada: User, eve: User, sales: Workspace) -> None:
    own, other = sales.memberships.get(user=ada), workspaces.add(sales, "eve", Role.EDITOR)
    for verb, pk in (("leave-workspace", sales.pk), ("remove-member", own.pk), ("change-member", own.pk)):
        answer = signed_in.post(reverse(verb, args=[pk]), {"role": "viewer"}, follow=True)
        own.refresh_from_db()
        assert own.role == Role.OWNER
        assert verb == "remove-member" or "A workspace needs an owner" in said(answer)
    workspaces.change_role(other, Role.OWNER)
    choose(signed_in, sales)
    left = signed_in.post(reverse("leave-workspace", args=[sales.pk]), follow=True)
    assert "You left “Sales &amp; more”." in said(left)
    assert "no longer a member" not in said(left)
    assert [row.user for row in sales.memberships.all()] == [eve]


@pytest.mark.parametrize("is_emptied", [True, False], ids=["emptied", "with its name"])
def test_a_workspace_is_deleted(
    signed_in: Client, sales: Workspace, shared: Chart, chart: Chart, media: Path, is_emptied: bool
) -> None:
    choose(signed_in, sales)
    signed_in.post(reverse("rename-workspace", args=[sales.pk]), {"name": "Trade"})
    address = reverse("delete-workspace", args=[sales.pk])
    for typed in ({}, {"name": "Trad"}, {"name": "Sales & more"}):
        assert "There is something in it still: 1 chart." in said(signed_in.post(address, typed, follow=True))
    assert any(path.is_file() for path in media.rglob("*"))
    assert "<strong>1 chart</strong>" in said(signed_in.get(reverse("workspace", args=[sales.pk])))
    waiting = charts.render(shared, trigger=Trigger.WEB, force=True).job
    if is_emptied:
        charts.delete(shared)
    ApiToken.issue(sales.account, "robot")
    name = "" if is_emptied else "Trade"
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = signed_in.post(address, {"name": name}, follow=True)
    assert "Deleted “Trade”." in said(answer)
    assert not User.objects.filter(username=sales.account.username).exists()
    assert not ApiToken.objects.exists()
    assert not RenderJob.objects.filter(pk=waiting.pk).exists()
    assert list(Chart.objects.all()) == [chart], "one's own are not in it"
    assert is_emptied or not any(path.is_file() for path in media.rglob("*"))


def test_a_link_into_another_workspace_asks_before_it_goes_there(
    client: Client, ada: User, eve: User, sales: Workspace, shared: Chart, job: RenderJob
) -> None:
    browser = member(client, eve, sales, Role.VIEWER)
    choose(browser, None)
    address = reverse("chart", args=[shared.pk]) + "?open=share"
    asked = browser.get(address)
    assert "This is in “Sales &amp; more”." in said(asked)
    assert "Shared" not in said(asked)
    assert "Shared" not in said(browser.get("/")), "a link changes nothing"
    there = browser.post(
        reverse("choose-workspace"), {"workspace": str(sales.pk), "next": asked.context["address"]}, follow=True
    )
    assert there.redirect_chain == [(address, 302)]
    assert "Shared" in said(there)
    assert "You are a viewer" in said(there)

    # Ada's own things are nothing to Eve, in whatever workspace both are; a draft is in no link.
    Chart.objects.filter(pk=shared.pk).update(is_draft=True)
    choose(browser, None)
    for name, pk in (("chart", job.target_id), ("job", job.pk), ("chart", shared.pk), ("chart", sales.pk)):
        answer = browser.get(reverse(name, args=[pk]))
        assert answer.status_code == 404

    browser.force_login(ada)
    choose(browser, sales)
    assert "This is one of your own." in said(browser.get(reverse("job", args=[job.pk])))
    elsewhere = {"workspace": "", "next": "https://example.org/"}
    assert browser.post(reverse("choose-workspace"), elsewhere)["Location"] == "/"
    workspaces.remove(sales.memberships.get(user=eve))
    browser.force_login(eve)
    assert browser.get(reverse("job", args=[RenderJob.objects.get(owner=sales.account).pk])).status_code == 404


def test_nobody_signs_in_as_a_workspace(client: Client, sales: Workspace) -> None:
    answer = client.post("/sign-in/", {"username": sales.account.username, "password": ""})
    assert answer.status_code == 200
    assert not sales.account.has_usable_password()


def test_there_is_an_end_to_workspaces(signed_in: Client, sales: Workspace, settings: Settings) -> None:
    settings.FIGPRESS_WORKSPACES = 1
    answer = signed_in.post(reverse("new-workspace"), {"name": "Another"})
    assert answer.status_code == 422
    assert "You may own 1 workspace, and no more." in said(answer)
    assert Workspace.objects.count() == 1


def test_a_deactivated_workspace_is_nobodys(signed_in: Client, sales: Workspace, shared: Chart) -> None:
    choose(signed_in, sales)
    User.objects.filter(pk=sales.account_id).update(is_active=False)
    assert signed_in.get(reverse("chart", args=[shared.pk])).status_code == 404
