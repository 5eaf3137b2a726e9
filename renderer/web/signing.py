"""Signing in: tries are counted before a password is hashed, which is slow by design (SECURITY T14).

By address, and by account from an address: somebody who guesses is slowed down, and nobody locks others out of their
own accounts by guessing at them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from renderer import audit, rates
from renderer.accounts import factors, oidc
from renderer.audit import neighbourhood
from renderer.models.audit import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WINDOW: Final = 300
EVERYBODY: Final = 5
"""So many times the tries for one account there may be from one address, behind which an office may be."""
TOO_MANY: Final = "too_many"
PENDING: Final = "figpress_pending"
"""In a session: who has given a password, and not yet the code."""
PATIENCE: Final = 600
"""Seconds between the two."""


class _Counted:
    """What a form for signing in does first."""

    request: HttpRequest | None
    cleaned_data: dict[str, Any]
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        """Refuse one try too many, without a look at its password."""
        if self.request is not None and (name := self.cleaned_data.get("username")):
            self.retry_after = spend(self.request, str(name))
        if self.retry_after:
            raise forms.ValidationError(too_many(self.retry_after), code=TOO_MANY)
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]  # of the form that this is mixed into
        return cleaned


class SignInForm(_Counted, AuthenticationForm):
    """The form of the pages."""


class AdminSignInForm(_Counted, AdminAuthenticationForm):
    """The form of the admin: ``admin.site.login_form = AdminSignInForm``. It knows no second step."""

    def confirm_login_allowed(self, user: User) -> None:
        """Nobody who has a second factor gets around it here."""
        super().confirm_login_allowed(user)
        if factors.of(user) is not None:
            raise forms.ValidationError(
                "This account has a second factor: sign in on the pages, then come back.", code="second_factor"
            )


class CodeForm(forms.Form):
    """The second step."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your app shows now, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class SignIn(LoginView):
    """The page."""

    template_name = "renderer/sign_in.html"
    redirect_authenticated_user = True
    next_page = "gallery"
    authentication_form = SignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signed in, or sent to the second step."""
        return enter(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The form again; 429 if there were too many tries."""
        response = super().form_invalid(form)
        if wait := getattr(form, "retry_after", 0):
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the other way in, where there is one."""
        return super().get_context_data(**kwargs) | {"provider": oidc.provider()}


def enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Sign in whom a password, or a provider, has vouched for; who has a second factor proves that first.

    Until then nobody is signed in: the session holds who it will be, and no more.
    """
    if factors.of(user) is None:
        login(request, user, backend=_backend(user))
        return redirect(target)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk), "hash": _fingerprint(user), "backend": _backend(user), "at": time.time(), "next": target,
    }  # fmt: skip
    return redirect("second-step")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code, from who gave the right password a moment ago."""
    user = _pending(request)
    if user is None:
        request.session.pop(PENDING, None)
        return redirect("sign-in")
    form, status, wait = CodeForm(request.POST or None), 200, 0
    if form.is_valid():
        try:
            if factors.check(user, form.cleaned_data["code"]):
                known = request.session.pop(PENDING)
                login(request, user, backend=known["backend"])
                return redirect(known["next"])
            audit.note(Action.SIGN_IN_FAILED, user, "the second factor", actor=user)
            form.add_error("code", "That code is not right, or was used before.")
            status = 422
        except factors.TooMany as refusal:
            form.add_error("code", too_many(refusal.seconds))
            status, wait = 429, refusal.seconds
    elif request.method == "POST":
        status = 422
    response = render(request, "renderer/second_step.html", {"form": form}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _pending(request: HttpRequest) -> User | None:
    """Who gave a password, not long ago, that is still theirs."""
    known = request.session.get(PENDING)
    if not known or time.time() > known["at"] + PATIENCE:
        return None
    user = get_user_model().objects.filter(pk=known["user"], is_active=True).first()
    return user if user is not None and constant_time_compare(_fingerprint(user), known["hash"]) else None


def _backend(user: User) -> str:
    """What Django asks for the rights of who signed in: whatever looked at the password, else the first there is."""
    return str(getattr(user, "backend", None) or settings.AUTHENTICATION_BACKENDS[0])


def _fingerprint(user: User) -> str:
    return str(user.get_session_auth_hash())


def spend(request: HttpRequest, name: str) -> int:
    """Count a try. Returns 0, or the seconds until the next may be made."""
    quota = rates.setting("FIGPRESS_RATE_SIGN_IN")
    address = neighbourhood(request)
    count = rates.worst(
        rates.spend(
            (rates.Rate("sign-in-address", EVERYBODY * quota, WINDOW), address),
            (rates.Rate("sign-in-account", quota, WINDOW), f"{address} {name.casefold()}"),
            insists=True,
        )
    )
    return count.reset if count else 0


def too_many(seconds: int) -> str:
    """What is said about one try too many."""
    return f"Too many tries. Wait {_minutes(seconds)}, then try again."


def _minutes(seconds: int) -> str:
    return "a minute" if seconds <= 60 else f"{-(-seconds // 60)} minutes"
