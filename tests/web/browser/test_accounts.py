"""Accounts in a real browser: a workspace, its members, and a person's own pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from renderer.accounts import factors, totp
from renderer.jobs import workspaces
from renderer.models import ApiToken, Identity, RenderJob, SecondFactor, Workspace
from renderer.models.job import Status
from renderer.models.membership import Role
from tests.web.browser.visitor import PHONE, Visitor, look, violations
from tests.web.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_new_workspace_to_what_a_viewer_sees(
    visitor: Visitor, chromium: Browser, live_server: LiveServer, ada: User, eve: User, draw: Callable[[], RenderJob]
) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    page.get_by_role("button", name="Account of ada").click()
    page.get_by_role("link", name="New workspace").click()
    page.get_by_label("Name").fill("Sales")
    page.get_by_role("button", name="Make workspace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sales")
    page.get_by_label("User name").fill("eve")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("eve is in, as viewer.")).to_be_visible()
    page.get_by_role("link", name="New chart").click()
    page.get_by_label("Name").fill("Ours")
    page.get_by_role("button", name="Draw it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ours")
    assert draw().status == Status.SUCCEEDED
    expect(page.locator(".status-line .state")).to_have_text("Ready")
    chart = page.url.removeprefix(live_server.url)

    other = Visitor(chromium, live_server.url, **PHONE)
    other.sign_in(eve)
    theirs = other.open("/")
    expect(theirs.get_by_text("Nothing here yet.")).to_be_visible()
    theirs.get_by_role("button", name="Account of eve").click()
    theirs.get_by_role("button", name="Sales").click()
    expect(theirs.get_by_text("You are a viewer")).to_be_visible()
    theirs.get_by_role("link", name="Ours").click()
    picture = theirs.locator("#picture img")
    expect(picture).to_have_attribute("src", re.compile(r"/api/v1/charts/.+/image\.png"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1600
    for name in ("Render again", "Delete this chart…", "Make link", "Add schedule"):
        assert theirs.get_by_role("button", name=name).count() == 0
    for name in ("Edit", "New chart"):
        assert theirs.get_by_role("link", name=name, exact=True).count() == 0

    # Ada lets Eve go: at the next click Eve is back among her own charts.
    page.get_by_role("link", name="Sales").click()
    page.get_by_role("button", name="Remove eve").click()
    expect(page.get_by_text("eve is no member any more")).to_be_visible()
    other.expected.append("404 (Not Found)")
    other.open(chart)
    expect(theirs.get_by_text("There is nothing here.")).to_be_visible()
    other.open("/")
    expect(theirs.get_by_text("Nothing here yet.")).to_be_visible()
    other.close()


def test_a_new_password_and_the_reader_s_zone(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ada)
    page = visitor.open("/")
    page.get_by_role("button", name="Account of ada").click()
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("link", name="Change your password").click()
    page.get_by_label("Password now").fill("correct horse battery")
    page.get_by_label("New password").fill("a much better battery")
    page.get_by_label("The new one again").fill("a much better battery")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    cookies = {cookie["name"]: cookie["value"] for cookie in visitor.context.cookies()}
    assert cookies["figpress_zone"] == "Asia%2FTokyo"
    visitor.open("/usage/")
    expect(page.get_by_text("in Asia/Tokyo.")).to_be_visible()


def test_a_second_factor_from_the_code_to_the_way_in(
    visitor: Visitor, ada: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def type_code() -> None:
        monkeypatch.setattr(factors, "clock", lambda: next(moments))
        secret = SecondFactor.objects.get().secret
        page.get_by_label("Code", exact=True).fill(totp.code_at(secret, int(next(moments)) // totp.STEP))

    moments = iter([30_000_000.0, 30_000_000.0, 30_000_060.0, 30_000_060.0])
    visitor.sign_in(ada)
    look(visitor, ["/account/", "/account/export/", "/account/delete/", "/account/factor/"])
    page = visitor.page
    page.get_by_label("Your password").fill("correct horse battery")
    page.get_by_role("button", name="Go on").click()
    look(visitor, ["/account/factor/"])
    expect(page.get_by_role("img", name="QR code for your app")).to_be_visible()
    type_code()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("they are shown this once")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    page.get_by_role("button", name="Account of ada").click()
    page.get_by_role("button", name="Sign out").click()
    # Off to the provider, which the page's own policy lets a form lead to in this way alone; nobody signs in there.
    page.get_by_role("button", name="Sign in with Example").click()
    page.wait_for_url(f"{provider.issuer}/authorize?**")
    visitor.open("/sign-in/")
    assert violations(page) == []
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("One step more")).to_be_visible()
    assert violations(page) == []
    type_code()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Charts")


def test_the_pages_are_sound(
    visitor: Visitor,
    ada: User,
    eve: User,
) -> None:
    workspace = workspaces.create(ada, "The sales people of the north, and all who help them")
    workspaces.add(workspace, "eve", Role.VIEWER)
    ApiToken.issue(workspace.account, "nightly report")
    Identity.objects.create(user=ada, issuer="https://id.example.org", subject="7")
    own = [
        "/account/",
        "/account/activity/",
        "/password/",
        "/usage/",
        "/workspaces/new/",
        reverse("workspace", args=[workspace.pk]),
    ]
    visitor.sign_in(ada)
    look(visitor, [*own, "/account/disconnect/"])
    visitor.page.get_by_label("Your password").fill("correct horse battery")
    visitor.page.get_by_role("button", name="Disconnect").click()
    expect(visitor.page.get_by_text("Disconnected. Your password signs you in")).to_be_visible()
    visitor.page.get_by_role("button", name="Account of ada").click()
    visitor.page.get_by_role("button", name=workspace.name).click()
    look(visitor, ["/", *own])
    visitor.sign_in(eve)
    visitor.open("/").get_by_role("button", name="Account of eve").click()
    visitor.page.get_by_role("button", name=workspace.name).click()
    visitor.expected.append("403 (Forbidden)")
    look(visitor, ["/", "/tokens/", "/usage/", reverse("workspace", args=[workspace.pk])])
    assert Workspace.objects.count() == 1
