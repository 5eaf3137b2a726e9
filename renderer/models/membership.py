"""Membership: who may do what in a workspace."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from renderer.models.owned import new_id
from renderer.models.workspace import Workspace


class Role(models.TextChoices):
    """What a member may do. Each may also do what those before it may."""

    VIEWER = "viewer", "Viewer"
    """Look at everything that is drawn, and at what it is drawn from."""
    EDITOR = "editor", "Editor"
    """Make, change, draw and delete."""
    OWNER = "owner", "Owner"
    """Say who is a member; make tokens and webhooks, which act for all."""

    def may(self, needed: Role) -> bool:
        """Whether this role is enough where another one is needed."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER: Final = tuple(Role)


class Membership(models.Model):
    """One person in one workspace."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Membership]] = models.Manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(name="member_once_per_workspace", fields=("workspace", "user")),
            models.CheckConstraint(name="member_has_a_role", condition=models.Q(role__in=Role.values)),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}: {self.role}"
