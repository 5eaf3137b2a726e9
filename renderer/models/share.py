"""ShareLink: an address under which everybody who knows it sees one picture of a chart, and nothing else."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from renderer.models.access import digest_of
from renderer.models.owned import OwnedQuerySet, new_id
from renderer.models.variant import Variant

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHARE_PREFIX = "figs_"
_SHAPE = len(SHARE_PREFIX) + 43
"""Characters of a token: 256 random bits in URL-safe base64."""


class ShareLink(models.Model):
    """A secret in an address, good for one look of one chart. It carries no rights of the API. Only its SHA-256 is
    kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="links")
    name = models.CharField(max_length=200, blank=True, help_text="What or whom it is for.")
    hint = models.CharField(max_length=16, editable=False, help_text="How the secret begins, to tell links apart.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    uses = models.PositiveBigIntegerField(default=0, editable=False, help_text="How often its picture was sent.")
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[OwnedQuerySet[ShareLink]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name or 'link'} ({self.hint}...)"

    @classmethod
    def issue(
        cls, owner: User, variant: Variant, *, name: str = "", expires_at: datetime | None = None
    ) -> tuple[ShareLink, str]:
        """Make a link. Returns its row and the secret, which is shown once and never kept."""
        secret = SHARE_PREFIX + secrets.token_urlsafe(32)
        link = cls.objects.create(
            owner=owner,
            variant=variant,
            name=name,
            hint=secret[: len(SHARE_PREFIX) + 4],
            digest=digest_of(secret),
            expires_at=expires_at,
        )
        return link, secret

    @classmethod
    def find(cls, secret: str, image_format: str) -> ShareLink | None:
        """The living link with this secret, of an active user, if it is for this format."""
        if not secret.startswith(SHARE_PREFIX) or len(secret) != _SHAPE:
            return None
        found = cls.objects.filter(
            cls.living(), digest=digest_of(secret), variant__format=image_format, owner__is_active=True
        )
        return found.select_related("variant__chart__owner").first()

    @staticmethod
    def living() -> Q:
        """The links that are neither over nor revoked."""
        return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))

    @property
    def state(self) -> Literal["living", "expired", "revoked"]:
        """Whether it still leads somewhere."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= timezone.now() else "living"

    def note_use(self) -> None:
        """Count one picture that was sent."""
        ShareLink.objects.filter(pk=self.pk).update(uses=F("uses") + 1, last_used_at=timezone.now())
