"""Authentication: a session with its CSRF token, or an API token.

A request with ``Authorization: Bearer`` is the token's and nobody else's: its cookies are ignored, so it needs no CSRF
token, and a wrong token is not saved by a good cookie.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from renderer import audit, rates
from renderer.api.answers import CHALLENGE
from renderer.api.problems import ApiProblem
from renderer.api.requests import COUNTS
from renderer.api.standing import standing_of
from renderer.models import ApiToken
from renderer.models.access import PREFIX, Scope
from renderer.models.membership import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

    View = Callable[..., HttpResponse]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SECRET_MAX: Final = 200
NOTE_USE_EVERY: Final = timedelta(minutes=1)
"""Polling with a token must not write a row each time."""


class TokenAuth(HttpBearer):
    """``Authorization: Bearer figp_...``. Reading needs the scope ``read``, deleting ``admin``, the rest ``render``;
    a router or an operation may want another one."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> User | None:
        secret = bearer(request)
        return None if secret is None else self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """Whose token it is. Raises ApiProblem: what came with a token is never looked at with the cookie's eyes."""
        found = ApiToken.find(token) if token.startswith(PREFIX) and len(token) <= SECRET_MAX else None
        if found is None:
            raise ApiProblem(
                "unauthorized",
                "This token is not known: it was revoked, has expired, or never was one of ours.",
                headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
            )
        limit(request, found.owner, found)
        self._require(request, found)
        _note_use(found)
        request.META[audit.BEARER] = found
        return found.owner

    def _require(self, request: HttpRequest, token: ApiToken) -> None:
        needed = self.scope or scope_of(request.method or "GET")
        if needed not in token.scopes:
            has = " and ".join(token.scopes) or "nothing"
            raise ApiProblem(
                "insufficient_scope",
                f"This needs a token with the scope '{needed}'; this one may {has}.",
                headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{needed}"'},
            )


class SessionAuth(APIKeyCookie):
    """The cookie of somebody who signed in on the pages; changes need the CSRF token, too.

    It is for the account that the pages show: in a workspace a viewer reads, and an editor does the rest, unless a
    router asks for another role.
    """

    def __init__(self, role: Role | None = None) -> None:
        super().__init__()
        self.role = role

    def __call__(self, request: HttpRequest) -> User | None:
        return self.authenticate(request, None) if bearer(request) is None else None

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Whose account it is. Raises ApiProblem if a change comes without its CSRF token, or the role does not do."""
        if not request.user.is_authenticated:
            return None
        if request.method not in SAFE and check_csrf(request) is not None:
            raise ApiProblem("csrf_failed")
        limit(request, request.user, None)
        standing = standing_of(request)
        needed = self.role or role_for(request.method or "GET")
        if not standing.role.may(needed):
            detail = f"This needs the role '{needed}'; in the workspace that is shown yours is '{standing.role}'."
            raise ApiProblem("insufficient_role", detail)
        return standing.account


class SessionOnly(SessionAuth):
    """As SessionAuth; a token is told that it may not, instead of that it is unknown."""

    def __call__(self, request: HttpRequest) -> User | None:
        if bearer(request) is not None:
            raise ApiProblem("session_required")
        return super().__call__(request)


def scope_of(method: str) -> Scope:
    """The scope that a method needs, if nothing else is said."""
    if method in SAFE:
        return Scope.READ
    return Scope.ADMIN if method == "DELETE" else Scope.RENDER


def role_for(method: str) -> Role:
    """The role that a method needs in a workspace, if nothing else is said."""
    return Role.VIEWER if method in SAFE else Role.EDITOR


def limit(request: HttpRequest, owner: User, token: ApiToken | None) -> None:
    """Count the request for its owner and its token. Raises ApiProblem (429) if it is one too many."""
    wanted = [(rates.Rate("owner", rates.setting("FIGPRESS_RATE_OWNER")), str(owner.pk))]
    if token is not None:
        wanted.insert(0, (rates.Rate("token", rates.setting("FIGPRESS_RATE_TOKEN")), str(token.pk)))
    counts = request.META[COUNTS] = rates.spend(*wanted)
    if count := rates.worst(counts):
        raise ApiProblem(
            "too_many_requests",
            f"There may be {count.rate.quota:,} requests in {count.rate.window} seconds for each {count.rate.name}.",
            headers={"Retry-After": str(count.reset)},
        )


def bearer(request: HttpRequest) -> str | None:
    """The token that the request carries. Other schemes (a proxy's Basic, for one) are none of ours."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def signed_in(view: View) -> View:
    """A decorator for the API's documentation, which is not public: a person is sent to sign in, a program gets 401."""

    def guarded(request: HttpRequest, **parts: object) -> HttpResponse:
        if (TokenAuth()(request) or SessionAuth()(request)) is not None:
            return view(request, **parts)
        if "text/html" in request.headers.get("Accept", ""):
            return redirect_to_login(request.get_full_path())
        raise AuthenticationError

    return guarded


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    before = now - NOTE_USE_EVERY
    if token.last_used_at is None or token.last_used_at < before:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
