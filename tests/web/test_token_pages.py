"""API tokens on their page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from renderer.jobs import workspaces
from renderer.models import ApiToken
from renderer.models.membership import Role


def test_a_token_is_shown_once(signed_in: Client, ada: User) -> None:
    made = signed_in.post("/tokens/", {"name": "nightly", "days": "30", "scopes": ["read"]})
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    secret = re.search(r'id="secret">(figp_[\w-]+)<', made.content.decode())
    assert secret
    token = ApiToken.find(secret[1])
    assert token
    assert (token.owner, token.scopes) == (ada, ["read"])
    assert token.expires_at
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    later = signed_in.get("/tokens/").content.decode()
    assert secret[1] not in later
    assert token.hint in later


def test_a_token_may_last(signed_in: Client) -> None:
    signed_in.post("/tokens/", {"name": "for ever", "days": "0", "scopes": ["read", "render"]})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "days": "30", "scopes": "read"},
        {"name": "x", "days": "31", "scopes": "read"},
        {"name": "x" * 101, "days": "30", "scopes": "read"},
        {"name": "x", "days": "30"},
        {"name": "x", "days": "30", "scopes": "all"},
    ],
)
def test_a_wrong_form_makes_none(signed_in: Client, form: dict[str, str]) -> None:
    assert signed_in.post("/tokens/", form).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_dead(signed_in: Client, ada: User) -> None:
    token, secret = ApiToken.issue(ada, "laptop")
    response = signed_in.post(reverse("revoke-token", args=[token.pk]), follow=True)
    assert "Revoked “laptop”." in response.content.decode()
    assert ApiToken.find(secret) is None


def test_a_workspaces_token_goes_with_whoever_made_it(client: Client, ada: User, eve: User) -> None:
    workspace = workspaces.create(ada, "Sales")
    member = workspaces.add(workspace, "eve", Role.OWNER)
    client.force_login(eve)
    client.post(reverse("choose-workspace"), {"workspace": str(workspace.pk)})
    made = client.post("/tokens/", {"name": "nightly", "days": "30", "scopes": ["read"]}).content.decode()
    by_page = re.search(r'id="secret">(figp_[\w-]+)<', made)
    assert by_page
    sent = {"name": "by a script", "scopes": ["read"]}
    by_api = client.post("/api/v1/tokens", sent, content_type="application/json").json()["secret"]

    def status(secret: str) -> int:
        return Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/charts").status_code

    def statuses() -> set[int]:
        return {status(by_page[1]), status(by_api)}

    assert statuses() == {200}
    workspaces.change_role(member, Role.EDITOR)
    assert statuses() == {401}, "an editor makes no tokens"
    workspaces.change_role(member, Role.OWNER)
    assert statuses() == {200}
    for active, expected in ((False, {401}), (True, {200})):
        User.objects.filter(pk=eve.pk).update(is_active=active)
        assert statuses() == expected
    workspaces.remove(member)
    assert statuses() == {401}

    client.force_login(ada)
    client.post(reverse("choose-workspace"), {"workspace": str(workspace.pk)})
    page = client.get("/tokens/").content.decode()
    assert page.count("by eve, who is no owner any more") == 2
    eve.delete()
    assert not ApiToken.objects.exists()
