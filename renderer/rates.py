"""Rates: how often something may be done in a while, counted in Redis for all web processes together.

Fixed windows, one counter each, all of a request in one round trip: two windows that meet may let through twice the
quota, which is no harm where the quota is generous. A Redis that is away stops nobody: what it counts is a courtesy to
the others, and the limits that hold in any case (bodies, waiting jobs) do not need it. Only tries to sign in are then
counted all the same, by each process for itself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from renderer import sentinels
from renderer.jobs.events import address

logger = logging.getLogger(__name__)
clock: Final = time.time

PATIENCE: Final = 0.2
"""Seconds that a request waits for a Redis that does not answer, and then for a while none does."""
REST: Final = 5.0
MOST_HERE: Final = 20_000
"""Counters that a process holds by itself, a few MB: those that were not used for longest go first."""
MOST_DATED: Final = 10_000
"""Counters of which a process knows that they end by themselves, and so need not be told each time."""
DEFAULTS: Final[Mapping[str, int]] = {
    "FIGPRESS_RATE_TOKEN": 12_000,
    "FIGPRESS_RATE_OWNER": 24_000,
    "FIGPRESS_RATE_SIGN_IN": 10,
    "FIGPRESS_RATE_SHARED": 3_000,
}
"""A minute, and for signing in five. No honest program notices; one in an endless loop does."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds. A quota of 0 is no limit."""

    name: str
    quota: int
    window: int = 60


@dataclass(frozen=True, slots=True)
class Count:
    """How things stand with a rate, after this one more."""

    rate: Rate
    used: int
    reset: int
    """Seconds until the window ends."""

    @property
    def left(self) -> int:
        """How many more there may be."""
        return max(0, self.rate.quota - self.used)

    @property
    def exceeded(self) -> bool:
        """Whether this was one too many."""
        return self.used > self.rate.quota


Question = Callable[[redis.Redis, Sequence[tuple[Rate, str]], float], list[int]]
"""What is asked of Redis about the rates: one answer for each."""


def setting(name: str) -> int:
    """A quota that the operator chose, or ours."""
    return int(getattr(settings, name, DEFAULTS[name]))


def spend(*wanted: tuple[Rate, str], insists: bool = False) -> list[Count]:
    """Count one more for each rate and whom it is about. Nothing is known, and so nobody stopped, without Redis; where
    the caller ``insists``, this process then counts by itself."""
    return _ask(wanted, _count) or (_alone(wanted) if insists else [])


def give_back(rate: Rate, who: str) -> None:
    """Count one less: what was counted took next to nothing."""
    _ask([(rate, who)], partial(_count, by=-1))


def look(*wanted: tuple[Rate, str]) -> list[Count]:
    """How things stand, without counting one more. Nothing is known without Redis."""
    return _ask(wanted, _read)


def _ask(wanted: Sequence[tuple[Rate, str]], question: Question) -> list[Count]:
    global _rest_until, _told
    limited = [(rate, who) for rate, who in wanted if rate.quota > 0]
    url = address()
    if not limited or not url or time.monotonic() < _rest_until:
        return []
    now = clock()
    try:
        used = question(_client(url), limited, now)
    except (redis.RedisError, OSError) as error:
        _rest_until = time.monotonic() + REST
        if not _told:
            logger.warning("rates: Redis is away (%s); nobody is limited", error, extra={"action": "rates.away"})
        _told = True
        return []
    _told = False
    return _counts(limited, used, now)


def _alone(wanted: Sequence[tuple[Rate, str]]) -> list[Count]:
    limited, now, used = [(rate, who) for rate, who in wanted if rate.quota > 0], clock(), []
    with _lock:
        for rate, who in limited:
            key = _key(rate, who, now)
            _here[key] = _here.pop(key, 0) + 1  # the last to be counted stands last
            used.append(_here[key])
        while len(_here) > MOST_HERE:
            del _here[next(iter(_here))]
    return _counts(limited, used, now)


def _counts(limited: Sequence[tuple[Rate, str]], used: Sequence[int], now: float) -> list[Count]:
    return [
        Count(rate, count, rate.window - int(now) % rate.window) for (rate, _), count in zip(limited, used, strict=True)
    ]


def worst(counts: Sequence[Count]) -> Count | None:
    """Of those that were exceeded the one that ends last."""
    return max((count for count in counts if count.exceeded), key=lambda count: count.reset, default=None)


def headers(counts: Sequence[Count]) -> dict[str, str]:
    """``RateLimit-Policy`` and ``RateLimit``, as draft-ietf-httpapi-ratelimit-headers-10 writes them."""
    if not counts:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{count.rate.name}";q={count.rate.quota};w={count.rate.window}' for count in counts
        ),
        "RateLimit": ", ".join(f'"{count.rate.name}";r={count.left};t={count.reset}' for count in counts),
    }


def _count(client: redis.Redis, limited: Sequence[tuple[Rate, str]], now: float, by: int = 1) -> list[int]:
    lives = {_key(rate, who, now): 2 * rate.window for rate, who in limited}
    new = lives.keys() - _dated
    pipeline = client.pipeline(transaction=False)
    for key in lives:
        pipeline.incrby(key, by)
    for key in new:
        pipeline.expire(key, lives[key])
    used = [int(answer) for answer in pipeline.execute()[: len(lives)]]
    if lost := [key for key, count in zip(lives, used, strict=True) if count == by and key not in new]:
        for key in lost:  # Redis was emptied meanwhile
            pipeline.expire(key, lives[key])
        pipeline.execute()
    if len(_dated) > MOST_DATED:
        _dated.clear()
    _dated.update(new)
    return used


def _read(client: redis.Redis, limited: Sequence[tuple[Rate, str]], now: float) -> list[int]:
    pipeline = client.pipeline(transaction=False)
    for rate, who in limited:
        pipeline.get(_key(rate, who, now))
    return [int(answer or 0) for answer in pipeline.execute()]


def _key(rate: Rate, who: str, now: float) -> str:
    # Hashed: what people type as their name is no part of a key, and of no length that they choose.
    name = hashlib.sha256(who.encode(errors="replace")).hexdigest()[:32]
    return f"figpress:rate:{rate.name}:{name}:{int(now) // rate.window}"


_clients: dict[str, redis.Redis] = {}
_here: dict[str, int] = {}
_dated: set[str] = set()
_lock = threading.Lock()
_rest_until = 0.0
_told = False


def forget() -> None:
    """Forget connections, and that Redis was away. Also in a child, whose sockets are its parent's."""
    global _clients, _here, _dated, _lock, _rest_until, _told
    _clients, _here, _dated, _lock, _rest_until, _told = {}, {}, set(), threading.Lock(), 0.0, False


os.register_at_fork(after_in_child=forget)


def _client(url: str) -> redis.Redis:
    client = _clients.get(url)
    if client is None:
        once_more = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        client = sentinels.connect(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, socket_keepalive=True, retry=once_more
        )
        _clients.clear()
        _clients[url] = client
    return client
