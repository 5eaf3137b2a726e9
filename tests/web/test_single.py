"""Single sign-on, with a provider that runs here."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from renderer.accounts import factors, oidc
from renderer.models import AuditEntry, Identity
from tests.web.conftest import PASSWORD
from tests.web.provider import Provider


def leave(client: Client, target: str = "") -> str:
    """The button. Returns where the browser is sent."""
    answer = client.post(reverse("single-sign-on"), {"next": target})
    assert answer.status_code == 200
    address: str = answer.context["address"]
    assert f"0;url={address}".replace("&", "&amp;") in answer.content.decode()
    return address


def connect(client: Client, password: str = PASSWORD) -> str:
    """The button on the page Account, and the password. Returns where the browser is sent."""
    answer = client.post(reverse("connect"), {"password": password})
    assert answer.status_code == 200
    address: str = answer.context["address"]
    return address


def come_back(client: Client, fields: dict[str, str]) -> Any:
    return client.get(reverse("single-back"), fields)


def test_who_is_new_gets_an_account_and_comes_back_to_it(client: Client, provider: Provider, db: None) -> None:
    assert b"Sign in with Example" in client.get(reverse("sign-in")).content
    answer = come_back(client, provider.agree(leave(client, "/jobs/")))
    assert (answer.status_code, answer["Location"]) == (302, "/jobs/")
    grace = User.objects.get(username="grace")
    assert (grace.email, grace.has_usable_password()) == ("g@example.org", False)
    assert client.get("/").wsgi_request.user == grace
    again = Client()
    answer = come_back(again, provider.agree(leave(again, "https://evil.example/"), preferred_username="renamed"))
    assert answer["Location"] == "/", "nobody is sent to another site"
    assert User.objects.get() == grace
    assert AuditEntry.objects.filter(owner=grace, action="identity.linked").count() == 1


def test_a_name_leads_to_nobodys_account(client: Client, provider: Provider, ada: User) -> None:
    come_back(client, provider.agree(leave(client), preferred_username="ada"))
    made = Identity.objects.get().user
    assert made != ada
    assert made.username.startswith("ada-")


def test_connecting_ones_own_account(signed_in: Client, ada: User, eve: User, provider: Provider) -> None:
    assert b"Connect Example" in signed_in.get(reverse("account")).content
    come_back(signed_in, provider.agree(connect(signed_in)))
    assert Identity.objects.get().user == ada
    browser = Client()
    come_back(browser, provider.agree(leave(browser)))
    assert browser.get("/").wsgi_request.user == ada
    eves = Client()
    eves.force_login(eve)
    assert b"connected to another account" in come_back(eves, provider.agree(connect(eves))).content
    User.objects.filter(pk=ada.pk).update(is_active=False)
    shut = Client()
    assert b"This account is shut" in come_back(shut, provider.agree(leave(shut))).content


def test_disconnecting_it(signed_in: Client, ada: User, provider: Provider, settings: Any) -> None:
    page, here = reverse("disconnect"), reverse("account")
    assert signed_in.get(page).status_code == 404, "there is nothing to disconnect"
    come_back(signed_in, provider.agree(connect(signed_in)))
    elsewhere = Client()
    come_back(elsewhere, provider.agree(leave(elsewhere)))
    assert page in signed_in.get(here).content.decode()
    assert Client().get(page)["Location"] == f"/sign-in/?next={page}"
    assert signed_in.post(page, {"password": "guessed"}).status_code == 422
    assert Identity.objects.count() == 1

    settings.FIGPRESS_OIDC = {}  # the way in is shut, and what led here can be taken away all the same
    assert b"not in use here any more" in signed_in.get(here).content
    answer = signed_in.post(page, {"password": PASSWORD}, follow=True)
    assert b"Disconnected." in answer.content
    assert not Identity.objects.exists()
    assert AuditEntry.objects.get(owner=ada, action="identity.unlinked").object == "127.0.0.1"
    assert elsewhere.get(here).status_code == 302, "whoever came in that way is out"


def test_the_only_way_to_sign_in_is_not_taken_away(client: Client, provider: Provider, db: None) -> None:
    come_back(client, provider.agree(leave(client)))
    page = reverse("disconnect")
    assert page not in client.get(reverse("account")).content.decode()
    answer = client.post(page)
    assert (answer.status_code, b"your only way to sign in" in answer.content) == (422, True)
    assert Identity.objects.count() == 1


def test_an_open_browser_is_no_way_to_connect_somebody_elses_account(
    signed_in: Client, ada: User, eve: User, provider: Provider
) -> None:
    assert signed_in.get(reverse("connect")).status_code == 200
    assert signed_in.post(reverse("connect"), {"password": "guessed"}).status_code == 422
    assert Client().get(reverse("connect"))["Location"] == "/sign-in/?next=/account/connect/"
    # The form of the page for signing in, in that browser: it signs in whoever comes back, and connects nothing.
    come_back(signed_in, provider.agree(leave(signed_in)))
    assert Identity.objects.get().user.username == "grace"
    assert signed_in.get("/").wsgi_request.user.username == "grace"
    # Asked by one person, and come back as another.
    eves = Client()
    eves.force_login(eve)
    back = provider.agree(connect(eves), sub="8")
    asked = eves.session["figpress_oidc"]
    eves.force_login(ada)
    session = eves.session
    session["figpress_oidc"] = asked
    session.save()
    assert b"is not signed in any more" in come_back(eves, back).content
    assert Identity.objects.count() == 1


def test_who_comes_back_too_often(client: Client, provider: Provider, db: None, settings: Any) -> None:
    """An office is behind one address: tries are counted for it, and not as those for one account."""
    settings.FIGPRESS_RATE_SIGN_IN = 2
    statuses = [come_back(client, {"state": str(number)}).status_code for number in range(11)]
    assert statuses == [403] * 10 + [429]


def test_the_second_factor_is_asked_for_here_too(
    client: Client, ada: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    Identity.objects.create(user=ada, issuer=provider.issuer, subject="7")
    monkeypatch.setattr(factors, "of", lambda user: object())
    assert come_back(client, provider.agree(leave(client)))["Location"] == reverse("second-step")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"}, {"aud": "another site"}, {"exp": 1}, {"nonce": "replayed"}, {"sub": None},
        {"sub": "7" * 256},
        {"aud": ["figpress", "another"], "azp": "another"},
    ],
    ids=["issuer", "audience", "expired", "nonce", "nobody", "too long", "authorised party"],
)  # fmt: skip
def test_what_a_token_must_say(client: Client, provider: Provider, db: None, claims: dict[str, Any]) -> None:
    assert come_back(client, provider.agree(leave(client), **claims)).status_code == 403
    assert not User.objects.exists()


def test_what_does_not_belong_to_this_browser(client: Client, provider: Provider, db: None) -> None:
    back = provider.agree(leave(client))
    assert come_back(Client(), back).status_code == 403, "somebody else's answer"
    assert come_back(client, back | {"state": "guessed"}).status_code == 403
    assert come_back(client, back).status_code == 403, "what was asked is spent"
    leave(client)
    assert b"did not sign you in" in come_back(client, {"error": "access_denied"}).content
    assert Client(enforce_csrf_checks=True).post(reverse("single-sign-on")).status_code == 403
    assert client.get(reverse("single-sign-on")).status_code == 405
    assert not User.objects.exists()


def test_keys_change_and_forged_signatures_are_seen(client: Client, provider: Provider, db: None) -> None:
    come_back(client, provider.agree(leave(client)))
    provider.key, provider.kid = ec.generate_private_key(ec.SECP256R1()), "two"
    browser = Client()
    assert come_back(browser, provider.agree(leave(browser))).status_code == 302
    provider.key = ec.generate_private_key(ec.SECP256R1())  # with the name of the one before
    assert come_back(Client(), provider.agree(leave(Client()))).status_code == 403
    forger = Client()
    assert come_back(forger, provider.agree(leave(forger))).status_code == 403
    provider.algorithm = "HS256"
    assert come_back(forger, provider.agree(leave(forger))).status_code == 403


def test_who_may_come_is_the_operators_choice(client: Client, provider: Provider, db: None, settings: Any) -> None:
    settings.FIGPRESS_OIDC = settings.FIGPRESS_OIDC | {"sign_up": False}
    assert b"You have no account here" in come_back(client, provider.agree(leave(client))).content
    assert not User.objects.exists()
    settings.FIGPRESS_OIDC = settings.FIGPRESS_OIDC | {"issuer": "http://id.example.org"}
    assert b"must be https" in client.post(reverse("single-sign-on")).content
    settings.FIGPRESS_OIDC = {}
    assert client.post(reverse("single-sign-on")).status_code == 404
    assert b"Sign in with" not in client.get(reverse("sign-in")).content


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://id.example.org/authorize", "data:text/html,x"])
def test_nobody_is_sent_where_others_listen(client: Client, provider: Provider, db: None, address: str) -> None:
    provider.authorize = address
    answer = client.post(reverse("single-sign-on"))
    assert answer.status_code == 403
    assert b"must be https" in answer.content


def test_a_provider_that_is_away(client: Client, provider: Provider, db: None, settings: Any) -> None:
    provider.stop()
    answer = client.post(reverse("single-sign-on"))
    assert answer.status_code == 403
    assert b"does not answer as it should" in answer.content
    assert oidc.provider() is not None
    assert "s3cret" not in repr(oidc.provider())
