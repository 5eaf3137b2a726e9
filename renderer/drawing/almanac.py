"""Almanacs: where days stand in weeks, months and years, as squares in a box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from renderer.drawing import text
from renderer.drawing.cells import fair_gap
from renderer.drawing.scene import Box, Floats, Text
from renderer.drawing.theme import Theme

Days = npt.NDArray[np.int64]
"""Days since 1970-01-01, on the clock of the chart's zone."""

Layout = Literal["across", "down", "months"]

_THURSDAY = 3  # 1970-01-01, with Monday as 0
_LARGEST = 56.0  # pixels of a day
_WIDEST, _HIGHEST = 1.6, 1.35  # a day's width by its height, and its height by its width
_LEAST_LABELLED = 7.0  # pixels of a day that gets words beside it


@dataclass(frozen=True, slots=True)
class Names:
    """What is written around the days, in the chart's locale: the months' and the weekdays' names (Monday first)."""

    months: Sequence[str]
    weekdays: Sequence[str]
    letters: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """An almanac that was laid out: all ``days`` it shows with their ``boxes`` (n, 4), the words around them, and the
    ``borders`` between months, (n, 4) ends of lines. ``size`` tells layouts with large days from those with small ones.
    """

    days: Days
    boxes: Floats
    texts: list[Text]
    borders: Floats
    size: float


def months_of(days: Days) -> tuple[Days, Days]:
    """The year, and the month (0 to 11), of each day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // 12 + 1970, months % 12


def month_start(year: int, month: int) -> int:
    """The first day of a month, 0 to 11; 12 is the next January."""
    return int(np.datetime64(f"{year + month // 12:04d}-{month % 12 + 1:02d}", "D").astype(np.int64))


def weekdays_of(days: Days, first: int) -> Days:
    """0 to 6, from the first day of the week, which is 0 for Monday."""
    result: Days = (days + _THURSDAY - first) % 7
    return result


class Almanac:
    """The years and months that hold some days."""

    def __init__(self, days: Days, first: int, names: Names, theme: Theme) -> None:
        years, months = months_of(days)
        self.years = list(range(int(years.min()), int(years.max()) + 1))
        # A season in the same months of each year leaves the others out.
        self.span = int(months.min()), int(months.max())
        self.first = first
        self.names = names
        self.theme = theme

    def keep_last(self, count: int) -> None:
        """Show only the last years."""
        self.years = self.years[-count:]

    def page(self, box: Box, wish: Layout | Literal["auto"]) -> Page:
        """The layout that was asked for, or the one with the largest days; all, where they are alike, across."""
        ways: dict[Layout, Callable[[Box], Page]] = {"across": self._across, "months": self._months, "down": self._down}
        if wish != "auto":
            return ways[wish](box)
        pages = [way(box) for way in ways.values()]
        return max(pages, key=lambda page: page.size)

    def _days_of(self, year: int) -> Days:
        low, high = self.span
        return np.arange(month_start(year, low), month_start(year, high + 1), dtype=np.int64)

    def _weeks(self, days: Days) -> Days:
        """The week of each of a run of days, the first is 0."""
        start = int(weekdays_of(days[:1], self.first)[0])
        result: Days = (days - days[0] + start) // 7
        return result

    def _across(self, box: Box) -> Page:
        """A row of seven for each year, weeks from left to right."""
        theme, count = self.theme, len(self.years)
        weeks = max(int(self._weeks(self._days_of(year))[-1]) + 1 for year in self.years)
        line = theme.label * 1.55
        gutter = theme.gap + max(
            text.widest(self.names.weekdays, theme.label),
            text.widest(map(str, self.years), theme.label, 500),
        )
        between = theme.gap * (1.0 if count > 3 else 2.0)
        width = (box.width - gutter) / weeks
        rich = _cell(width, (box.height - count * line - (count - 1) * between) / (7 * count))
        plain = _cell(width, (box.height - line - (count - 1) * between) / (7 * count))
        # Months above each year and days beside it, where that costs little; else months once, or no words at all.
        repeated = rich.fair >= max(plain.fair * 0.8, _LEAST_LABELLED)
        worded = plain.fair >= _LEAST_LABELLED * 0.6
        cell = rich if repeated else plain
        if not worded:
            cell, gutter = _cell(box.width / weeks, box.height / (8 * count - 1)), 0.0
            between = cell.height
        left, top = box.x0 + gutter, box.y0
        texts: list[Text] = []
        parts: list[tuple[Days, Floats]] = []
        borders: list[Floats] = []
        for number, year in enumerate(self.years):
            days = self._days_of(year)
            week, weekday = self._weeks(days), weekdays_of(days, self.first)
            if worded and (repeated or number == 0):
                texts += self._months_above(days, left, top + theme.label * 0.5, cell)
                top += line
            if repeated:
                texts.append(self._words(str(year), box.x0, top - line + theme.label * 0.5, weight=500))
                texts += self._weekdays_beside(left - theme.gap, top, cell)
            elif worded and 7 * cell.height >= theme.label:
                texts.append(self._words(str(year), box.x0, top + 3.5 * cell.height, weight=500))
            parts.append((days, cell.boxes(left, top, week, weekday)))
            borders.append(_borders(days, week, weekday, left, top, cell, across=True))
            top += 7 * cell.height + between
        return _page(parts, texts, borders, cell)

    def _down(self, box: Box) -> Page:
        """A column of seven for each year, weeks from top to bottom."""
        theme, count = self.theme, len(self.years)
        weeks = max(int(self._weeks(self._days_of(year))[-1]) + 1 for year in self.years)
        line = theme.label * 1.55
        gutter = text.widest(self.names.months, theme.label) + theme.gap
        between = theme.gap * 2.0
        cell = _cell((box.width - gutter - (count - 1) * between) / (7 * count), (box.height - 2 * line) / weeks)
        worded = cell.fair >= _LEAST_LABELLED * 0.6
        left, top = box.x0 + gutter, box.y0 + 2 * line
        if not worded:
            cell, left, top = _cell(box.width / (8 * count - 1), box.height / weeks), box.x0, box.y0
            between = cell.width
        texts: list[Text] = []
        parts: list[tuple[Days, Floats]] = []
        borders: list[Floats] = []
        for number, year in enumerate(self.years):
            days = self._days_of(year)
            week, weekday = self._weeks(days), weekdays_of(days, self.first)
            if worded:
                if number == 0:
                    texts += self._months_beside(days, left - theme.gap, top, cell)
                if text.width(str(year), theme.label, 500) <= 7 * cell.width + between / 2:
                    texts.append(self._words(str(year), left, box.y0 + theme.label * 0.5, weight=500))
                texts += self._letters_above(left, box.y0 + line + theme.label * 0.5, cell)
            parts.append((days, cell.boxes(left, top, weekday, week)))
            borders.append(_borders(days, weekday, week, left, top, cell, across=False))
            left += 7 * cell.width + between
        return _page(parts, texts, borders, cell)

    def _months(self, box: Box) -> Page:
        """A block for each month, as on a wall calendar; years follow each other."""
        theme = self.theme
        low, high = self.span
        blocks = [(year, month) for year in self.years for month in range(low, high + 1)]
        runs = [np.arange(month_start(y, m), month_start(y, m + 1), dtype=np.int64) for y, m in blocks]
        deep = max(int(self._weeks(run)[-1]) + 1 for run in runs)
        line, gap = theme.label * 1.55, theme.gap * 2.0
        best: tuple[float, int, float, _Cell] | None = None
        for columns in range(1, len(blocks) + 1):
            rows = -(-len(blocks) // columns)
            for head in (2 * line, line, 0.0):
                cell = _cell(
                    (box.width - (columns - 1) * gap) / (7 * columns),
                    (box.height - (rows - 1) * gap - rows * head) / (deep * rows),
                )
                if (head and cell.fair < _LEAST_LABELLED) or (head > line and not self._lettered(cell)):
                    continue
                # Rows that are full, and months that say their names and weekdays, are worth some size.
                worth = {2 * line: 1.0, line: 0.8, 0.0: 0.5}[head]
                score = cell.fair * worth * (1.0 if len(blocks) % columns == 0 else 0.85)
                if best is None or score > best[0]:
                    best = score, columns, head, cell
        assert best is not None, "without words there is always a way"
        score, columns, head, cell = best
        wide = 7 * cell.width
        if columns > 1:
            wide += max(gap, min((box.width - columns * wide) / (columns - 1), 3 * cell.width))
        texts: list[Text] = []
        parts: list[tuple[Days, Floats]] = []
        for number, ((year, month), run) in enumerate(zip(blocks, runs, strict=True)):
            row, column = divmod(number, columns)
            left, top = round(box.x0 + column * wide), box.y0 + row * (head + deep * cell.height + gap)
            if head:
                words = self.names.months[month]
                if month == low:
                    words = f"{words} {year}"
                words = text.shorten(words, wide - gap / 2, theme.label, 500)
                if words:
                    texts.append(self._words(words, left, top + theme.label * 0.5, weight=500))
                if head > line:
                    texts += self._letters_above(left, top + line + theme.label * 0.5, cell)
            week, weekday = self._weeks(run), weekdays_of(run, self.first)
            parts.append((run, cell.boxes(left, top + head, weekday, week)))
        return replace(_page(parts, texts, [], cell), size=cell.fair if head else cell.fair * 0.5)

    # Words around the days --------------------------------------------------------------------------------------------

    def _words(self, words: str, x: float, y: float, *, weight: int = 400, align: text.Align = "left") -> Text:
        theme = self.theme
        color = theme.text if weight > 400 else theme.muted
        return text.place(
            "calendar-label", words, x, y, size=theme.label, weight=weight, color=color, align=align, valign="middle"
        )

    def _months_above(self, days: Days, left: float, y: float, cell: _Cell) -> list[Text]:
        """Each month's name where its first full week begins; every so many, where they would touch."""
        widest = text.widest(self.names.months, self.theme.label)
        every = next((n for n in (1, 2, 3, 4, 6) if n * cell.width * 4.0 >= widest + 6.0), 0)
        if not every:
            return []
        right = left + (int(self._weeks(days)[-1]) + 1) * cell.width + 0.5
        labels = [
            self._words(self.names.months[month], left + week * cell.width, y)
            for month, week in self._starts(days)[::every]
        ]
        return [label for label in labels if label.box.x1 <= right]

    def _months_beside(self, days: Days, x: float, top: float, cell: _Cell) -> list[Text]:
        every = next((n for n in (1, 2, 3, 4, 6) if n * cell.height * 4.0 >= self.theme.label * 1.3), 0)
        if not every:
            return []
        return [
            self._words(self.names.months[month], x, top + (week + 0.5) * cell.height, align="right")
            for month, week in self._starts(days)[::every]
        ]

    def _starts(self, days: Days) -> list[tuple[int, int]]:
        """The months of a run of days, each with its first full week."""
        weeks, weekdays = self._weeks(days), weekdays_of(days, self.first)
        _, months = months_of(days)
        found, first = np.unique(months, return_index=True)
        full = weeks[first] + (weekdays[first] > 0)
        return list(zip(found.tolist(), full.tolist(), strict=True))

    def _weekdays_beside(self, x: float, top: float, cell: _Cell) -> list[Text]:
        pitch = self.theme.label * 1.22
        rows = [row for row in range(7) if cell.height >= pitch or (self.first + row) % 7 in (0, 2, 4)]
        if 2 * cell.height < pitch:
            return []
        return [
            self._words(self.names.weekdays[(self.first + row) % 7], x, top + (row + 0.5) * cell.height, align="right")
            for row in rows
        ]

    def _lettered(self, cell: _Cell) -> bool:
        """Whether each weekday's letter fits above its column."""
        return text.widest(self.names.letters, self.theme.label) + 2.0 <= cell.width

    def _letters_above(self, left: float, y: float, cell: _Cell) -> list[Text]:
        if not self._lettered(cell):
            return []
        return [
            self._words(
                self.names.letters[(self.first + column) % 7], left + (column + 0.5) * cell.width, y, align="center"
            )
            for column in range(7)
        ]


def _borders(days: Days, column: Days, row: Days, left: float, top: float, cell: _Cell, *, across: bool) -> Floats:
    """The lines between months: at each of a month's first seven days, towards the week before and the day before."""
    _, months = months_of(days)
    week = column if across else row
    x, y = left + column * cell.width, top + row * cell.height
    upright = np.column_stack([x, y, x, y + cell.height])
    level = np.column_stack([x, y, x + cell.width, y])
    new_week = np.concatenate([np.zeros(min(7, len(days)), dtype=bool), months[7:] != months[:-7]])
    new_day = np.concatenate([[False], (months[1:] != months[:-1]) & (week[1:] == week[:-1])])
    first, second = (upright, level) if across else (level, upright)
    return np.concatenate([first[new_week], second[new_day]]).astype(float)


def _page(parts: list[tuple[Days, Floats]], texts: list[Text], borders: list[Floats], cell: _Cell) -> Page:
    return Page(
        np.concatenate([days for days, _ in parts]),
        np.concatenate([boxes for _, boxes in parts]),
        texts,
        np.concatenate(borders) if borders else np.empty((0, 4)),
        cell.fair,
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """The size of a day, with the gap beside it."""

    width: float
    height: float

    @property
    def fair(self) -> float:
        """The side of a square of the same area: what layouts are compared by."""
        return math.sqrt(self.width * self.height)

    def boxes(self, left: float, top: float, column: Days, row: Days) -> Floats:
        """(n, 4) boxes of days in these columns and rows."""
        across, down = fair_gap(self.width) / 2, fair_gap(self.height) / 2
        gap = min(across, down)
        x, y = left + column * self.width, top + row * self.height
        return np.column_stack([x + gap, y + gap, x + self.width - gap, y + self.height - gap])


def _cell(width: float, height: float) -> _Cell:
    """A day in that much room: no long slips, and on whole pixels, so that all days are alike."""
    width = min(width, height * _WIDEST, _LARGEST)
    height = min(height, width * _HIGHEST, _LARGEST)
    return _Cell(*(float(math.floor(side)) if side >= 5.0 else max(side, 0.2) for side in (width, height)))
