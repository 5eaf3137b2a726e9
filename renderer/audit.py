"""Audit: a line in the database for each sensitive thing that is done, written in the transaction that does it.

::

    with transaction.atomic():
        token.delete()
        audit.note(Action.TOKEN_REVOKED, owner, token.name)

Who does it, and from where, is read from the request that is being answered here, if ``renderer.middleware.observe`` is
the first of the project's middleware.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from renderer import logs
from renderer.models import AuditEntry
from renderer.models.audit import Action

if TYPE_CHECKING:
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth.models import User

DAYS: Final = "FIGPRESS_KEEP_AUDIT"
KEPT_DAYS: Final = 365
BEARER: Final = "figpress.bearer"
"""In a request's META: the ApiToken that it came with."""
BATCH: Final = 1000

_request: ContextVar[HttpRequest | None] = ContextVar("figpress_request", default=None)
_command: ContextVar[str] = ContextVar("figpress_command", default="")


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """What is noted inside is done by this request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def running(command: str) -> Iterator[None]:
    """What is noted inside is done by an operator's command."""
    token = _command.set(command)
    try:
        yield
    finally:
        _command.reset(token)


def note(action: Action, owner: User | None, about: object = "", *, actor: User | None = None) -> None:
    """Write a line about an owner's account: in the transaction of what it tells, so that there is neither without the
    other. ``about`` names what it was done to; secrets do not belong there."""
    request = _request.get()
    if request is None:
        via = _command.get() and f"manage.py {_command.get()}"
    else:
        token: Any = request.META.get(BEARER)
        via = f"token {token.hint}…" if token else "page"
        if actor is None:
            user = token.owner if token else getattr(request, "user", None)
            actor = user if user is not None and user.is_authenticated else None
    AuditEntry.objects.create(
        owner=owner,
        actor=actor,
        actor_name=actor.get_username()[:150] if actor else "",
        via=via,
        action=action,
        object=logs.redact(str(about))[:300],
        request_id=logs.request_id()[:64],
        address=_address(request),
    )


def forget(now: datetime) -> int:
    """Delete what is past its time; 0 days keep everything. Returns how many lines went."""
    days = int(getattr(settings, DAYS, KEPT_DAYS))
    return AuditEntry.objects.all().forget(now - timedelta(days=days), BATCH) if days > 0 else 0


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. A proxy is believed, about the last hop alone, where the settings say that there is
    one; else anybody could write the header."""
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and (hops := request.headers.get("X-Forwarded-For")):
        return hops.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def neighbourhood(request: HttpRequest) -> str:
    """Where a request comes from, for counting: of IPv6 the /64, of which one customer has every address."""
    sent = address_of(request)
    try:
        ip = ipaddress.ip_address(sent)
    except ValueError:
        return sent
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip) >> 64 << 64, 64)))


def _address(request: HttpRequest | None) -> str | None:
    try:
        return str(ipaddress.ip_address(address_of(request))) if request is not None else None
    except ValueError:  # a proxy that writes something else, a socket that has no address
        return None


@receiver(user_logged_in, dispatch_uid="figpress.audit")
def _signed_in(sender: object, user: User, **_: object) -> None:
    note(Action.SIGNED_IN, user, actor=user)


@receiver(user_logged_out, dispatch_uid="figpress.audit")
def _signed_out(sender: object, user: User | None, **_: object) -> None:
    if user is not None:
        note(Action.SIGNED_OUT, user, actor=user)


@receiver(user_login_failed, dispatch_uid="figpress.audit")
def _failed(sender: object, credentials: dict[str, Any], **_: object) -> None:
    # Whose account it is, and not what was typed: in the wrong field, that is a password.
    name = str(credentials.get("username") or "")[:150]
    user = get_user_model().objects.filter(username=name).first() if name and "\x00" not in name else None
    note(Action.SIGN_IN_FAILED, user, "" if user else "an account that there is not")


@receiver(post_save, sender="admin.LogEntry", dispatch_uid="figpress.audit")
def _administered(sender: object, instance: LogEntry, created: bool, **_: object) -> None:
    if created:
        administered(instance)


def administered(entry: LogEntry) -> None:
    """Note what Django's admin wrote down itself."""
    verb = {1: "Added", 2: "Changed", 3: "Deleted"}.get(entry.action_flag, "Did")
    kind = entry.content_type.name if entry.content_type else ""
    note(Action.ADMIN_CHANGED, None, f"{verb} {kind} {entry.object_repr}", actor=entry.user)
