"""Proof: before what cannot be undone a person says once more who they are, so that an open browser is not enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from renderer.accounts.sessions import BEGAN
from renderer.web.access import SignedInRequest
from renderer.web.signing import spend, too_many

FRESH: Final = timedelta(minutes=15)
"""Who signs in elsewhere has no password of ours: they must have signed in not longer ago."""
PROVEN: Final = "figpress_proven"


class ProofForm(forms.Form):
    """The password; tries are counted with those to sign in, before it is looked at."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    retry_after = 0

    def __init__(self, request: SignedInRequest, **kwargs: Any) -> None:
        super().__init__(request.POST if request.method == "POST" else None, **kwargs)
        self.request = request
        if not request.user.has_usable_password():
            del self.fields["password"]

    def clean(self) -> dict[str, Any]:
        """Whether it is them."""
        cleaned: dict[str, Any] = super().clean() or {}
        user = self.request.user
        if "password" not in self.fields:
            if not _is_since(self.request, BEGAN):
                raise forms.ValidationError("Sign out and in again first: this needs a sign-in of the last 15 minutes.")
            return cleaned
        self.retry_after = spend(self.request, user.get_username())
        if self.retry_after:
            raise forms.ValidationError(too_many(self.retry_after))
        if "password" in cleaned and not user.check_password(cleaned["password"]):
            self.add_error("password", "That is not the password that you have now.")
        return cleaned

    @property
    def status(self) -> int:
        """Of the answer that shows it."""
        if self.retry_after:
            return 429
        return 422 if self.is_bound else 200


def is_recent(request: SignedInRequest) -> bool:
    """Whether they said so in the last minutes, for what takes several pages."""
    return _is_since(request, PROVEN)


def remember(request: SignedInRequest) -> None:
    """They just said so."""
    request.session[PROVEN] = timezone.now().isoformat()


def _is_since(request: SignedInRequest, key: str) -> bool:
    at = request.session.get(key)
    return at is not None and datetime.fromisoformat(at) > timezone.now() - FRESH
