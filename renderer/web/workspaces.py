"""Workspaces: which one the pages show, who is in it, and in which role."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from renderer.api import standing
from renderer.jobs import workspaces as verbs
from renderer.models import Membership
from renderer.models.membership import Role
from renderer.web.access import NotInThisRole, SignedInRequest, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.forms import MemberForm, RoleForm, WorkspaceForm

# What a person may do here hangs on their role in the workspace that the address names, which need not be the one that
# the pages show: each view looks itself.
anybody = signed_in(needs=Role.VIEWER)


@require_http_methods(["GET", "POST"])
@anybody
def new(request: SignedInRequest) -> HttpResponse:
    """A form for a new workspace, which is then the one that the pages show."""
    form = WorkspaceForm(request.POST or None)
    if form.is_valid():
        try:
            made = verbs.create(request.user, form.cleaned_data["name"])
        except verbs.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            standing.choose(request, made)
            messages.success(request, f"“{made}” is there, and empty. Now add who shares it.")
            return redirect("workspace", made.pk)
    return render(request, "renderer/new_workspace.html", {"form": form}, status=_status(request))


@require_POST
@anybody
def choose(request: SignedInRequest) -> HttpResponse:
    """Show another workspace's charts, or one's own; then the page of this site that ``next`` names."""
    pk = uuid_or_none(request.POST.get("workspace", ""))
    standing.choose(request, _own(request, pk).workspace if pk else None)
    there = request.POST.get("next", "")
    return redirect(there if url_has_allowed_host_and_scheme(there, None) else "gallery")


@require_GET
@anybody
def workspace(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who is in it."""
    return _page(request, _own(request, pk))


@require_POST
@anybody
def rename(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Call it something else."""
    own = _own(request, pk, Role.OWNER)
    form = WorkspaceForm(request.POST)
    if not form.is_valid():
        return _page(request, own, name_form=form, status=422)
    verbs.rename(own.workspace, form.cleaned_data["name"])
    return redirect("workspace", pk)


@require_POST
@anybody
def add_member(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Add somebody by their user name."""
    own = _own(request, pk, Role.OWNER)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            member = verbs.add(own.workspace, form.cleaned_data["username"], Role(form.cleaned_data["role"]))
        except verbs.Refused as refusal:
            form.add_error("username", str(refusal))
        else:
            messages.success(request, f"{member.user.get_username()} is in, as {member.role}.")
            return redirect("workspace", pk)
    return _page(request, own, member_form=form, status=422)


@require_POST
@anybody
def change_member(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Give a member another role."""
    member = _other(request, pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            verbs.change_role(member, Role(form.cleaned_data["role"]))
        except verbs.Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"{member.user.get_username()} is {form.cleaned_data['role']} from now on.")
    return redirect("workspace", member.workspace_id)


@require_POST
@anybody
def remove_member(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Let a member go."""
    member = _other(request, pk)
    try:
        verbs.remove(member)
    except verbs.Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{member.user.get_username()} is no member any more, and sees nothing of it.")
    return redirect("gallery") if member.user_id == request.user.pk else redirect("workspace", member.workspace_id)


@require_POST
@anybody
def leave(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Go oneself."""
    own = _own(request, pk)
    try:
        verbs.remove(own)
    except verbs.Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("workspace", pk)
    _away_from(request, pk)
    messages.success(request, f"You left “{own.workspace}”.")
    return redirect("gallery")


@require_POST
@anybody
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Delete it with all that is in it, if they typed its name."""
    own = _own(request, pk, Role.OWNER)
    try:
        verbs.delete(own.workspace, typed=request.POST.get("name", ""))
    except verbs.Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("workspace", pk)
    _away_from(request, pk)
    messages.success(request, f"Deleted “{own.workspace}”.")
    return redirect("gallery")


def _page(
    request: SignedInRequest,
    own: Membership,
    *,
    name_form: WorkspaceForm | None = None,
    member_form: MemberForm | None = None,
    status: int = 200,
) -> HttpResponse:
    members = Membership.objects.filter(workspace=own.workspace).select_related("user").order_by("user__username")
    context = {
        "own": own,
        "is_owner": own.role == Role.OWNER,
        "is_shown": request.account.pk == own.workspace.account_id,
        "members": members,
        "held": verbs.held(own.workspace),
        "roles": Role.choices,
        "name_form": name_form or WorkspaceForm(initial={"name": own.workspace.name}, auto_id="rename_%s"),
        "member_form": member_form or MemberForm(),
    }
    return render(request, "renderer/workspace.html", context, status=status)


def _own(request: SignedInRequest, pk: UUID, needs: Role = Role.VIEWER) -> Membership:
    """The person's own membership. Somebody else's workspace is not there; in theirs the role has to be enough."""
    for row in standing.memberships_of(request):
        if row.workspace_id == pk:
            if not Role(row.role).may(needs):
                raise NotInThisRole(needs)
            return row
    raise Http404


def _other(request: SignedInRequest, pk: UUID) -> Membership:
    """A membership of a workspace that the person owns."""
    member = get_object_or_404(Membership.objects.select_related("user", "workspace"), pk=pk)
    _own(request, member.workspace_id, Role.OWNER)
    return member


def _away_from(request: SignedInRequest, pk: UUID) -> None:
    shown = request.standing.workspace
    if shown is not None and shown.pk == pk:
        standing.choose(request, None)


def _status(request: SignedInRequest) -> int:
    """A form that comes back was not accepted."""
    return 422 if request.method == "POST" else 200
