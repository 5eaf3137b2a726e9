"""Sentinels, and Redis without them: the clients of all that speak to it besides Celery, by one address.

``redis://`` and ``rediss://`` as redis-py reads them, and ``sentinel://:password@a:26379;b:26379/0?service=mymaster``
(with TLS ``sentinels://``) for one whose master may change: each new connection asks the sentinels who it is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import redis.asyncio.retry
import redis.asyncio.sentinel
import redis.retry
import redis.sentinel
from redis.backoff import NoBackoff

PATIENCE: Final = {"socket_timeout": 3, "socket_connect_timeout": 3}
"""Seconds that Celery waits for a sentinel, before it asks the next one."""
ONCE: Final = 0
"""Tries more with a sentinel that does not answer: there is the next one. redis-py's own default is some seconds of
them, at each new connection, for as long as a single sentinel is down."""
PORT: Final = 26379
"""Of a sentinel, where none is named."""


@dataclass(frozen=True, slots=True)
class Sentinels:
    """What a sentinel's address says."""

    hosts: tuple[tuple[str, int], ...]
    service: str
    options: dict[str, Any]
    """Of connections to the master: who we are there, and by what TLS."""
    asking: dict[str, Any]
    """Of connections to the sentinels."""

    @classmethod
    def read(cls, address: str) -> Sentinels:
        """Raises ValueError, without a password in it, where it says none, or not of what."""
        scheme, _, rest = address.partition("://")
        # The parts between the semicolons may repeat the scheme, as Celery wants them to; who we are is said once.
        places, _, tail = rest.replace(f"{scheme}://", "").partition("/")
        who, _, places = places.rpartition("@")
        hosts = tuple(_host(part.rpartition("@")[2]) for part in places.split(";") if part)
        database, _, query = tail.partition("?")
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        if not hosts or not asked.get("service"):
            raise ValueError("an address of sentinels is sentinel://:password@host:26379;host:26379/0?service=name")
        name, _, password = who.partition(":")
        given = {
            "username": unquote(name) or None,
            "password": unquote(password) or None,
            "ssl_ca_certs": asked.get("ssl_ca_certs"),
        }
        options: dict[str, Any] = {"db": int(database or 0)} | {name: value for name, value in given.items() if value}
        asking: dict[str, Any] = {}
        if secret := asked.get("sentinel_password"):
            asking["password"] = secret
        if scheme == "sentinels":
            options["ssl"] = asking["ssl"] = True
            if "ssl_ca_certs" in options:
                asking["ssl_ca_certs"] = options["ssl_ca_certs"]
        return cls(hosts, asked["service"], options, asking)


def _host(part: str) -> tuple[str, int]:
    url = urlsplit(f"//{part}")
    return url.hostname or "", url.port or PORT


def connect(address: str, **options: Any) -> redis.Redis:
    """A client. What it is given is said to each of its connections."""
    if not address.startswith("sentinel"):
        return redis.Redis.from_url(address, **options)
    return redis.Redis.from_pool(_pool(redis.sentinel, redis.retry.Retry, address, options))


def aconnect(address: str, **options: Any) -> redis.asyncio.Redis:
    """The same without threads."""
    if not address.startswith("sentinel"):
        client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(address, **options)
        return client
    return redis.asyncio.Redis.from_pool(_pool(redis.asyncio.sentinel, redis.asyncio.retry.Retry, address, options))


def _pool(module: Any, retry: Any, address: str, options: dict[str, Any]) -> Any:
    known = Sentinels.read(address)
    patience = {name: value for name, value in options.items() if name.startswith("socket_")}
    asking = {**patience, **known.asking, "retry": retry(NoBackoff(), ONCE)}
    sentinels = module.Sentinel(known.hosts, sentinel_kwargs=asking)
    return module.SentinelConnectionPool(known.service, sentinels, **known.options, **options)


def for_celery(address: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What Celery is to be told for an address: the broker's, options of its transport, and its TLS."""
    if not address.startswith("sentinel"):
        return address, {}, {}
    known = Sentinels.read(address)
    who = address.partition("://")[2].partition("/")[0].rpartition("@")[0]
    database = known.options["db"]
    broker = ";".join(f"sentinel://{who}{'@' if who else ''}{host}:{port}/{database}" for host, port in known.hosts)
    tls = {"ssl_ca_certs": known.options.get("ssl_ca_certs")} if "ssl" in known.options else {}
    asking = {**PATIENCE, **known.asking, "retry": redis.retry.Retry(NoBackoff(), ONCE)}
    return broker, {"master_name": known.service, "sentinel_kwargs": asking}, tls
