"""Overview: a picture of how jobs went lately, drawn as any other and shown above their list."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from renderer.models.owned import new_id


class Subject(models.TextChoices):
    """What it shows of the last 24 hours."""

    JOBS = "jobs", "Jobs an hour"
    WAITS = "waits", "Waiting and drawing"


class Overview(models.Model):
    """One picture for one person. A row of its own and not a chart: it is nobody's work, and in no gallery."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="overviews")
    everyone = models.BooleanField(default=False, help_text="Whether it is of all jobs: for staff.")
    subject = models.CharField(max_length=8, choices=Subject)
    image = models.ImageField(upload_to="overviews/", blank=True, max_length=200)
    seen_at = models.DateTimeField(db_index=True, help_text="When somebody last looked. It is drawn for those who do.")
    drawn_at = models.DateTimeField(null=True, help_text="When its rows were last read.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(name="overview_once_per_subject", fields=("owner", "everyone", "subject")),
        )

    def __str__(self) -> str:
        return f"{self.get_subject_display()} of {'everyone' if self.everyone else self.owner}"
