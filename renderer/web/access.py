"""Who sees a page: every view is behind one of these doors.

In a workspace a viewer may look, and an editor may do the rest. A page that wants another role says so:
``@signed_in(needs=Role.OWNER)``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast, overload

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from renderer.api.auth import role_for
from renderer.api.standing import Standing, choose, standing_of
from renderer.models.membership import Role
from renderer.web.elsewhere import elsewhere
from renderer.web.zone import reading

if TYPE_CHECKING:
    from django.contrib.auth.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request of somebody who signed in.

    ``user`` is the person; ``account`` is whose charts the pages show and change, and ``role`` what the person may do
    with them. ``standing`` says both, for templates that show or leave out a button.
    """

    user: User
    account: User
    role: Role
    standing: Standing


class NotInThisRole(Exception):
    """A view may raise it about a role that is not that in the account which the pages show."""

    def __init__(self, needed: Role) -> None:
        super().__init__(needed)
        self.needed = needed


View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
Wrapped = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@overload
def signed_in(view: View[P]) -> Wrapped[P]: ...


@overload
def signed_in(*, needs: Role) -> Callable[[View[P]], Wrapped[P]]: ...


def signed_in(
    view: View[P] | None = None, *, needs: Role | None = None
) -> Wrapped[P] | Callable[[View[P]], Wrapped[P]]:
    """A page for its owner: strangers are sent to sign in, and no cache keeps it."""
    if view is None:
        return lambda inner: _page(inner, needs)
    return _page(view, needs)


def _page(view: View[P], needs: Role | None) -> Wrapped[P]:
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        entered = _entered(request)
        needed = needs or role_for(request.method or "GET")
        with reading(request):
            try:
                if not entered.role.may(needed):
                    raise NotInThisRole(needed)
                response = view(entered, *args, **kwargs)
            except Http404:
                found = elsewhere(entered)
                if found is None:
                    raise
                response = found
            except NotInThisRole as refusal:
                response = render(request, "renderer/role.html", {"needed": refusal.needed}, status=403)
        add_never_cache_headers(response)
        return response

    return wrapped


def fragment(view: View[P]) -> Wrapped[P]:
    """A piece of a page that htmx fetches while the page is open.

    Where the page itself would no longer be shown (signed out, deleted in another tab, another role), the page is told
    to load again: it then says why in full, and a sign-in form never ends up in the middle of it.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            if not request.user.is_authenticated:
                raise Http404
            entered = _entered(request)
            if not entered.role.may(role_for(request.method or "GET")):
                raise Http404
            with reading(request):
                response = view(entered, *args, **kwargs)
        except Http404:
            response = HttpResponse(status=204, headers={"HX-Refresh": "true"})
        add_never_cache_headers(response)
        return response

    return wrapped


def either(view: View[P]) -> Wrapped[P]:
    """A page that htmx also fetches as a piece of another: ``request.headers`` say which of the two it is."""
    page, piece = signed_in(view), fragment(view)

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = (piece if is_piece(request) else page)(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return wrapped


def is_piece(request: HttpRequest) -> bool:
    """Whether htmx asks, which puts the answer into a page that is open."""
    return request.headers.get("HX-Request") == "true"


def _entered(request: HttpRequest) -> SignedInRequest:
    """The request of somebody who was just seen to be signed in."""
    entered = cast(SignedInRequest, request)
    standing = standing_of(request)
    if standing.is_lost:
        choose(request, None)
        messages.info(request, "You are no longer a member of that workspace. These are your own charts.")
    entered.standing, entered.account, entered.role = standing, standing.account, standing.role
    return entered
