"""What belongs to somebody: ids, and the one door through which rows of a user are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import uuid_utils.compat
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from renderer.models.statements import Slot

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique without asking, and ordered by time of creation."""
    return uuid_utils.compat.uuid7()


class OwnedQuerySet(models.QuerySet[M_co]):
    """Rows with an ``owner``. Every view starts from :meth:`for_user`, so that a foreign row is a missing row."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """The rows that this user may see: their own, and for staff also those that belong to nobody."""
        if not user.is_authenticated:
            return self.none()
        return self.owned_by(user, or_nobody=getattr(user, "is_staff", False))

    def owned_by(self, owner: AbstractBaseUser | Slot, *, or_nobody: bool) -> Self:
        """The rows of somebody who may be known only when the statement is asked."""
        mine: Any = models.Q(owner=owner)
        return self.filter(mine | models.Q(owner=None) if or_nobody else mine)
