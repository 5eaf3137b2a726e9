"""Calendars. Channels: date (days), color (numbers as shades, or categories by hue)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.data.units import cycle_labels
from renderer.data.zones import to_local
from renderer.drawing.almanac import Almanac, Days, Names, Page
from renderer.drawing.cells import Words, shaded, written
from renderer.drawing.color import with_alpha
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Bools, Color, Floats, Primitive, Rects, Segments, Stroke
from renderer.drawing.shades import Shades
from renderer.spec.marks.calendar import Calendar

_LEAST = 2.0  # pixels of a day
_EMPTY = 0.06  # of the text's colour, for days without a value
_WEEK_STARTS = {"monday": 0, "saturday": 5, "sunday": 6}


class CalendarKind(FreeKind[Calendar]):
    """Squares for days in strips of weeks, or in blocks of months."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        calendar = layer.writer.calendar
        moments = to_local(table["date"].values, getattr(calendar.zone, "key", "UTC"))
        self.days: Days = moments.astype("datetime64[D]").astype(np.int64)
        column = table["color"]
        self.amounts = numbers_of(column) if column.type == "number" else None
        self.series = layer.series() if self.amounts is None else []
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    @cached_property
    def shades(self) -> Shades:
        amounts = self.amounts if self.amounts is not None else np.empty(0)
        return Shades(amounts, self.layer, self.mark.color, title=self.layer.title("color"))

    def legend(self) -> tuple[Key, ...]:
        if self.amounts is None:
            return self.layer.swatches(self.series, Entry("", self.theme.text))
        return (self.shades.key("top"),)

    def _page(self, area: Area) -> Page:
        locale = self.layer.writer.calendar.locale
        wish = self.mark.week_start
        first = locale.first_week_day if wish == "auto" else _WEEK_STARTS[wish]
        weekdays = cycle_labels("weekday", str(locale))
        months = cycle_labels("month_of_year", str(locale))
        narrow = locale.days["stand-alone"]["narrow"]
        names = Names(
            [months[month] for month in range(1, 13)],
            [weekdays[day] for day in range(7)],
            [narrow[day] for day in range(7)],
        )
        almanac = Almanac(self.days, first, names, self.theme)
        page = almanac.page(area.box, self.mark.layout)
        while page.size < _LEAST and len(almanac.years) > 1:
            almanac.keep_last(max(1, int(len(almanac.years) * 0.8)))
            page = almanac.page(area.box, self.mark.layout)
        if almanac.years[0] > int(self.days.min().astype("datetime64[D]").astype("datetime64[Y]").astype(int)) + 1970:
            self.layer.warn(f"Days are too small to be seen: only the years from {almanac.years[0]} on are shown.")
        return page

    def marks(self, area: Area) -> Iterator[Primitive]:
        page = self._page(area)
        theme = self.theme
        order = np.argsort(page.days)
        found = order[np.clip(np.searchsorted(page.days[order], self.days), 0, len(order) - 1)]
        shown = page.days[found] == self.days
        boxes = np.where(shown[:, None], page.boxes[found], np.nan)
        valued = np.isfinite(self.amounts) if self.amounts is not None else ~self.layer.resolved.table["color"].missing
        empty = np.ones(len(page.days), dtype=bool)
        empty[found[shown & valued]] = False
        if empty.any():
            yield Rects(
                role="empty-cell", boxes=page.boxes[empty], fill=with_alpha(theme.text, _EMPTY), clip=area.sheet
            )
        if self.amounts is not None:
            yield from shaded(boxes, self.amounts, self.shades, self.opacity, area.sheet)
        for series in self.series:
            rows = series.rows[shown[series.rows]]
            if len(rows):
                yield Rects(
                    role="cell",
                    boxes=boxes[rows],
                    fill=with_alpha(series.color, self.opacity),
                    name=series.name,
                    clip=area.sheet,
                )
        if len(page.borders) and page.size >= 4.0:
            yield Segments(
                role="month-border",
                ends=page.borders,
                stroke=Stroke(theme.muted, 1.0),
                clip=area.sheet,
            )
        yield from page.texts
        yield from self._labels(area, boxes, shown)

    def _labels(self, area: Area, boxes: Floats, shown: Bools) -> Iterator[Primitive]:
        options = self.mark.labels
        if self.amounts is None or options.show == "never":
            return
        rows = np.flatnonzero(shown & np.isfinite(self.amounts))
        texts = self.shades.write(self.amounts[rows], options.format)
        fills: list[Color | None] = [(*self.shades.of(float(v))[:3], self.opacity) for v in self.amounts[rows]]
        yield from written(Words(boxes[rows], texts, fills), options, self.layer, area.sheet)

    def facts(self) -> str:
        write = self.layer
        first, last = int(np.argmin(self.days)), int(np.argmax(self.days))
        period = f"from {write.place('date', first)} to {write.place('date', last)}"
        sentence = f"Calendar of {write.title('color')}, {len(self.days):,} days {period}"
        if self.amounts is None:
            parts = [f"{series.name} on {len(series.rows):,}" for series in self.series if series.name]
            return f"{sentence}: {', '.join(parts[:6])}."
        known = np.flatnonzero(np.isfinite(self.amounts))
        if not len(known):
            return f"{sentence}, without values."
        highest, lowest = (int(known[pick(self.amounts[known])]) for pick in (np.argmax, np.argmin))
        high, low = (self.shades.write(self.amounts[[row]])[0] for row in (highest, lowest))
        return (
            f"{sentence}. The highest value is {high} ({write.place('date', highest)}),"
            f" the lowest {low} ({write.place('date', lowest)})."
        )


KIND = CalendarKind
