"""Secrets of webhooks: made from the installation's SECRET_KEY and a seed, and stored nowhere.

Signing needs the secret itself, so a digest would not do, as it does for API tokens. But whoever reads the database,
or a copy of it, finds seeds, which are worth nothing without SECRET_KEY. A seed says which key it belongs to: with the
old one among SECRET_KEY_FALLBACKS, its webhooks go on signing after SECRET_KEY has changed.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from renderer.models import Webhook


class KeyLost(Exception):
    """The SECRET_KEY that a seed belongs to is neither the installation's nor among its fallbacks."""


def new_seed() -> str:
    """A seed for a secret under the present key."""
    return f"{_mark(settings.SECRET_KEY)}.{secrets.token_hex(16)}"


def secret_of(webhook_id: UUID, seed: str) -> bytes:
    """The 32 bytes that a webhook signs with. Raises KeyLost."""
    mark = seed.partition(".")[0]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if _mark(key) == mark:
            return salted_hmac("figpress.webhook", f"{webhook_id} {seed}", secret=key, algorithm="sha256").digest()
    raise KeyLost


def secrets_of(webhook: Webhook, now: datetime) -> list[bytes]:
    """All secrets that count now, the newest first. Raises KeyLost if that one cannot be made any more."""
    found = [secret_of(webhook.pk, webhook.seed)]
    if webhook.previous_seed and webhook.previous_until and now < webhook.previous_until:
        try:
            found.append(secret_of(webhook.pk, webhook.previous_seed))
        except KeyLost:
            return found  # rotated because of it
    return found


def _mark(key: str) -> str:
    return salted_hmac("figpress.webhook.key", "", secret=key, algorithm="sha256").hexdigest()[:8]
