"""Session: one browser in which somebody is signed in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models


class Session(AbstractBaseSession):
    """Django's, and whose it is: so that people see where they are signed in, and end it. Its key is a digest of
    the one that the browser has."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    began_at = models.DateTimeField(null=True, help_text="When they signed in.")
    seen_at = models.DateTimeField(null=True, help_text="When it was last used, give or take an hour.")
    agent = models.CharField(max_length=200, blank=True, help_text="What the browser says that it is.")

    objects: ClassVar[BaseSessionManager[Session]] = BaseSessionManager()  # type: ignore[assignment]  # its base says less

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    def __str__(self) -> str:
        """Whose it is."""
        return f"session of {self.user}"
