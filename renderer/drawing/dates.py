"""Dates as text, in a locale and a time zone, and the labels of a time axis. The patterns are CLDR's, through Babel.

A time axis is labelled in two lines: what changes from tick to tick, and below it, where it begins or changes, what the
ticks have in common: "Nov  Dec  Jan  Feb" over "2023       2024".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from matplotlib.dates import AutoDateLocator, date2num, num2date

from renderer.drawing.scene import Floats
from renderer.spec.formats import DatePattern, DateStyle

Unit = Literal["year", "month", "day", "minute", "second", "fraction"]

# strftime's directives in CLDR's pattern letters.
_DIRECTIVES = {
    "Y": "yyyy", "y": "yy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss",
    "b": "LLL", "B": "LLLL", "a": "ccc", "A": "cccc",
}  # fmt: skip


def to_days(values: npt.NDArray[np.datetime64]) -> Floats:
    """Moments (datetime64, UTC) as matplotlib's date numbers: days since 1970, NaT as NaN."""
    return np.asarray(date2num(values), dtype=np.float64)  # type: ignore[no-untyped-call]  # matplotlib


@dataclass(frozen=True)
class Calendar:
    """Writes dates in one locale and zone. Dates come as date numbers (days since 1970, UTC)."""

    locale: Locale
    zone: tzinfo

    def moment(self, days: float) -> datetime:
        moment: datetime = num2date(days, tz=self.zone)  # type: ignore[no-untyped-call]  # matplotlib
        return moment

    def ticks(self, low: float, high: float, count: int) -> Floats:
        """About ``count`` round dates from ``low`` to ``high``."""
        # With these pairs there is an interval for every range: 2 years, say, are no 3 years, and at most 6 x 4 months.
        least, most = (3, max(7, count)) if count > 3 else (2, 5)
        locator: Any = AutoDateLocator(tz=self.zone, minticks=least, maxticks=most)  # type: ignore[no-untyped-call]  # mpl
        places = np.asarray(locator.tick_values(self.moment(low), self.moment(high)), dtype=np.float64)
        tolerance = (high - low) * 1e-9
        return places[(places >= low - tolerance) & (places <= high + tolerance)]

    def labels(self, places: Sequence[float]) -> list[tuple[str, str]]:
        """For each tick its line and, where it begins or changes, the line below it."""
        moments = [self.moment(place) for place in places]
        unit = _unit(moments)
        result: list[tuple[str, str]] = []
        before = ""
        for moment in moments:
            line, below = self._line(moment, unit), self._below(moment, unit)
            result.append((line, below if below != before else ""))
            before = below
        return result

    def _line(self, moment: datetime, unit: Unit) -> str:
        match unit:
            case "year":
                return str(moment.year)
            case "month":
                return self._skeleton("MMM", moment)
            case "day":
                return self._pattern("d", moment)
            case "minute":
                return self.clock(moment)
            case "second":
                return self._pattern("HH:mm:ss", moment)
            case "fraction":
                return f"{moment:%S}.{moment.microsecond // 1000:03d}"

    def _below(self, moment: datetime, unit: Unit) -> str:
        match unit:
            case "year":
                return ""
            case "month":
                return self._skeleton("y", moment)
            case "day":
                return self._skeleton("yMMM", moment)
            case "minute" | "second":
                return self._skeleton("yMMMd", moment)
            case "fraction":
                return f"{self._skeleton('yMMMd', moment)}, {moment:%H:%M}"

    @cached_property
    def _half_days(self) -> bool:
        return "a" in self.locale.time_formats["short"].pattern

    def clock(self, moment: datetime) -> str:
        """14:00, or 2 PM where the locale counts to twelve."""
        if not self._half_days:
            return str(format_time(moment, "short", tzinfo=self.zone, locale=self.locale))
        if moment.minute == 0:
            return self._skeleton("h", moment)
        return self._skeleton("hm", moment)

    def _skeleton(self, skeleton: str, moment: datetime) -> str:
        if skeleton == "y":
            return str(moment.year)
        try:
            return str(format_skeleton(skeleton, moment, tzinfo=self.zone, locale=self.locale))
        except KeyError:  # a locale without it
            return str(format_date(moment, "medium", locale=self.locale))

    def _pattern(self, pattern: str, moment: datetime) -> str:
        return str(format_datetime(moment, pattern, tzinfo=self.zone, locale=self.locale))

    def styled(self, days: float, style: DateStyle) -> str:
        """One date in a named format."""
        moment = self.moment(days)
        match style.name:
            case "date":
                return str(format_date(moment.date(), "medium", locale=self.locale))
            case "datetime":
                return f"{format_date(moment.date(), 'medium', locale=self.locale)}, {self._exact_clock(moment)}"
            case "time":
                return self._exact_clock(moment)
            case "year":
                return str(moment.year)
            case "quarter":
                return self._pattern("QQQ y", moment)
            case "month":
                return self._skeleton("yMMM", moment)
            case "weekday":
                return self._pattern("ccc", moment)

    def _exact_clock(self, moment: datetime) -> str:
        return str(format_time(moment, "short", tzinfo=self.zone, locale=self.locale))

    def patterned(self, days: float, pattern: DatePattern) -> str:
        """One date by a pattern of directives that the language has checked."""
        moment = self.moment(days)
        return "".join(self._directive(code, moment) if code else literal for code, literal in pattern.parts)

    def _directive(self, code: str, moment: datetime) -> str:
        if code == "%":
            return "%"
        if code == "j":
            return f"{moment.timetuple().tm_yday:03d}"
        return self._pattern(_DIRECTIVES[code], moment)

    def plain(self, days: float) -> str:
        """A date as a reader of a sentence expects it: the day, and the time only if there is one."""
        moment = self.moment(days)
        if moment.hour == moment.minute == moment.second == 0:
            return self.styled(days, DateStyle("date"))
        return self.styled(days, DateStyle("datetime"))


def _unit(moments: Sequence[datetime]) -> Unit:
    """What changes from one tick to the next."""
    if any(moment.microsecond for moment in moments):
        return "fraction"
    if any(moment.second for moment in moments):
        return "second"
    if any(moment.hour or moment.minute for moment in moments):
        return "minute"
    if any(moment.day > 1 for moment in moments):
        return "day"
    if any(moment.month > 1 for moment in moments):
        return "month"
    return "year"


@lru_cache(maxsize=64)
def calendar(locale: str, zone: str) -> Calendar:
    """The calendar of a locale such as "de_CH" and a zone such as "Europe/Zurich"."""
    return Calendar(Locale.parse(locale), UTC if zone == "UTC" else ZoneInfo(zone))
