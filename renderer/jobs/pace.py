"""Pace: how fast jobs are drawn at present, for those who want to know how long to wait."""

from __future__ import annotations

import math
import time
from datetime import datetime
from typing import NamedTuple

from django.db.models import Sum

from renderer.models import Attempt, Worker
from renderer.models.worker import LOST_AFTER

SAMPLE = 20
"""So many of the newest attempts say how long one takes."""
GUESS = 0.5
"""Seconds, before there was one."""
LONGEST = 60
"""Nobody is told to wait longer than this before they ask again."""
COUNTED = 1_000
"""Places in the line are counted up to here: who is further back need not know how far, and counting is not free."""
FRESH_FOR = 1.0
"""Seconds for which one look is good enough for everybody who asks this process."""


class Pace(NamedTuple):
    """How long a job takes, and how many are drawn at a time."""

    seconds: float
    slots: int


_last: tuple[float, Pace] | None = None


def seconds_for(jobs: int, now: datetime) -> int:
    """In how many whole seconds so many jobs are drawn, between 1 and LONGEST."""
    seconds, slots = current(now)
    return min(LONGEST, max(1, math.ceil(jobs * seconds / slots)))


def current(now: datetime) -> Pace:
    """The pace, at most FRESH_FOR seconds old."""
    global _last
    if _last is None or time.monotonic() - _last[0] > FRESH_FOR:
        _last = (time.monotonic(), _look(now))
    return _last[1]


def forget() -> None:
    """Look afresh the next time."""
    global _last
    _last = None


def slots(now: datetime) -> int:
    """How many jobs the living workers draw at a time."""
    return Worker.objects.filter(seen_at__gt=now - LOST_AFTER).aggregate(n=Sum("concurrency"))["n"] or 0


def _look(now: datetime) -> Pace:
    # By attempts and not by finished jobs: their newest are at the end of the table, whatever waits.
    ended = Attempt.objects.filter(ended_at__isnull=False).order_by("-pk").values_list("started_at", "ended_at")
    taken = [(end - start).total_seconds() for start, end in ended[:SAMPLE] if end]
    return Pace(sum(taken) / len(taken) if taken else GUESS, max(1, slots(now)))
