"""SecondFactor: an app that shows a person the code of the minute; and Identity: how another site knows them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from renderer.models.owned import new_id
from renderer.models.sealed import SealedText


class SecondFactor(models.Model):
    """One for each person who has one. It counts from its first right code on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="second_factor"
    )
    secret = SealedText(editable=False, help_text="What the app and we make the codes from.")
    codes = SealedText(blank=True, editable=False, help_text="SHA-256 of each recovery code that is left, as JSON.")
    last_step = models.BigIntegerField(default=0, editable=False, help_text="Of the last code: none is good twice.")
    tries = models.PositiveIntegerField(default=0, editable=False, help_text="In the window of time below.")
    window = models.BigIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[SecondFactor]] = models.Manager()

    def __str__(self) -> str:
        return f"second factor of {self.user}"


class Identity(models.Model):
    """Who somebody is at the provider of single sign-on. Names and addresses change hands there; this does not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Identity]] = models.Manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = (models.UniqueConstraint(name="identity_once", fields=("issuer", "subject")),)

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"
