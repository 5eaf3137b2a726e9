"""``manage.py reencrypt``: put what is encrypted in the database under the newest key, and what is not yet, too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from renderer import vault
from renderer.models import KeptAnswer, SecondFactor, Webhook
from renderer.models.sealed import SealedText


class Command(BaseCommand):
    """Any number may run, also while the service does. Afterwards old keys may be taken out of the settings."""

    help = "Encrypts stored secrets anew with the first key of FIGPRESS_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Row by row: each is locked for a moment."""
        done = 0
        try:
            for model in (SecondFactor, Webhook, KeptAnswer):
                done += sum(_renew(model, pk) for pk in list(model._base_manager.values_list("pk", flat=True)))
        except vault.KeyMissing as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{done} rows are under the newest key now.")


def _renew(model: type[models.Model], pk: Any) -> bool:
    fields = [field.name for field in model._meta.concrete_fields if isinstance(field, SealedText)]
    with transaction.atomic():
        row = model._base_manager.select_for_update().filter(pk=pk).first()
        raw = model._base_manager.filter(pk=pk).annotate(
            **{f"raw_{name}": models.functions.Cast(name, models.TextField()) for name in fields}
        )
        stored = raw.values(*(f"raw_{name}" for name in fields)).first()
        if row is None or stored is None or all(vault.is_current(text) for text in stored.values()):
            return False
        for name in fields:
            vault.known(getattr(row, name))
        row.save(update_fields=fields)
    return True
