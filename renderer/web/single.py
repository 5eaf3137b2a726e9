"""Single sign-on: to the provider and back."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Final, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from renderer.accounts import oidc, sessions
from renderer.models.membership import Role
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.proof import ProofForm
from renderer.web.signing import enter, spend, too_many

ASKED: Final = "figpress_oidc"

logger = logging.getLogger(__name__)


@require_POST
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Off to the provider, to sign in. By a form with its CSRF token: no other site signs anybody in as somebody
    else."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url("gallery")
    return _leave(request, _provider(), target)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.VIEWER)
def connect(request: SignedInRequest) -> HttpResponse:
    """Off to the provider, to sign in that way, too, from now on. It is another way in, and stays one: an open browser
    is not enough to make it."""
    provider, form = _provider(), ProofForm(request)
    if request.method == "POST" and form.is_valid():
        return _leave(request, provider, resolve_url("account"), connects=request.user.pk)
    return render(request, "renderer/connect.html", {"form": form, "provider": provider}, status=form.status)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.VIEWER)
def disconnect(request: SignedInRequest) -> HttpResponse:
    """Sign in with the password alone again. Whoever came in that way is signed out, too."""
    if not request.user.identities.exists():
        raise Http404
    form = ProofForm(request)
    if request.method == "POST" and form.is_valid():
        try:
            oidc.disconnect(request.user)
        except oidc.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sessions.end_others(request.user, request.session.session_key)
            messages.success(
                request, "Disconnected. Your password signs you in, and you are signed out everywhere else."
            )
            return redirect("account")
    return render(request, "renderer/disconnect.html", {"form": form, "provider": oidc.provider()}, status=form.status)


def _leave(request: HttpRequest, provider: oidc.Provider, target: str, *, connects: object = None) -> HttpResponse:
    try:
        address, asked = oidc.ask(provider, _here(request))
    except oidc.Refused as refusal:
        return _refused(request, refusal)
    request.session[ASKED] = {**asdict(asked), "next": target, "connects": None if connects is None else str(connects)}
    # Not a redirect: with the page's form-action, a form ends at this site, and so would the redirect that it leads to.
    return render(request, "renderer/single_leave.html", {"provider": provider, "address": address})


@require_GET
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """Back with a code, or with the provider's reason why not."""
    provider = _provider()
    # Whoever shares an address shares its tries; each answer is an account of its own, as nobody guesses at one here.
    if wait := spend(request, f"oidc {request.GET.get('state', '')[:64]}"):
        return _refused(request, oidc.Refused(too_many(wait)), status=429)
    kept = request.session.pop(ASKED, None)
    try:
        if kept is None:
            raise oidc.Refused("That answer does not belong to this browser. Try again.")
        if request.GET.get("error"):
            raise oidc.Refused(f"{provider.name} did not sign you in.")
        target, connects = kept.pop("next"), kept.pop("connects")
        claims = oidc.claims_for(
            provider, oidc.Asked(**kept),
            state=request.GET.get("state", ""), code=request.GET.get("code", ""), redirect_uri=_here(request),
        )  # fmt: skip
        connecting = cast(SignedInRequest, request).user if connects else None
        if connecting is not None and str(connecting.pk) != connects:
            raise oidc.Refused("Whoever asked to connect their account is not signed in any more. Try again.")
        user = oidc.user_for(provider, claims, signed_in=connecting)
    except oidc.Refused as refusal:
        return _refused(request, refusal)
    if connecting is not None:
        messages.success(request, f"Connected. From now on you may also sign in with {provider.name}.")
        return redirect(target)
    return enter(request, user, target)


def _provider() -> oidc.Provider:
    found = oidc.provider()
    if found is None:
        raise Http404
    return found


def _here(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("single-back"))


def _refused(request: HttpRequest, refusal: oidc.Refused, *, status: int = 403) -> HttpResponse:
    logger.warning("single sign-on: %s (%r)", refusal, refusal.__cause__, extra={"action": "sign_in.refused"})
    return render(request, "renderer/single_refused.html", {"sentence": str(refusal)}, status=status)
