"""The verbs of a Workspace: make, rename, delete; add a member, change a role, let somebody go.

A workspace always has an owner. That is held by looking at its rows while they are locked, in the transaction that
would change it: of two last owners who leave in one moment, one is told to stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from renderer import audit
from renderer.jobs import owners
from renderer.models import Chart, Dataset, Membership, Workspace
from renderer.models.audit import Action
from renderer.models.membership import Role
from renderer.models.owned import new_id
from renderer.models.workspace import PREFIX
from renderer.spec.errors import counted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST: Final = 20
"""Workspaces that one person may own, unless FIGPRESS_WORKSPACES says otherwise: each has limits of its own, so that
without one a person would have none."""
MOST_MEMBERS: Final = 200


class Refused(Exception):
    """It cannot be done. The message is a sentence for a person."""


def create(user: User, name: str) -> Workspace:
    """Make a workspace, with the person as its owner. Raises Refused if they own as many as they may."""
    most = int(getattr(settings, "FIGPRESS_WORKSPACES", MOST))
    people = get_user_model()
    with transaction.atomic():
        people.objects.select_for_update().get(pk=user.pk)  # one at a time, so that the count holds
        if Membership.objects.filter(user=user, role=Role.OWNER).count() >= most:
            raise Refused(f"You may own {counted(most, 'workspace')}, and no more.")
        identity = new_id()
        account = people(username=f"{PREFIX}{identity.hex}")
        account.set_unusable_password()
        account.save()
        workspace = Workspace.objects.create(id=identity, name=name, account=account)
        Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        audit.note(Action.WORKSPACE_MADE, account, name)
    return workspace


def rename(workspace: Workspace, name: str) -> None:
    """Call it something else."""
    Workspace.objects.filter(pk=workspace.pk).update(name=name)


def held(workspace: Workspace) -> str:
    """What is in it, in words; empty if nothing is."""
    charts_in = Chart.objects.filter(owner=workspace.account_id, is_draft=False).count()
    datasets_in = Dataset.objects.filter(owner=workspace.account_id).count()
    return " and ".join(counted(n, noun) for n, noun in ((charts_in, "chart"), (datasets_in, "dataset")) if n)


def delete(workspace: Workspace, *, typed: str = "") -> None:
    """Delete a workspace, with all that is in it. Raises Refused while anything is, unless its name was typed: to
    delete the work of others takes more than one click.

    Rows go in one transaction; files when it is committed. A worker that still draws for it finds its row gone, and
    stops.
    """
    account = workspace.account
    with transaction.atomic():
        people = get_user_model()
        people.objects.select_for_update().get(pk=account.pk)
        if (there := held(workspace)) and typed.strip() != workspace.name.strip():
            raise Refused(f"There is something in it still: {there}. Type the name of the workspace to delete it.")
        owners.empty(account)
        people.objects.get(pk=account.pk).delete()
        audit.note(Action.WORKSPACE_DELETED, None, workspace.name)


def add(workspace: Workspace, username: str, role: Role) -> Membership:
    """Add a person by their user name. Raises Refused if there is nobody of that name, or they are in it already."""
    people = get_user_model()
    person = people.objects.filter(username=username, is_active=True, workspace=None).first()
    if person is None:
        raise Refused(f"There is nobody called “{username}” here. User names are told apart by capitals, too.")
    with transaction.atomic():
        members = _locked(workspace)
        if len(members) >= MOST_MEMBERS:
            raise Refused(f"There may be {MOST_MEMBERS} members, and no more.")
        if any(member.user_id == person.pk for member in members):
            raise Refused(f"{username} is a member already.")
        audit.note(Action.MEMBER_ADDED, workspace.account, f"{username}, {role}")
        return Membership.objects.create(workspace=workspace, user=person, role=role)


def change_role(member: Membership, role: Role) -> None:
    """Give a member another role. Raises Refused if nobody would own the workspace then."""
    with transaction.atomic():
        if role != Role.OWNER:
            _others_own(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        audit.note(Action.MEMBER_CHANGED, member.workspace.account, f"{member.user.get_username()}, {role}")


def remove(member: Membership) -> None:
    """Let a member go, at once. Raises Refused if nobody would own the workspace then."""
    with transaction.atomic():
        _others_own(member)
        Membership.objects.filter(pk=member.pk).delete()
        audit.note(Action.MEMBER_REMOVED, member.workspace.account, member.user.get_username())


def _others_own(member: Membership) -> None:
    owners = {row.pk for row in _locked(member.workspace) if row.role == Role.OWNER}
    if owners == {member.pk}:
        raise Refused("A workspace needs an owner, and there is no other one. Make somebody else an owner first.")


def _locked(workspace: Workspace) -> list[Membership]:
    """All members, none of whom changes meanwhile."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    return list(Membership.objects.filter(workspace=workspace))
