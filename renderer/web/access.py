"""Who sees a page: every view is behind one of these two doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

if TYPE_CHECKING:
    from django.contrib.auth.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request of somebody who signed in.

    ``user`` is the person; ``account`` is whose charts the pages show and change.
    """

    user: User
    account: User


View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
Wrapped = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> Wrapped[P]:
    """A page for its owner: strangers are sent to sign in, and no cache keeps it."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        response = view(_entered(request), *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return wrapped


def fragment(view: View[P]) -> Wrapped[P]:
    """A piece of a page that htmx fetches while the page is open.

    Where the page itself would no longer be shown (signed out, deleted in another tab), the page is told to load
    again: it then says why in full, and a sign-in form never ends up in the middle of it.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            if not request.user.is_authenticated:
                raise Http404
            response = view(_entered(request), *args, **kwargs)
        except Http404:
            response = HttpResponse(status=204, headers={"HX-Refresh": "true"})
        add_never_cache_headers(response)
        return response

    return wrapped


def _entered(request: HttpRequest) -> SignedInRequest:
    """The request of somebody who was just seen to be signed in."""
    entered = cast(SignedInRequest, request)
    entered.account = entered.user
    return entered
