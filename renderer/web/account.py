"""A person's account: the second factor, where they are signed in, what was done, a copy of it all, and its end."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from renderer import audit
from renderer.accounts import factors, oidc, sessions, totp
from renderer.api.paging import page
from renderer.jobs import exports, owners
from renderer.models import AuditEntry, Export, SecondFactor
from renderer.models.audit import Action
from renderer.models.export import ExportStatus
from renderer.models.membership import Role
from renderer.web import proof
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.proof import ProofForm
from renderer.web.signing import CodeForm, too_many

LINES: Final = 50
# What is the person's own, whatever workspace the pages show.
anybody = signed_in(needs=Role.VIEWER)


class LeaveForm(ProofForm):
    """What deletes an account takes its name, too."""

    name = forms.CharField(label="Your user name, to be sure", max_length=150)
    field_order = ("name", "password")

    def clean_name(self) -> str:
        """Letter by letter."""
        typed = str(self.cleaned_data["name"])
        if typed != self.request.user.get_username():
            raise forms.ValidationError("That is not your user name.")
        return typed


@require_GET
@anybody
def account(request: SignedInRequest) -> HttpResponse:
    """All of it on one page."""
    factor = factors.of(request.user)
    context = {
        "factor": factor,
        "codes_left": factors.codes_left(factor) if factor else 0,
        "provider": oidc.provider(),
        "identities": list(request.user.identities.all()),
        "sessions": list(sessions.of(request.user)) if sessions.are_ours() else None,
        "current": sessions.digest(request.session.session_key),
        "exports": list(Export.objects.filter(owner=request.account)[:5]) if request.standing.is_owner else None,
        "zip_status": ExportStatus,
    }
    return render(request, "renderer/account.html", context)


@require_POST
@anybody
def end_sessions(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere else."""
    with transaction.atomic():
        ended = sessions.end_others(request.user, request.session.session_key)
        audit.note(Action.SESSIONS_ENDED, request.user, f"{ended} ended")
    messages.success(request, "You are signed in here, and nowhere else.")
    return redirect("account")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@anybody
def set_up(request: SignedInRequest) -> HttpResponse:
    """Switch the second factor on: the password, then the app's first code. The recovery codes stand in the answer."""
    if factors.of(request.user) is not None:
        return redirect("account")
    if not proof.is_recent(request):
        form = ProofForm(request)
        if form.is_valid():
            proof.remember(request)
            return redirect("set-up-factor")
        return render(request, "renderer/factor.html", {"form": form, "step": "proof"}, status=form.status)
    code_form, status = CodeForm(request.POST or None), 422 if request.method == "POST" else 200
    if code_form.is_valid():
        try:
            codes = factors.confirm(request.user, code_form.cleaned_data["code"])
        except factors.TooMany as refusal:
            code_form.add_error("code", too_many(refusal.seconds))
            status = 429
        else:
            if codes is not None:
                sessions.end_others(request.user, request.session.session_key)
                return _codes(request, codes)
            code_form.add_error("code", "That code is not right. Is the clock of the device right?")
    return _offer(request, factors.begin(request.user), code_form, status=status)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@anybody
def new_codes(request: SignedInRequest) -> HttpResponse:
    """Other recovery codes."""
    _needs_factor(request)
    form = ProofForm(request)
    if request.method == "POST" and form.is_valid():
        return _codes(request, factors.renew(request.user))
    return render(request, "renderer/factor.html", {"form": form, "step": "codes"}, status=form.status)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@anybody
def switch_off(request: SignedInRequest) -> HttpResponse:
    """Sign in with the password alone again."""
    _needs_factor(request)
    form = ProofForm(request)
    if request.method == "POST" and form.is_valid():
        factors.switch_off(request.user)
        messages.success(request, "The second factor is off. Your password alone signs you in.")
        return redirect("account")
    return render(request, "renderer/factor.html", {"form": form, "step": "off"}, status=form.status)


@require_GET
@signed_in(needs=Role.OWNER)
def activity(request: SignedInRequest) -> HttpResponse:
    """What was done to the account that the pages show, the newest first."""
    lines, following = page(AuditEntry.objects.for_user(request.account).filter(owner=request.account),
                            request.GET.get("cursor", ""), LINES)  # fmt: skip
    return render(request, "renderer/activity.html", {"lines": lines, "next_cursor": following})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.OWNER)
def export(request: SignedInRequest) -> HttpResponse:
    """Ask for a copy of everything in the account that the pages show."""
    form = ProofForm(request)
    if request.method == "POST" and form.is_valid():
        exports.ask(request.account)
        messages.success(request, "A worker puts it together. It will stand here, to be downloaded for a week.")
        return redirect("account")
    return render(request, "renderer/export.html", {"form": form}, status=form.status)


@require_GET
@signed_in(needs=Role.OWNER)
def download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The ZIP file."""
    row = get_object_or_404(Export.objects.filter(owner=request.account, status=ExportStatus.READY), pk=pk)
    try:
        file = default_storage.open(row.file.name or "", "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    audit.note(Action.DOWNLOADED, request.account)
    response = FileResponse(file, as_attachment=True, filename=f"figpress-{row.created_at:%Y-%m-%d}.zip",
                            content_type="application/zip")  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@anybody
def leave(request: SignedInRequest) -> HttpResponse:
    """Delete the person's own account, with everything in it."""
    form = LeaveForm(request)
    if request.method == "POST" and form.is_valid():
        user = request.user
        try:
            owners.refuse_to_delete(user)
        except owners.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            owners.delete(user)
            messages.success(request, "Your account is gone, with everything that was in it.")
            return redirect("sign-in")
    context = {"form": form, "held": owners.held_by(request.user)}
    return render(request, "renderer/leave.html", context, status=form.status)


def _offer(request: SignedInRequest, factor: SecondFactor, form: CodeForm, *, status: int) -> HttpResponse:
    """The QR code, and the same to be typed."""
    form.fields["code"].help_text = "The six digits that it shows now."
    secret = factor.secret
    issuer = f"Figpress {request.get_host()}".replace(":", " ")  # a colon ends the issuer
    context = {
        "step": "scan",
        "form": form,
        "qr": _qr(totp.address(secret, issuer=issuer, account=request.user.get_username())),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return render(request, "renderer/factor.html", context, status=status)


def _codes(request: SignedInRequest, codes: list[str]) -> HttpResponse:
    return render(request, "renderer/factor.html", {"step": "shown", "codes": "\n".join(codes)})


def _needs_factor(request: SignedInRequest) -> None:
    if factors.of(request.user) is None:
        raise Http404


def _qr(text: str) -> SafeString:
    """A QR code as an SVG of one path, in the page itself: no picture with a secret has an address."""
    from qrcode.main import QRCode

    code = QRCode(border=4)
    code.add_data(text)
    code.make()
    matrix = code.get_matrix()
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    side = len(matrix)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="QR code for your app">'
        '<rect width="{0}" height="{0}" fill="#fff"/><path d="{1}" fill="#000"/></svg>',
        side,
        squares,
    )
