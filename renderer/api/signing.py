"""Signing: addresses of ``GET /render`` that draw for their owner without a token, just the picture that they name.

The signature covers the owner and the whole query, in any order; with SECRET_KEY_FALLBACKS old addresses live on while
the key is changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from ninja.security import APIKeyQuery

from renderer.api.auth import bearer
from renderer.api.problems import ApiProblem

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SALT: Final = "figpress.render"
_MAX_SECONDS: Final = 11
"""Digits of a time."""


class SignatureAuth(APIKeyQuery):
    """``?owner=...&expires=...&sig=...``, as ``POST /render/url`` makes it."""

    param_name = "sig"

    def __call__(self, request: HttpRequest) -> User | None:
        return self.authenticate(request, request.GET["sig"]) if is_signed(request) else None

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        """Who signed it. Raises ApiProblem, which is the same whatever is wrong."""
        owner = _owner(request.GET, key or "")
        if owner is None:
            raise ApiProblem("bad_signature")
        return owner


def is_signed(request: HttpRequest) -> bool:
    """Whether the request is to be judged by its signature."""
    return "sig" in request.GET and bearer(request) is None


def signed(query: dict[str, str], owner: User, expires_at: datetime) -> str:
    """The query with its owner, its end and its signature."""
    whole = query | {"owner": str(owner.pk), "expires": str(int(expires_at.timestamp()))}
    return urlencode(whole | {"sig": _signer().signature(_canonical(list(whole.items())))})


def expiry(request: HttpRequest) -> datetime:
    """When a signed request's address ends."""
    return datetime.fromtimestamp(int(request.GET["expires"]), tz=timezone.get_current_timezone())


def _owner(query: QueryDict, signature: str) -> User | None:
    pairs = [(name, value) for name, values in query.lists() for value in values if name != "sig"]
    try:
        _signer().unsign(f"{_canonical(pairs)}:{signature}")
    except BadSignature:
        return None
    ends = query.get("expires", "")
    if len(query.getlist("sig")) != 1 or not (ends.isdecimal() and len(ends) <= _MAX_SECONDS):
        return None
    if int(ends) <= timezone.now().timestamp():
        return None
    found: User | None = get_user_model()._default_manager.filter(pk=query.get("owner", ""), is_active=True).first()
    return found


def _canonical(pairs: list[tuple[str, str]]) -> str:
    return urlencode(sorted(pairs))


def _signer() -> Signer:
    return Signer(salt=SALT)
