"""Times cut to units (the month they lie in), and places in cycles (the month of the year)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from babel import Locale

from renderer.data.zones import Times, to_local, to_utc
from renderer.spec.channel import Unit

_NUMPY_UNITS: Final[dict[Unit, str]] = {
    "year": "Y", "month": "M", "day": "D", "hour": "h", "minute": "m", "second": "s",
}  # fmt: skip
_MONDAY: Final = 3
"""1970-01-01, day 0 of datetime64, was a Thursday."""


def truncate(moments: Times, unit: Unit, zone: str) -> Times:
    """The start, as a UTC moment, of the unit on the zone's clock that each moment lies in; weeks begin on Monday."""
    clock = to_local(moments, zone)
    if unit == "week":
        days = clock.astype("datetime64[D]").astype(np.int64)
        start = (days - (days + _MONDAY) % 7).astype("datetime64[D]")
        start[np.isnat(moments)] = np.datetime64("NaT")
    elif unit == "quarter":
        months = clock.astype("datetime64[M]").astype(np.int64)
        start = (months - months % 3).astype("datetime64[M]")
        start[np.isnat(moments)] = np.datetime64("NaT")
    else:
        start = clock.astype(f"datetime64[{_NUMPY_UNITS[unit]}]")
    start = start.astype("datetime64[us]")
    if unit in ("hour", "minute", "second"):
        # The hour that a clock shows twice stays two hours: each moment keeps its own offset.
        span: npt.NDArray[np.timedelta64] = clock - start
        return moments - span
    return to_utc(start, zone)


def cycle(moments: Times, unit: Unit, zone: str) -> npt.NDArray[np.int64]:
    """The place of each moment in a cycle: month 1-12, weekday 0-6 (Monday first), day 1-31, hour 0-23; NaT is -1."""
    clock = to_local(moments, zone)
    missing = np.isnat(clock)
    if unit == "month_of_year":
        place = clock.astype("datetime64[M]").astype(np.int64) % 12 + 1
    elif unit == "weekday":
        place = (clock.astype("datetime64[D]").astype(np.int64) + _MONDAY) % 7
    elif unit == "day_of_month":
        place = (clock.astype("datetime64[D]") - clock.astype("datetime64[M]")).astype(np.int64) + 1
    else:
        place = (clock.astype("datetime64[h]") - clock.astype("datetime64[D]")).astype(np.int64)
    place[missing] = -1
    return place


def cycle_labels(unit: Unit, locale: str) -> dict[int, str]:
    """The places of a cycle in the order of the locale's calendar, with their short names."""
    where = Locale.parse(locale)
    if unit == "month_of_year":
        names = where.months["stand-alone"]["abbreviated"]
        return {month: names[month] for month in range(1, 13)}
    if unit == "weekday":
        names = where.days["stand-alone"]["abbreviated"]
        return {day % 7: names[day % 7] for day in range(where.first_week_day, where.first_week_day + 7)}
    if unit == "day_of_month":
        return {day: str(day) for day in range(1, 32)}
    return {hour: f"{hour:02d}" for hour in range(24)}


def unit_label(moment: np.datetime64, unit: Unit | None) -> str:
    """A local clock time as the name of a category: "2026", "2026 Q1", "2026-01", "2026-01-31", "2026-01-31 12:00"."""
    day = str(moment.astype("datetime64[D]"))
    if unit == "year":
        return day[:4]
    if unit == "quarter":
        return f"{day[:4]} Q{(int(day[5:7]) + 2) // 3}"
    if unit == "month":
        return day[:7]
    seconds = str(moment.astype("datetime64[s]")).replace("T", " ")
    if unit in ("week", "day") or (unit is None and seconds.endswith("00:00:00")):
        return day
    return seconds if unit == "second" or not seconds.endswith(":00") else seconds[:-3]
