"""The verbs of an ApiToken: issue, revoke."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from renderer import audit
from renderer.models import ApiToken
from renderer.models.audit import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def issue(
    owner: User,
    name: str,
    *,
    by: User | None = None,
    expires_at: datetime | None = None,
    scopes: Iterable[str] | None = None,
) -> tuple[ApiToken, str]:
    """Make a token. Returns its row and the secret, which is shown once and never kept. ``by`` is the person who makes
    it, where it is a workspace's: it lives as long as they own that."""
    with transaction.atomic():
        token, secret = ApiToken.issue(owner, name, by=by, expires_at=expires_at, scopes=scopes)
        audit.note(Action.TOKEN_MADE, owner, f"{token}: {', '.join(token.scopes)}")
    return token, secret


def revoke(token: ApiToken) -> None:
    """End it at once."""
    with transaction.atomic():
        audit.note(Action.TOKEN_REVOKED, token.owner, token)
        token.delete()
