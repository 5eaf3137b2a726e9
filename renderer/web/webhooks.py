"""Webhooks: made, tried, looked at, their secrets shown once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from renderer.models import Delivery, Webhook
from renderer.models.membership import Role
from renderer.spec.errors import SpecError
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.forms import WebhookForm, refuse
from renderer.webhooks import deliveries, hooks

SHOWN = 50
"""So many of the newest deliveries stand on the page of a webhook; the API lists them all."""


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.OWNER)
def webhooks(request: SignedInRequest) -> HttpResponse:
    """All webhooks of a person, and a form for a new one, whose answer is the only place of its secret."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            hook, secret = hooks.create(request.account, data["url"], name=data["name"], events=data["events"])
        except SpecError as error:
            refuse(form, error.problems)
        else:
            return _page(request, hook, secret=secret, status=201)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "webhooks": Webhook.objects.for_user(request.account)}
    return render(request, "renderer/webhooks.html", context, status=status)


@require_GET
@signed_in(needs=Role.OWNER)
def webhook(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One webhook, and what was sent to it."""
    return _page(request, _find(request, pk))


@require_POST
@signed_in(needs=Role.OWNER)
def rotate(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Another secret, shown in the answer alone."""
    hook = _find(request, pk)
    return _page(request, hook, secret=hooks.rotate(hook))


@require_POST
@signed_in(needs=Role.OWNER)
def test(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Send it something."""
    hooks.send_test(_find(request, pk))
    messages.success(request, "A test is on its way. Load the page again to see what came of it.")
    return redirect("webhook", pk)


@require_POST
@signed_in(needs=Role.OWNER)
def switch_off(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Tell it nothing more."""
    hooks.switch_off(_find(request, pk))
    return redirect("webhook", pk)


@require_POST
@signed_in(needs=Role.OWNER)
def switch_on(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Tell it what happens from now on."""
    hooks.switch_on(_find(request, pk))
    return redirect("webhook", pk)


@require_POST
@signed_in(needs=Role.OWNER)
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Delete it, with what waits for it."""
    hook = _find(request, pk)
    hooks.delete(hook)
    messages.success(request, f"Deleted “{hook}”. Nothing more is sent there.")
    return redirect("webhooks")


@require_POST
@signed_in(needs=Role.OWNER)
def redeliver(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Send a delivery once more."""
    found = Delivery.objects.filter(webhook__in=Webhook.objects.for_user(request.account))
    delivery = get_object_or_404(found, pk=pk)
    if deliveries.redeliver(delivery):
        messages.success(request, "It is sent once more.")
    else:
        messages.warning(request, "It waits to be sent already.")
    return redirect("webhook", delivery.webhook_id)


def _page(request: SignedInRequest, hook: Webhook, *, secret: str = "", status: int = 200) -> HttpResponse:
    context = {
        "webhook": hook,
        "secret": secret,
        "now": timezone.now(),
        "deliveries": list(hook.deliveries.all()[:SHOWN]),
    }
    return render(request, "renderer/webhook.html", context, status=status)


def _find(request: SignedInRequest, pk: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.for_user(request.account), pk=pk)
