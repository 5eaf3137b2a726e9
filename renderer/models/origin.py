"""Origin: a URL that somebody's charts read, and its last good answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from renderer.models.owned import new_id


class Origin(models.Model):
    """The last good answer of a URL, for one owner: an unchanged source then costs a 304.

    The URL itself is not kept, since it may hold a secret; ``address`` tells whether it is the same one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+",
        help_text="Nobody for jobs that a project's own code asked for.",
    )  # fmt: skip
    address = models.CharField(max_length=64, help_text="HMAC-SHA256 of the URL.")
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=64, blank=True, help_text="As the server wrote it.")
    content_type = models.CharField(max_length=200, blank=True)
    file = models.FileField(max_length=200, help_text="The body.")
    sha256 = models.CharField(max_length=64)
    fetched_at = models.DateTimeField(help_text="When the body came.")
    used_at = models.DateTimeField(default=timezone.now, help_text="When a chart last read it.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="origin_once_per_owner", fields=("owner", "address")),
            models.UniqueConstraint(name="origin_once_for_code", fields=("address",), condition=Q(owner=None)),
        )
        indexes = (models.Index(fields=("used_at",), name="origin_by_use"),)

    def __str__(self) -> str:
        return f"origin {self.address[:8]} of {self.owner_id or 'nobody'}"
