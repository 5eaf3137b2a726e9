"""API tokens: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from renderer.jobs import tokens as verbs
from renderer.models import ApiToken
from renderer.models.membership import Role
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.forms import TokenForm


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.OWNER)
def tokens(request: SignedInRequest) -> HttpResponse:
    """All tokens of a person, and a form for a new one.

    The secret of a new token stands in the answer to its form and nowhere else: a redirect would need to keep it.
    """
    form = TokenForm(request.POST or None)
    secret = ""
    status = 200
    if form.is_valid():
        days = form.cleaned_data["days"]
        ends = timezone.now() + timedelta(days=days) if days else None
        chosen = form.cleaned_data
        _, secret = verbs.issue(
            request.account, chosen["name"], by=request.user, expires_at=ends, scopes=chosen["scopes"]
        )
        form, status = TokenForm(), 201
    elif request.method == "POST":
        status = 422
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.for_user(request.account)
        .select_related("made_by")
        .annotate(is_vouched=Case(When(ApiToken.vouched(), then=True), default=False)),
        "now": timezone.now(),
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "renderer/tokens.html", context, status=status)


@require_POST
@signed_in(needs=Role.OWNER)
def revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(ApiToken.objects.for_user(request.account), pk=pk)
    verbs.revoke(token)
    messages.success(request, f"Revoked “{token.name}”. Nothing can use it any more.")
    return redirect("tokens")
