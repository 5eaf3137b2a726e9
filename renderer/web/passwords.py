"""A new password. Every other session of the person ends with the old one; API tokens are no sessions, and stay."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from renderer import audit
from renderer.accounts import sessions
from renderer.models.audit import Action
from renderer.models.membership import Role
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.signing import spend, too_many


class PasswordForm(PasswordChangeForm):
    """Django's, in the words of the pages."""

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(user, data)
        labels = {"old_password": "Password now", "new_password1": "New password", "new_password2": "The new one again"}
        for name, label in labels.items():
            self.fields[name].label = label
        self.error_messages = self.error_messages | {
            "password_incorrect": "That is not the password that you have now.",
            "password_mismatch": "The two are not the same.",
        }
        self.fields["new_password1"].help_text = " ".join(map(str, password_validators_help_texts()))
        self.fields["new_password2"].help_text = ""
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.VIEWER)  # it is the person's, whatever workspace the pages show
def change(request: SignedInRequest) -> HttpResponse:
    """The old one, and the new one twice. Tries are counted with those to sign in: an open browser is no way around."""
    if request.method != "POST":
        return _page(request, PasswordForm(request.user))
    if wait := spend(request, request.user.get_username()):
        response = _page(request, PasswordForm(request.user), error=too_many(wait), status=429)
        response["Retry-After"] = str(wait)
        return response
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    with transaction.atomic():
        update_session_auth_hash(request, form.save())
        sessions.end_others(request.user, request.session.session_key)
        audit.note(Action.PASSWORD_CHANGED, request.user)
    messages.success(request, "Your password is changed. Wherever else you were signed in, you are not any more.")
    return redirect("password")


def _page(request: SignedInRequest, form: PasswordForm, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "error": error, "has_one": request.user.has_usable_password()}
    return render(request, "renderer/password.html", context, status=status)
