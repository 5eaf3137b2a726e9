"""Parts: those of an installation that are chosen by one address each, where Django has no name for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from renderer import sentinels

REDIS: Final[dict[str, Any]] = {
    # Above the hard limit, or a running job is delivered twice (FACTS 2.1: started again at 99 s while the first ran).
    "visibility_timeout": 600,
    # Look for abandoned messages every 10 s, not every 100 s (kombu#2558).
    "unacked_restore_throttle": 1,
    # Without a time-out a publish into a hung Redis waits for ever; with 5 s an idle worker does not reconnect.
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    # Each queue's messages get their turn, so that a tick is never stuck behind a long line. It is not what makes
    # interactive work come first: whatever message a worker takes, it draws the most urgent job (jobs/line.py).
    "queue_order_strategy": "round_robin",
}
"""What Celery is told about a Redis that is its broker."""
RABBITMQ: Final[dict[str, Any]] = {
    "confirm_publish": True,
    # Without them whoever publishes into one that hangs, or that takes nothing while it lacks memory or disk, waits for
    # ever: a web request, too.
    "read_timeout": 5,
    "write_timeout": 5,
}
"""The same of RabbitMQ."""
SCHEMES: Final = {"s3": "https", "s3+http": "http"}
OPTIONS: Final = {"region", "style", "redirect"}


def storage(address: str) -> tuple[dict[str, Any], str]:
    """The entry of STORAGES for ``s3://key:secret@host:9000/bucket/folder?region=...``, and the origin that browsers
    fetch pictures from; for an empty address files on this machine, and no origin.

    Raises ImproperlyConfigured, without the secret.
    """
    if not address:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}, ""
    url = urlsplit(address)
    bucket, _, folder = url.path.strip("/").partition("/")
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    style, redirects = options.get("style", "path"), options.get("redirect", "1")
    if url.scheme not in SCHEMES or not url.hostname or not bucket:
        raise ImproperlyConfigured("STORAGE_URL must be s3://key:secret@host/bucket, or s3+http:// without TLS.")
    if unknown := sorted(set(options) - OPTIONS):
        raise ImproperlyConfigured(f"STORAGE_URL has no option {unknown[0]!r}, but {', '.join(sorted(OPTIONS))}.")
    if style not in ("path", "virtual") or redirects not in ("0", "1"):
        raise ImproperlyConfigured("STORAGE_URL: style is path or virtual, redirect is 0 or 1.")
    if bool(url.username) != bool(url.password):
        raise ImproperlyConfigured("STORAGE_URL has a key without a secret, or a secret without a key.")
    host = url.netloc.rpartition("@")[2]
    given = {
        "access_key": unquote(url.username or ""),  # without them boto3 looks where it always does: a role, a profile
        "secret_key": unquote(url.password or ""),
        "region_name": options.get("region", ""),
    }
    entry = {
        "BACKEND": "renderer.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": unquote(folder),
            "endpoint_url": f"{SCHEMES[url.scheme]}://{host}",
            "addressing_style": style,
            "redirects": redirects == "1",
            **{name: value for name, value in given.items() if value},
        },
    }
    origin = f"{SCHEMES[url.scheme]}://{f'{bucket}.' if style == 'virtual' else ''}{host}"
    return entry, origin if redirects == "1" else ""


@dataclass(frozen=True, slots=True)
class Messages:
    """Who carries the messages to the workers, and who the news of jobs."""

    broker: str
    transport: dict[str, Any]
    tls: dict[str, Any] | None
    events: str
    """The Redis that tells the news of jobs and counts rates; empty: the broker, if it is one."""


def messages(broker: str, redis: str) -> Messages:
    """By the addresses BROKER_URL, which may be RabbitMQ's, and REDIS_URL. Without the first Redis does both."""
    address = broker or redis
    if address.startswith(("amqp://", "amqps://")):
        # With TLS by its scheme alone: the system's certificates, and the host's name is looked at.
        return Messages(address, RABBITMQ, None, redis)
    try:
        url, master, tls = sentinels.for_celery(address)
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL: {error}.") from None
    news = redis or broker
    return Messages(url, REDIS | master, tls or None, "" if news == url else news)
