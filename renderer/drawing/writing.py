"""Writing values: numbers, dates and categories as text, each in the chart's locale and the format that was asked
for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from renderer.drawing.dates import Calendar, calendar
from renderer.drawing.numerals import Numerals, numerals
from renderer.spec.formats import DatePattern, DateStyle, Format, NumberPattern, NumberStyle, parse_format

NO_VALUE = "–"


@dataclass(frozen=True)
class Writer:
    """Turns values into text. A format of None is the best that the values allow."""

    numerals: Numerals
    calendar: Calendar

    def numbers(self, values: Sequence[float], style: str | None = None, *, exact: bool = False) -> list[str]:
        """Numbers that are shown together, in one manner. ``exact`` for ticks; a date's format on numbers is left
        aside.
        """
        chosen: Format = parse_format(style) if style else NumberStyle("auto")
        shown = [value for value in values if math.isfinite(value)]
        if isinstance(chosen, NumberPattern):
            written = [self.numerals.patterned(value, chosen) for value in shown]
        else:
            named = chosen if isinstance(chosen, NumberStyle) else NumberStyle("auto")
            written = self.numerals.styled(shown, named, exact=exact) if shown else []
        texts = iter(written)
        return [next(texts) if math.isfinite(value) else NO_VALUE for value in values]

    def number(self, value: float, style: str | None = None) -> str:
        return self.numbers([value], style)[0]

    def dates(self, days: Sequence[float], style: str | None = None) -> list[str]:
        """Moments (date numbers), one text for each."""
        chosen = parse_format(style) if style else None
        if isinstance(chosen, DateStyle):
            return [self.calendar.styled(day, chosen) for day in days]
        if isinstance(chosen, DatePattern):
            return [self.calendar.patterned(day, chosen) for day in days]
        return [self.calendar.plain(day) for day in days]


def writer(locale: str, currency: str | None, zone: str) -> Writer:
    return Writer(numerals(locale, currency), calendar(locale, zone))
