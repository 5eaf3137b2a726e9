"""Webhooks on their pages."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from renderer.models import Delivery, Webhook
from renderer.webhooks import deliveries, hooks, keys, signing

FORM = {"url": "https://example.org/hook", "name": "Chat", "events": ["render.failed"]}


def secret_in(page: str) -> str:
    found = re.search(r'id="secret">(whsec_[^<]+)<', page)
    return found[1] if found else ""


def test_a_secret_is_shown_once(signed_in: Client) -> None:
    made = signed_in.post("/webhooks/", FORM)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    hook = Webhook.objects.get()
    secret = secret_in(made.content.decode())
    assert secret == signing.shown(keys.secret_of(hook.pk, hook.seed))
    assert hook.events == ["render.failed"]
    page = reverse("webhook", args=[hook.pk])
    assert "whsec_" not in signed_in.get(page).content.decode()
    assert "Chat" in signed_in.get("/webhooks/").content.decode()

    rotated = signed_in.post(reverse("rotate-webhook", args=[hook.pk])).content.decode()
    assert secret_in(rotated) not in ("", secret)
    assert "The old one signs, too, until" in rotated


def test_a_wrong_form_makes_none(signed_in: Client) -> None:
    for change, said in (
        ({"url": "http://169.254.169.254/"}, "not public"),
        ({"url": ""}, "required"),
        ({"events": []}, "Choose at least one."),
    ):
        refused = signed_in.post("/webhooks/", FORM | change)
        assert refused.status_code == 422
        assert said in refused.content.decode()
    assert not Webhook.objects.exists()


def test_the_log_and_its_buttons(signed_in: Client, ada: User) -> None:
    hook = hooks.create(ada, FORM["url"])[0]  # type: ignore[arg-type]
    page = signed_in.post(reverse("test-webhook", args=[hook.pk]), follow=True).content.decode()
    assert "webhook.test" in page
    assert "Waiting" in page
    delivery = Delivery.objects.get()
    again = reverse("redeliver-delivery", args=[delivery.pk])
    assert again not in page
    User.objects.update(is_active=False)
    deliveries.attempt(delivery.pk)
    User.objects.update(is_active=True)
    page = signed_in.get(reverse("webhook", args=[hook.pk])).content.decode()
    assert "The webhook is off." in page
    assert again in page
    assert "It is sent once more." in signed_in.post(again, follow=True).content.decode()
    assert "It waits to be sent already." in signed_in.post(again, follow=True).content.decode()

    signed_in.post(reverse("switch-off-webhook", args=[hook.pk]))
    assert not Webhook.objects.get().is_active
    Webhook.objects.update(disabled_reason="The receiver answered 410.")
    assert "The receiver answered 410." in signed_in.get(reverse("webhook", args=[hook.pk])).content.decode()
    signed_in.post(reverse("switch-on-webhook", args=[hook.pk]))
    assert Webhook.objects.get().is_active
    deleted = signed_in.post(reverse("delete-webhook", args=[hook.pk]), follow=True).content.decode()
    assert "Nothing more is sent there." in deleted
    assert "No webhooks." in deleted
