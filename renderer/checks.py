"""Checks: settings with which an installation must not be on a network (SECURITY.md T16).

They are errors of ``manage.py check --deploy``. The service of this repository also makes them whenever a web process,
a worker or beat starts, and does not start with one of them (``project/guard.py``). A rule that somebody keeps in
another way is named in Django's SILENCED_SYSTEM_CHECKS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from celery import current_app
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Doubt

from renderer import vault
from renderer.jobs import events

TAG: Final = "figpress"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
SHORTEST_KEY: Final = 50
LEAST_LETTERS: Final = 5
PUBLISHED: Final = ("django-insecure-", "change-me", "changeme", "secret", "your-secret")
"""How keys begin that stand in tutorials and templates."""
CODE: Final = frozenset({"pickle", "application/x-python-serialize", "yaml", "application/x-yaml"})
"""What Celery can read that makes it run what the sender likes."""
PICKLING: Final = (
    "django.core.cache.backends.redis.",
    "django.core.cache.backends.memcached.",
    "django.core.cache.backends.db.",
    "django.core.cache.backends.filebased.",
)
"""Caches of Django outside the process, which unpickle what they find: whoever can write there runs code here."""


@register(TAG, deploy=True)
def check_secret_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A key that can be guessed signs anybody in, and opens every picture that has a signed address."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    weak = any(
        len(key) < SHORTEST_KEY or len(set(key)) < LEAST_LETTERS or key.lower().startswith(PUBLISHED)
        for key in map(str, keys)
    )
    hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
    return [Error("SECRET_KEY is short, or one that others know.", hint=hint, id="figpress.E010")] if weak else []


@register(TAG, deploy=True)
def check_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[CheckMessage]:
    """What is harmless for one person at one machine is not for the people of a network."""
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts under which people reach it: a made-up Host header ends up in links and mails."
        yield Error("ALLOWED_HOSTS is *.", hint=hint, id="figpress.E011")
    if LOOPBACK.issuperset(settings.ALLOWED_HOSTS):
        return
    if settings.DEBUG:
        hint = "DEBUG shows settings and code to whoever causes an error. Unset it."
        yield Error("DEBUG is on, and ALLOWED_HOSTS has other hosts than this machine.", hint=hint, id="figpress.E012")
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        hint = "Serve it over TLS and set FIGPRESS_HTTPS=1 (SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE)."
        yield Error("Cookies of people who signed in travel without TLS.", hint=hint, id="figpress.E013")


@register(TAG, deploy=True)
def check_broker(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[CheckMessage]:
    """Whoever can write to the broker gives the workers their orders."""
    url = urlsplit(str(current_app.conf.broker_url or ""))
    if _is_open(url):
        hint = "Set requirepass (or an ACL user) in Redis, and the password in REDIS_URL: redis://:password@host:6379/0"
        yield Error("The broker is a Redis on another host, without a password.", hint=hint, id="figpress.E014")
    elif _is_open(urlsplit(events.address())):
        hint = "Set a password there, and in FIGPRESS_EVENTS_URL (REDIS_URL beside RabbitMQ): rates are counted in it."
        yield Error("The Redis of the news is on another host, without a password.", hint=hint, id="figpress.E014")
    if url.scheme in ("amqp", "amqps") and url.hostname not in LOOPBACK and (url.password or "guest") == "guest":
        hint = "Give Figpress a user of its own in RabbitMQ: BROKER_URL=amqp://figpress:password@host:5672/figpress"
        yield Error("The broker is a RabbitMQ on another host, with its first password.", hint=hint, id="figpress.E014")


def _is_open(url: SplitResult) -> bool:
    """Whether it is a Redis, or the sentinels of one, on another host, that asks for nothing."""
    is_redis = url.scheme in ("redis", "rediss", "sentinel", "sentinels")
    return is_redis and url.hostname not in LOOPBACK and not url.password


@register(TAG, deploy=True)
def check_pickles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[CheckMessage]:
    """Nothing that comes over a network is unpickled (SECURITY.md T7)."""
    conf = current_app.conf
    read = {*conf.accept_content, *(conf.result_accept_content or ()), conf.task_serializer, conf.result_serializer}
    if found := sorted(CODE & {str(name) for name in read}):
        hint = "Messages of Figpress are JSON: CELERY_ACCEPT_CONTENT = ['json'], and json for the serializers."
        yield Error(f"Celery reads {', '.join(found)}, which runs code.", hint=hint, id="figpress.E015")
    for alias, cache in settings.CACHES.items():
        backend = str(cache.get("BACKEND", ""))
        if backend.startswith(PICKLING) and "serializer" not in cache.get("OPTIONS", {}):
            hint = "Take LocMemCache, or give the Redis cache a serializer of JSON in OPTIONS."
            yield Error(f"The cache {alias!r} unpickles what is in it.", hint=hint, id="figpress.E016")
    if "pickle" in str(getattr(settings, "SESSION_SERIALIZER", "")).lower():
        yield Error("Sessions are pickled.", hint="Leave SESSION_SERIALIZER as it is.", id="figpress.E017")


@register(TAG, deploy=True)
def check_encryption(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[CheckMessage]:
    """What is encrypted in the database should not open with the key that every web process signs with."""
    chosen: Sequence[str] = getattr(settings, vault.KEYS, None) or ()
    hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"; then manage.py reencrypt.'
    if any(len(key) < SHORTEST_KEY or key == settings.SECRET_KEY for key in chosen):
        yield Error(f"{vault.KEYS} has a short key, or SECRET_KEY itself.", hint=hint, id="figpress.E019")
    if not chosen and not LOOPBACK.issuperset(settings.ALLOWED_HOSTS):
        yield Doubt(f"{vault.KEYS} is empty: SECRET_KEY encrypts, too.", hint=hint, id="figpress.W020")


@register(TAG, deploy=True)
def check_media(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Pictures are handed out by views that ask whose they are, and by nobody else."""
    media = Path(settings.MEDIA_ROOT).resolve()
    static: Sequence[Any] = settings.STATICFILES_DIRS  # of paths, or pairs of a prefix and a path
    public: list[Any] = [settings.STATIC_ROOT, *(item[1] if isinstance(item, tuple) else item for item in static)]
    for folder in (Path(name).resolve() for name in public if name):
        if media.is_relative_to(folder) or folder.is_relative_to(media):
            hint = "Keep them apart: what lies under STATIC_ROOT is served to everybody."
            return [Error(f"MEDIA_ROOT and the static files share {folder}.", hint=hint, id="figpress.E018")]
    return []
