"""AuditEntry: something sensitive that was done, by whom, from where. Written once, and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from renderer.models.owned import OwnedQuerySet, new_id


class Action(models.TextChoices):
    """What was done. The words are part of the API, and never change their meaning."""

    SIGNED_IN = "sign_in", "Signed in"
    SIGN_IN_FAILED = "sign_in.failed", "Tried to sign in, with a wrong password or code"
    SIGNED_OUT = "sign_out", "Signed out"
    SESSIONS_ENDED = "sessions.ended", "Signed out everywhere else"
    PASSWORD_CHANGED = "password.changed", "Changed the password"
    FACTOR_ON = "second_factor.on", "Switched the second factor on"
    FACTOR_OFF = "second_factor.off", "Switched the second factor off"
    CODES_MADE = "second_factor.codes", "Made new recovery codes"
    CODE_USED = "second_factor.code_used", "Signed in with a recovery code"
    IDENTITY_LINKED = "identity.linked", "Connected single sign-on"
    IDENTITY_UNLINKED = "identity.unlinked", "Disconnected single sign-on"
    TOKEN_MADE = "token.made", "Made an API token"
    TOKEN_REVOKED = "token.revoked", "Revoked an API token"
    LINK_MADE = "share.made", "Made a share link"
    LINK_REVOKED = "share.revoked", "Revoked a share link"
    WEBHOOK_MADE = "webhook.made", "Made a webhook"
    WEBHOOK_CHANGED = "webhook.changed", "Changed a webhook"
    WEBHOOK_ROTATED = "webhook.rotated", "Gave a webhook another secret"
    WEBHOOK_DELETED = "webhook.deleted", "Deleted a webhook"
    WORKSPACE_MADE = "workspace.made", "Made a workspace"
    WORKSPACE_DELETED = "workspace.deleted", "Deleted a workspace"
    MEMBER_ADDED = "member.added", "Added a member"
    MEMBER_CHANGED = "member.changed", "Changed a member's role"
    MEMBER_REMOVED = "member.removed", "Let a member go"
    CHART_DELETED = "chart.deleted", "Deleted a chart"
    DATASET_DELETED = "dataset.deleted", "Deleted a dataset"
    EXPORTED = "owner.exported", "Asked for a copy of everything"
    DOWNLOADED = "owner.downloaded", "Downloaded a copy of everything"
    OWNER_DELETED = "owner.deleted", "Deleted an account with everything in it"
    ADMIN_CHANGED = "admin.changed", "Changed something in the admin"


class AppendOnly(Exception):
    """An entry is written once."""


class AuditQuerySet(OwnedQuerySet["AuditEntry"]):
    """Entries: to be read. What is past its time goes by :meth:`forget`, with an owner all of theirs go."""

    def update(self, **values: Any) -> NoReturn:
        """Never."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Never."""
        raise AppendOnly

    def forget(self, before: datetime, most: int) -> int:
        """Delete the oldest of those that were written before a moment. Returns how many."""
        old = list(self.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:most])
        return int(self.filter(pk__in=old)._raw_delete(self.db)) if old else 0


class AuditEntry(models.Model):
    """One line of the log. It holds names and no secrets."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+",
        help_text="Whose account it is about: a person's or a workspace's. Nobody's are the operator's alone.",
    )  # fmt: skip
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="As they were called then.")
    via = models.CharField(max_length=60, blank=True, help_text="A page, a token by its hint, a command.")
    action = models.CharField(max_length=40, choices=Action)
    object = models.CharField(max_length=300, blank=True, help_text="What it was done to.")
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects: ClassVar[AuditQuerySet] = AuditQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=("owner", "-id"), name="audit_by_owner"),
            models.Index(fields=("at",), name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.actor_name or 'Somebody'}: {self.get_action_display()} {self.object}".rstrip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once. Raises AppendOnly."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never."""
        raise AppendOnly
