"""What owners do with their webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from renderer import audit
from renderer.data.address import AddressError, read
from renderer.models import Delivery, Webhook
from renderer.models.audit import Action
from renderer.models.webhook import SUBSCRIBABLE, all_events
from renderer.sources import urls
from renderer.spec.errors import Problem, SpecError, any_of, did_you_mean, suggest
from renderer.spec.text import TextError, clean_text
from renderer.webhooks import keys, outbox, signing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST: Final = 10
"""Webhooks of one owner: each event is sent as often."""
OVERLAP: Final = timedelta(hours=24)
"""So long both secrets sign after a rotation."""


def create(owner: User, url: str, *, name: str = "", events: Iterable[str] | None = None) -> tuple[Webhook, str]:
    """Make a webhook. Returns it with its secret, which is shown now and never again.

    Raises SpecError at ``/url``, ``/name`` and ``/events``.
    """
    hook = Webhook(owner=owner, seed=keys.new_seed())
    _apply(hook, url=url, name=name, events=all_events() if events is None else list(events))
    with transaction.atomic():
        if Webhook.objects.filter(owner=owner).count() >= MOST:
            raise SpecError.at("", f"you have {MOST} webhooks: delete one first")
        hook.save()
        audit.note(Action.WEBHOOK_MADE, owner, _told(hook))
    return hook, secret_shown(hook)


def change(
    hook: Webhook, *, url: str | None = None, name: str | None = None, events: Iterable[str] | None = None
) -> None:
    """Change what is given. Raises SpecError like :func:`create`."""
    _apply(
        hook,
        url=hook.url if url is None else url,
        name=hook.name if name is None else name,
        events=hook.events if events is None else list(events),
    )
    with transaction.atomic():
        hook.save(update_fields=["url", "name", "events"])
        audit.note(Action.WEBHOOK_CHANGED, hook.owner, _told(hook))


def switch_off(hook: Webhook) -> None:
    """Tell it nothing more, until somebody switches it on. What waits for it is given up."""
    hook.is_active = False
    with transaction.atomic():
        hook.save(update_fields=["is_active"])
        audit.note(Action.WEBHOOK_CHANGED, hook.owner, f"{_told(hook)}: off")


def switch_on(hook: Webhook) -> None:
    """Tell it what happens from now on."""
    hook.is_active, hook.failures = True, 0
    hook.failing_since, hook.disabled_at, hook.disabled_reason = None, None, ""
    with transaction.atomic():
        hook.save(update_fields=["is_active", "failures", "failing_since", "disabled_at", "disabled_reason"])
        audit.note(Action.WEBHOOK_CHANGED, hook.owner, f"{_told(hook)}: on")


def rotate(hook: Webhook) -> str:
    """Give it another secret, which is returned; for a day the one before signs, too."""
    hook.previous_seed, hook.previous_until = hook.seed, timezone.now() + OVERLAP
    hook.seed = keys.new_seed()
    with transaction.atomic():
        hook.save(update_fields=["seed", "previous_seed", "previous_until"])
        audit.note(Action.WEBHOOK_ROTATED, hook.owner, _told(hook))
    return secret_shown(hook)


def delete(hook: Webhook) -> None:
    """Delete it, with what waits for it."""
    with transaction.atomic():
        audit.note(Action.WEBHOOK_DELETED, hook.owner, _told(hook))
        hook.delete()


def send_test(hook: Webhook) -> Delivery:
    """Send it an event of no meaning, once, also while it is off."""
    with transaction.atomic():
        return outbox.test(hook)


def secret_shown(hook: Webhook) -> str:
    """The secret as its owner copies it. Only for the answer to what made it."""
    return signing.shown(keys.secret_of(hook.pk, hook.seed))


def _told(hook: Webhook) -> str:
    """What the audit log says of it: the host, and not the path, which for some receivers is a secret."""
    host = urlsplit(hook.url).hostname or ""
    return f"{hook.name} ({host})" if hook.name else host


def _apply(hook: Webhook, *, url: str, name: str, events: list[str]) -> None:
    problems = []
    try:
        urls.policy().check(read(url))
    except AddressError as error:
        problems.append(Problem("/url", f"the URL {error}"))
    try:
        name = clean_text(name, limit=100)
    except TextError as error:
        problems.append(Problem("/name", str(error)))
    known = [event.value for event in SUBSCRIBABLE]
    if not events:
        problems.append(Problem("/events", f"must not be empty; there are {any_of(known)}"))
    for place, event in enumerate(events):
        if event not in known:
            hint = did_you_mean(suggest(event, known)) or f"; there are {any_of(known)}"
            problems.append(Problem(f"/events/{place}", f"no such event{hint}"))
    if problems:
        raise SpecError(problems)
    hook.url, hook.name, hook.events = url, name, [event for event in known if event in events]
