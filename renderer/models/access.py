"""ApiToken: how a program proves who it draws for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from renderer.models.membership import Membership, Role
from renderer.models.owned import OwnedQuerySet, new_id
from renderer.models.statements import Slot, Statement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "figp_"


class Scope(models.TextChoices):
    """What a token may do. None contains another."""

    READ = "read", "Read"
    """Look at things, fetch pictures, check specs."""
    RENDER = "render", "Render"
    """Make and change things, draw them, stop jobs."""
    ADMIN = "admin", "Delete"
    """Delete what drawing again would not bring back; see what was done to the account."""


def usual_scopes() -> list[str]:
    """What a token may do if nobody says otherwise."""
    return [Scope.READ.value, Scope.RENDER.value]


def all_scopes() -> list[str]:
    """What tokens could do before there were scopes."""
    return [scope.value for scope in Scope]


def digest_of(secret: str) -> str:
    """What is stored of a token. 256 random bits need no salt and no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """A secret that a program sends as ``Authorization: Bearer figp_...``. Only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, editable=False, related_name="+",
        help_text="In a workspace: which of its owners. It opens nothing while they are none.",
    )  # fmt: skip
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=16, editable=False, help_text="How the secret begins, to tell tokens apart.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes: models.JSONField[list[str], list[str]] = models.JSONField(default=usual_scopes)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[OwnedQuerySet[ApiToken]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"

    @classmethod
    def issue(
        cls,
        owner: User,
        name: str,
        *,
        expires_at: datetime | None = None,
        scopes: Iterable[str] | None = None,
        by: User | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token. Returns its row and the secret, which is shown once and never kept."""
        secret = PREFIX + secrets.token_urlsafe(32)
        chosen = usual_scopes() if scopes is None else [scope.value for scope in Scope if scope.value in set(scopes)]
        hint = secret[: len(PREFIX) + 4]
        token = cls.objects.create(
            owner=owner,
            made_by=by if by is not None and by.pk != owner.pk else None,
            name=name,
            hint=hint,
            digest=digest_of(secret),
            expires_at=expires_at,
            scopes=chosen,
        )
        return token, secret

    @classmethod
    def find(cls, secret: str) -> ApiToken | None:
        """The living token with this secret, of an active user, or nothing.

        The look-up is by digest: there is no timing to read.
        """
        return _LIVING.first(digest=digest_of(secret), now=timezone.now())

    @staticmethod
    def vouched() -> Q:
        """Those whose maker may still make one. Who was let go has copied what they made: it must not go on."""
        owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True, user=OuterRef("made_by"))
        return Q(made_by=None) | Q(Exists(owners.filter(workspace__account=OuterRef("owner"))))


def _living() -> models.QuerySet[ApiToken]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=Slot("now", models.DateTimeField()))
    living = ApiToken.objects.filter(unexpired, ApiToken.vouched(), owner__is_active=True)
    return living.filter(digest=Slot("digest", models.CharField())).select_related("owner").order_by()


_LIVING = Statement(_living)
