"""Moments in words: what ``app.js`` writes too, which keeps them fresh while the page is open."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from django.utils import timezone

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def written(at: datetime, style: str, now: datetime) -> str:
    """A moment for somebody whose zone is the current one; see the tag ``moment`` for the styles."""
    local = at.astimezone(timezone.get_current_timezone())
    ahead = (at - now).total_seconds()
    match style:
        case "clock":
            return f"{local:%H:%M:%S}"
        case "since":
            return _since(-ahead)
        case "ago" if text := _ago(ahead):
            return text
        case _:
            return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def in_full(at: datetime, style: str = "at") -> str:
    """A moment that is right whenever and wherever it is read: ``22 Nov 2026, 10:56 UTC``."""
    local = at.astimezone(timezone.get_current_timezone())
    return f"{local:%H:%M:%S}" if style == "clock" else f"{local.day} {local:%b %Y, %H:%M} {local:%Z}"


def _ago(ahead: float) -> str:
    """How far away a moment is, of which so many seconds are left; empty where a date says more."""
    distance = abs(ahead)
    if distance < 45:
        return "just now" if ahead < 0 else "in a moment"
    for length, unit, most in ((MINUTE, "minute", HOUR), (HOUR, "hour", DAY), (DAY, "day", 30 * DAY)):
        if distance < most:
            number = math.floor(distance / length + 0.5)
            if (unit, number) == ("day", 1):
                return "yesterday" if ahead < 0 else "tomorrow"
            words = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"{words} ago" if ahead < 0 else f"in {words}"
    return ""


def _since(seconds: float) -> str:
    whole = max(0, math.floor(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
