"""Standing: whose things somebody who signed in sees and changes, and what they may do with them.

A person's own, unless they chose a workspace that they are a member of. It is looked up at each request, so that a
membership that ended, or another role, counts from the next one. A token has its own account, and nothing of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.http import HttpRequest

from renderer.models import Membership, Workspace
from renderer.models.membership import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHOSEN: Final = "workspace"
"""In a session: the workspace that was chosen."""
_KEPT: Final = "figpress.standing"
_KEPT_MEMBERSHIPS: Final = "figpress.memberships"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose account a request is about, and in which role."""

    account: User
    role: Role
    workspace: Workspace | None = None
    """None: it is the person's own."""
    is_lost: bool = False
    """Whether a workspace was chosen that they are no member of any more."""

    @property
    def can_edit(self) -> bool:
        """Whether to show what makes, changes, draws and deletes."""
        return self.role.may(Role.EDITOR)

    @property
    def is_owner(self) -> bool:
        """Whether to show members, tokens and webhooks."""
        return self.role.may(Role.OWNER)


def standing_of(request: HttpRequest) -> Standing:
    """The standing of somebody who is signed in. The same for each call; no query where no workspace is chosen."""
    known: Standing | None = request.META.get(_KEPT)
    if known is None:
        known = request.META[_KEPT] = _find(request)
    return known


def memberships_of(request: HttpRequest) -> list[Membership]:
    """All memberships of somebody who is signed in, in the order of the workspaces' names: one query."""
    found: list[Membership] | None = request.META.get(_KEPT_MEMBERSHIPS)
    if found is None:
        rows = Membership.objects.filter(user=request.user.pk).select_related("workspace__account")
        found = request.META[_KEPT_MEMBERSHIPS] = list(rows.order_by("workspace__name", "workspace_id"))
    return found


def choose(request: HttpRequest, workspace: Workspace | None) -> None:
    """From now on this session is about that workspace; None: about the person's own things."""
    if workspace is not None:
        request.session[CHOSEN] = workspace.pk.hex
    else:
        request.session.pop(CHOSEN, None)
    request.META.pop(_KEPT, None)
    request.META.pop(_KEPT_MEMBERSHIPS, None)


def _find(request: HttpRequest) -> Standing:
    person: User = request.user  # type: ignore[assignment]  # who is signed in is no AnonymousUser
    chosen = request.session.get(CHOSEN)
    if not chosen:
        return Standing(person, Role.OWNER)
    for row in memberships_of(request):
        if row.workspace_id == UUID(chosen) and row.workspace.account.is_active:
            return Standing(row.workspace.account, Role(row.role), row.workspace)
    return Standing(person, Role.OWNER, is_lost=True)
