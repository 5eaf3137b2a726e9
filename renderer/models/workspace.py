"""Workspace: charts that several people share."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from renderer.models.owned import new_id

PREFIX: Final = "workspace:"
"""How the names of workspaces' accounts begin. No person is called so: a colon is no letter of a user name."""


class Workspace(models.Model):
    """A name for an account that nobody signs in to, and that people are members of.

    Whatever is in a workspace has its account as ``owner``, as what is somebody's own has them: no row knows of
    workspaces, and no query but the one that says whose account a request is about.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="workspace", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Workspace]] = models.Manager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name
