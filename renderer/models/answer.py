"""KeptAnswer: what was answered to an ask with an Idempotency-Key, so that the ask sent again does nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from renderer.models.owned import new_id
from renderer.models.sealed import SealedText

KEPT_FOR: Final = timedelta(hours=24)
"""Longer than any client tries again."""


class KeptAnswer(models.Model):
    """One key of one owner. Written in the transaction of what was asked for: there is no key without its effect, and
    none that a crash has left half done.

    An ask for pictures is answered by its job or batch as it is then, a table by its version; anything else by the
    response that was sent.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    job_id = models.UUIDField(null=True, help_text="The job that answers, if a picture was asked for.")
    made_job = models.BooleanField(default=False, help_text="Whether the job was made for this ask.")
    batch_id = models.UUIDField(null=True, help_text="The batch that answers, if many were asked for.")
    version_id = models.UUIDField(null=True, help_text="The dataset's version that answers, if a table was sent.")
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=200, blank=True)
    body = SealedText(blank=True, help_text="Encrypted: it may be where a secret was said, once.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(name="answer_once_per_key", fields=("owner", "key")),)
        indexes = (models.Index(fields=("created_at",), name="answer_by_age"),)

    def __str__(self) -> str:
        return self.key
