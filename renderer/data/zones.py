"""Wall clock times of a time zone and moments in UTC, for whole arrays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.datetime64]
Years = npt.NDArray[np.int64]

_PROBE_DAYS: Final = 7
"""zoneinfo tells offsets, not when they change, so it is asked at this step; no zone changes twice within it."""


def to_local(moments: Times, zone: str) -> Times:
    """What clocks in `zone` show at UTC `moments`; NaT stays NaT. Both are datetime64[us]."""
    if zone == "UTC" or not len(moments):
        return moments
    starts, offsets, _ = zone_changes(zone, years_of(moments))
    place = np.maximum(np.searchsorted(starts, moments, side="right") - 1, 0)
    return moments + offsets[place]


def to_utc(clock: Times, zone: str) -> Times:
    """The moments at which clocks in `zone` show these times; NaT stays NaT.

    PEP 495 with fold=0: of a time that a clock shows twice, the first; a time that it leaves out is read with the
    offset before the change.
    """
    if zone == "UTC" or not len(clock):
        return clock
    years = years_of(clock)
    _, offsets, local_starts = zone_changes(zone, np.unique(np.concatenate([years - 1, years, years + 1])))
    place = np.maximum(np.searchsorted(local_starts, clock, side="right") - 1, 0)
    return clock - offsets[place]


def years_of(times: Times) -> Years:
    """The years, in UTC, that times lie in, each once."""
    known = times[~np.isnat(times)]
    return np.unique(known.astype("datetime64[Y]").astype(np.int64) + 1970)


def zone_changes(zone: str, years: Years) -> tuple[Times, npt.NDArray[np.timedelta64], Times]:
    """When each offset begins (UTC), the offsets, and when each begins on the clock."""
    rows = [row for year in years.tolist() for row in _changes(zone, min(max(year, 1), 9998))]
    if not rows:
        rows = [(0, 0, 0)]
    starts, offsets, before = (np.array(column, dtype="int64") for column in zip(*rows, strict=True))
    local = starts + np.maximum(offsets, before)
    return starts.astype("datetime64[us]"), offsets.astype("timedelta64[us]"), local.astype("datetime64[us]")


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """(start, offset, offset before) in microseconds, for the start of the year and each change in it."""
    info = ZoneInfo(zone)
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(info).utcoffset() or timedelta()

    found = [(start, offset(start), offset(start))]
    here = start
    while here < end:
        there = min(here + timedelta(days=_PROBE_DAYS), end)
        before, after = offset(here), offset(there - timedelta(seconds=1))
        if before != after:
            low, high = here, there
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            found.append((high, after, before))
        here = there
    return tuple((_micros(moment - _EPOCH), _micros(new), _micros(old)) for moment, new, old in found)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def zone_offsets(moments: Times, zone: str) -> Any:
    """The offset from UTC at each moment, as timedelta64[us]."""
    return to_local(moments, zone) - moments
