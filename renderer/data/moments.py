"""Moments that are written out: '2026-01-31' on the chart's clock, and '7d' ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from renderer.data.zones import to_local, to_utc
from renderer.spec.limits import Limits
from renderer.spec.scalars import parse_date
from renderer.spec.spans import Span

_PART: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?", re.ASCII)
_EXACT: Final = {
    "second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1),
}  # fmt: skip
_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def moment_of_text(text: str, zone: str, limits: Limits) -> np.datetime64 | None:
    """The UTC moment of an ISO 8601 text, of a year or of a month; None if it is none of them."""
    part = _PART.fullmatch(text[:40])
    moment = parse_date(f"{part[1]}-{part[2] or '01'}-01" if part else text, limits)
    if moment is None:
        return None
    if moment.tzinfo is not None:
        return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
    return _utc(moment, zone)


def moment_ago(now: datetime, span: Span, zone: str) -> np.datetime64:
    """The moment so long before `now`. Days and longer units go back on the clock: 7 days ago at the same hour.

    A day that a month does not have becomes its last: a month before 31 March is 28 or 29 February. Raises
    OverflowError beyond the year 1.
    """
    in_utc = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    if span.unit in _EXACT:
        return np.datetime64(now.astimezone(UTC).replace(tzinfo=None) - span.amount * _EXACT[span.unit], "us")
    clock: datetime = to_local(np.array([in_utc]), zone)[0].item()
    if span.unit in _DAYS:
        return _utc(clock - timedelta(days=span.amount * _DAYS[span.unit]), zone)
    months = clock.year * 12 + clock.month - 1 - span.amount * _MONTHS[span.unit]
    if months < 12:
        raise OverflowError("before the year 1")
    year, month = divmod(months, 12)
    last = (np.datetime64(f"{year:04d}-{month + 1:02d}", "M") + 1).astype("datetime64[D]") - 1
    day = min(clock.day, int(str(last)[8:]))
    return _utc(clock.replace(year=year, month=month + 1, day=day), zone)


def _utc(clock: datetime, zone: str) -> np.datetime64:
    found: np.datetime64 = to_utc(np.array([clock], dtype="datetime64[us]"), zone)[0]
    return found
