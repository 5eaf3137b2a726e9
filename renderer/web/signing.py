"""Signing in: tries are counted before a password is hashed, which is slow by design (SECURITY T14).

By address, and by account from an address: somebody who guesses is slowed down, and nobody locks others out of their
own accounts by guessing at them.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from renderer import rates

WINDOW: Final = 300
EVERYBODY: Final = 5
"""So many times the tries for one account there may be from one address, behind which an office may be."""
TOO_MANY: Final = "too_many"


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
    """The form of the admin: ``admin.site.login_form = AdminSignInForm``."""


class SignIn(LoginView):
    """The page."""

    template_name = "renderer/sign_in.html"
    redirect_authenticated_user = True
    next_page = "gallery"
    authentication_form = SignInForm

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The form again; 429 if there were too many tries."""
        response = super().form_invalid(form)
        if wait := getattr(form, "retry_after", 0):
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response


def spend(request: HttpRequest, name: str) -> int:
    """Count a try. Returns 0, or the seconds until the next may be made."""
    quota = rates.setting("FIGPRESS_RATE_SIGN_IN")
    address = address_of(request)
    count = rates.worst(
        rates.spend(
            (rates.Rate("sign-in-address", EVERYBODY * quota, WINDOW), address),
            (rates.Rate("sign-in-account", quota, WINDOW), f"{address} {name.casefold()}"),
        )
    )
    return count.reset if count else 0


def too_many(seconds: int) -> str:
    """What is said about one try too many."""
    return f"Too many tries. Wait {_minutes(seconds)}, then try again."


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. A proxy is believed, about the last hop alone, where the settings say that there is
    one; else anybody could write the header."""
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and (hops := request.headers.get("X-Forwarded-For")):
        return hops.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _minutes(seconds: int) -> str:
    return "a minute" if seconds <= 60 else f"{-(-seconds // 60)} minutes"
