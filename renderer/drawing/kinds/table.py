"""Tables. Channels: columns (anything), each written, with bars, on shades, or as small lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from renderer.data.groups import aggregate, factorize, group
from renderer.data.table import Column
from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import mix, parse_color
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Floats, Markers, Path, Primitive, Rects, Rows, Segments, Stroke, Text
from renderer.drawing.shades import Shades
from renderer.drawing.writing import NO_VALUE
from renderer.spec.channel import ColorChannel
from renderer.spec.marks.table import Table, TableColumn

_MOST_ROWS = 200
_LEAST_PITCH, _PITCH = 1.55, 2.5  # from row to row, in multiples of the label's size
_GAP = 24.0  # pixels between columns, where there is room
_LEAST_GAP = 10.0
_LEAST = 44.0  # pixels of words that are worth a column
_MOST_BAR = 240.0
_PAD = 8.0  # in a shaded cell, and between a number and its bar
# What is in a column beside its words: at first, and at least.
_EXTRA = {"bar": (_PAD + 90.0, _PAD + 30.0), "heat": (2 * _PAD, _PAD), "sparkline": (110.0, 40.0)}
_HEADING_LINES = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """A column as it is shown: for each row a text, and for amounts a number; for small lines, the values."""

    channel: TableColumn
    title: str
    at: str
    texts: list[str]
    numbers: Floats | None
    lines: list[Floats]
    align: Literal["left", "center", "right"]

    @property
    def show(self) -> str:
        return self.channel.show


class TableKind(FreeKind[Table]):
    """Rows between thin lines, columns as wide as what is in them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        style = self.mark.style
        self.accent = layer.hues.of_layer(style.color if style else None)
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.columns = self._columns()

    # Values -----------------------------------------------------------------------------------------------------------

    def _columns(self) -> list[_Cells]:
        table = self.layer.resolved.table
        channels = list(self.mark.columns)
        names = [f"columns/{place}" for place in range(len(channels))]
        grouped = any(channel.agg or channel.show == "sparkline" for channel in channels)
        keys = [name for name, c in zip(names, channels, strict=True) if not c.agg and c.show != "sparkline"]
        length = len(table)
        groups = group([factorize(table[name])[0] for name in keys], length) if grouped else None
        order = np.argsort(groups.first, kind="stable") if groups is not None else np.arange(length)
        columns: list[_Cells] = []
        for name, channel in zip(names, channels, strict=True):
            if channel.show == "sparkline":
                assert groups is not None
                columns.append(self._sparkline(name, channel, [np.flatnonzero(groups.of == one) for one in order]))
                continue
            if channel.agg is not None:
                assert groups is not None
                values = aggregate(channel.agg, table.columns.get(name), groups)[order]
                column = Column(name, "number", values)
            else:
                rows = groups.first[order] if groups is not None else order
                column = replace(table[name], values=table[name].values[rows])
            columns.append(self._written(name, channel, column))
        rows = self._in_order(columns)
        self.total = len(rows)
        rows = rows[: self.mark.rows] if self.mark.rows else rows
        return [_of_rows(column, rows) for column in columns]

    def _sparkline(self, name: str, channel: TableColumn, groups: list[Rows]) -> _Cells:
        column = self.layer.resolved.table[name]
        if column.type != "number":
            raise self.layer.error(name, "a sparkline needs numbers")
        lines = [numbers_of(column)[rows] for rows in groups]
        last = np.array([_last(line) for line in lines])
        return _Cells(channel, self.layer.title(name), name, [""] * len(lines), last, lines, "left")

    def _written(self, name: str, channel: TableColumn, column: Column) -> _Cells:
        write = self.layer.writer
        numbers: Floats | None = None
        if column.type == "number":
            numbers = numbers_of(column)
            texts = write.numbers(numbers.tolist(), channel.format)
        elif column.type == "time":
            unit = self.layer.resolved.units.get(name, "")
            style = channel.format or (unit if unit in ("month", "quarter", "year") else None)
            days = numbers_of(column)
            known = np.isfinite(days)
            words = iter(write.dates(days[known].tolist(), style))
            texts = [next(words) if there else NO_VALUE for there in known.tolist()]
        else:
            texts = [NO_VALUE if value is None else str(value) for value in column.values.tolist()]
        if numbers is None and channel.show != "text":
            what = {"bar": "bars", "heat": "shades"}[channel.show]
            raise self.layer.error(name, f"{what} need numbers")
        usual: Literal["left", "center", "right"] = "right" if numbers is not None else "left"
        align = usual if channel.align == "auto" else channel.align
        return _Cells(channel, self.layer.title(name), name, texts, numbers, [], align)

    def _in_order(self, columns: list[_Cells]) -> Rows:
        """The rows as the author wants them; missing values come last."""
        count = len(columns[0].texts)
        for column in columns:
            if column.channel.sort is not None and column.numbers is None:
                places = {name: place for place, name in enumerate(self.layer.resolved.orders.get(column.at, ()))}
                return np.argsort([places.get(words, len(places)) for words in column.texts], kind="stable")
        wish = self.mark.sort
        if wish is None:
            return np.arange(count)
        found = {name: column for column in reversed(columns) for name in _names(column)}
        descending = wish.startswith("-") and wish not in found
        column_of = found.get(wish[1:] if descending else wish)
        if column_of is None:
            known = ", ".join(f"'{_names(column)[0]}'" for column in columns)
            raise self.layer.error("sort", f"no column '{wish.removeprefix('-')}' in this table; there are {known}")
        if column_of.numbers is not None:
            return np.argsort(-column_of.numbers if descending else column_of.numbers, kind="stable")
        rows = sorted(range(count), key=lambda row: column_of.texts[row].casefold(), reverse=descending)
        return np.array(rows, dtype=np.intp)

    # Layout -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box, theme = area.box, self.theme
        count = len(self.columns[0].texts)
        columns, sides = self._widths(box.width)
        headings = [
            text.balance(column.title, right - left, theme.label, 500, lines=_HEADING_LINES)
            for column, (left, right) in zip(columns, sides, strict=True)
        ]
        deeper = (max(map(len, headings)) - 1) * theme.label * 1.25
        height = max(box.height - deeper, 0.0)
        wanted = min(count, _MOST_ROWS)
        pitch = min(theme.label * _PITCH, max(theme.label * _LEAST_PITCH, height / (wanted + 1)))
        fit = max(0, min(int(height / pitch + 1e-6) - 1, _MOST_ROWS))
        shown = count if count <= fit else max(0, fit - 1)
        if shown < count:
            self.layer.warn(f"The table has room for {shown:,} of its {count:,} rows.")
        if len(columns) < len(self.columns):
            self.layer.warn(f"The table has room for {len(columns)} of its {len(self.columns)} columns.")
        head = box.y0 + pitch + deeper
        if head > box.y1:
            return
        texts: list[Text] = []
        middles = [head + (row + 0.5) * pitch for row in range(shown)]
        for column, (left, right), lines in zip(columns, sides, headings, strict=True):
            cell = Box(box.x0 + left, box.y0, box.x0 + right, head)
            texts += self._heading(column, cell, lines, pitch)
            yield from self._filled(column, cell, middles, pitch, texts)
        if shown > 1:
            between = np.array([[box.x0, y + pitch / 2, box.x1, y + pitch / 2] for y in middles[:-1]])
            yield Segments(role="table-line", ends=between, stroke=Stroke(theme.grid, 1.0))
        line = np.array([[box.x0, head, box.x1, head]])
        yield Segments(role="table-head", ends=line, stroke=Stroke(theme.axis, 1.0))
        if shown < count and fit:
            left_out = f"+ {self.layer.writer.number(float(count - shown))} more rows"
            words = text.shorten(left_out, box.width, theme.label)
            y = head + (shown + 0.5) * pitch
            if words:
                texts.append(
                    text.place("table-rest", words, box.x0, y, size=theme.label, color=theme.muted, valign="middle")
                )
        # Those of one colour are painted in one call.
        yield from sorted(texts, key=lambda item: (item.color, item.weight))

    def _widths(self, room: float) -> tuple[list[_Cells], list[tuple[float, float]]]:
        """The columns that fit, each with its left and right side.

        Where room is short, bars and lines give first, then headings break into lines, then words are shortened;
        figures never are. Where there is room to spare, bars and lines take it first.
        """
        label = self.theme.label
        columns = list(self.columns)
        stages: list[list[float]] = [[], [], [], []]
        for column in columns:
            words = text.widest(column.texts, label)
            extra, least_extra = _EXTRA.get(column.show, (0.0, 0.0))
            title = text.width(column.title, label, 500)
            broken = text.balance(column.title, title * 0.62, label, 500, lines=_HEADING_LINES)
            whole = not any(line.endswith(text.ELLIPSIS) for line in broken)
            narrow = text.widest(broken, label, 500) if whole else title
            least = words if column.numbers is not None else min(words, _LEAST)
            stages[0].append(max(words + extra, title, 12.0))
            stages[1].append(max(words + least_extra, title, 12.0))
            stages[2].append(max(words + least_extra, narrow, 12.0))
            stages[3].append(max(least + least_extra, min(narrow, _LEAST), 12.0))
        while len(columns) > 1 and sum(stages[3]) + (len(columns) - 1) * _LEAST_GAP > room:
            columns.pop()
            for stage in stages:
                stage.pop()
        gaps = len(columns) - 1
        gap = min(_GAP, max(_LEAST_GAP, (room - sum(stages[2])) / gaps)) if gaps else 0.0
        space = room - gaps * gap
        widths = stages[0]
        for before, after in pairwise(stages):
            if sum(widths) > space:
                widths = _shrunk(before, after, space)
        widths = self._stretched(columns, widths, space - sum(widths))
        sides, x = [], 0.0
        for width in widths:
            sides.append((min(x, room), min(x + width, room)))
            x += width + gap
        return columns, sides

    def _stretched(self, columns: list[_Cells], widths: list[float], spare: float) -> list[float]:
        """Bars and lines take what is left, then the other columns share it."""
        if spare <= 0:
            return widths
        greedy = [place for place, column in enumerate(columns) if column.show in ("bar", "sparkline")]
        more = [0.0] * len(columns)
        for place in greedy:
            more[place] = min(spare / len(greedy), max(0.0, _MOST_BAR - widths[place]))
        rest = spare - sum(more)
        others = [place for place in range(len(columns)) if place not in greedy] or greedy
        for place in others:
            more[place] += rest / len(others)
        return [width + extra for width, extra in zip(widths, more, strict=True)]

    def _heading(self, column: _Cells, cell: Box, lines: list[str], pitch: float) -> Iterator[Text]:
        """In one line or two, the last of which stands level with those of all columns."""
        theme = self.theme
        align = "center" if column.show == "heat" else "left" if column.show == "bar" else column.align
        x = {"left": cell.x0, "center": cell.center[0], "right": cell.x1}[align]
        for number, words in enumerate(reversed(lines)):
            if words:
                y = cell.y1 - pitch / 2 - number * theme.label * 1.25
                yield text.place(
                    "table-heading", words, x, y, size=theme.label, weight=500, color=theme.muted,
                    align=align, valign="middle",
                )  # fmt: skip

    def _filled(
        self, column: _Cells, cell: Box, middles: list[float], pitch: float, texts: list[Text]
    ) -> Iterator[Primitive]:
        """What is in a column; its words go to ``texts``."""
        theme = self.theme
        words = column.texts[: len(middles)]
        widest = text.widest(words, theme.label)
        inks: list[Color] = [theme.muted if one == NO_VALUE else theme.text for one in words]
        align: Literal["left", "center", "right"] = column.align
        x = {"left": cell.x0, "center": cell.center[0], "right": cell.x1}[align]
        match column.show:
            case "sparkline":
                yield from self._sparks(column, cell, middles, pitch)
                return
            case "bar":
                align, x = "right", cell.x0 + widest
                yield from self._bars(column, cell.inset(left=widest + _PAD), middles, pitch)
            case "heat":
                # Figures of one column stand below each other, in its middle.
                align, x = "right", min(cell.center[0] + widest / 2, cell.x1)
                rects, inks = self._heat(column, cell, middles, pitch)
                yield from rects
            case _:
                pass
        for one, ink, y in zip(words, inks, middles, strict=True):
            shown = text.shorten(one, cell.width, theme.label)
            if shown:
                texts.append(
                    text.place("table-cell", shown, x, y, size=theme.label, color=ink, align=align, valign="middle")
                )

    def _color(self, column: _Cells) -> Color:
        chosen = parse_color(column.channel.color) if column.channel.color else self.accent
        return (*chosen[:3], chosen[3] * self.opacity)

    def _bars(self, column: _Cells, room: Box, middles: list[float], pitch: float) -> Iterator[Primitive]:
        """Bars from a common zero; to the left of it for negative amounts."""
        assert column.numbers is not None
        values = column.numbers
        known = values[np.isfinite(values)]
        if not len(known) or room.width < 4.0:
            return
        unit = float(np.abs(known).max()) or 1.0
        low, high = min(0.0, float(known.min()) / unit), max(0.0, float(known.max()) / unit)
        scale = room.width / ((high - low) or 1.0)
        zero = room.x0 - low * scale
        half = min(7.0, pitch * 0.28)
        shown = values[: len(middles)]
        y = np.array(middles)
        ends = zero + shown / unit * scale
        boxes = np.column_stack([np.minimum(zero, ends), y - half, np.maximum(zero, ends), y + half])
        finite = np.isfinite(ends)
        yield Rects(
            role="table-bar", boxes=boxes[finite], fill=self._color(column), values=shown[finite], name=column.title
        )
        if low < 0 and len(y):
            line = np.array([[zero, y[0] - pitch / 2 + 2.0, zero, y[-1] + pitch / 2 - 2.0]])
            yield Segments(role="table-zero", ends=line, stroke=Stroke(self.theme.axis, 1.0))

    def _heat(
        self, column: _Cells, cell: Box, middles: list[float], pitch: float
    ) -> tuple[list[Primitive], list[Color]]:
        """The shades behind amounts, and the ink that can be read on each."""
        assert column.numbers is not None
        theme, channel = self.theme, column.channel
        ramp = ColorChannel(value=0, palette=channel.palette, midpoint=channel.midpoint)
        shades = Shades(column.numbers, self.layer, ramp, at=column.at)
        values = column.numbers[: len(middles)]
        rects: list[Primitive] = []
        inks: list[Color] = []
        for value, y in zip(values.tolist(), middles, strict=True):
            if not math.isfinite(value):
                inks.append(theme.muted)
                continue
            fill = shades.of(value)
            box = np.array([[cell.x0, y - pitch / 2 + 1.0, cell.x1, y + pitch / 2 - 1.0]])
            rects.append(Rects(role="table-heat", boxes=box, fill=(*fill[:3], self.opacity), values=np.array([value])))
            inks.append(theme.ink_on(mix(theme.background, fill, self.opacity)))
        return rects, inks

    def _sparks(self, column: _Cells, cell: Box, middles: list[float], pitch: float) -> Iterator[Primitive]:
        """Each row's line on a scale of its own, with a dot at its end."""
        half = pitch * 0.32
        color = self.theme.line_color(self._color(column))
        dots = []
        for line, middle in zip(column.lines, middles, strict=False):
            known = line[np.isfinite(line)]
            if not len(known):
                continue
            low, high = float(known.min()), float(known.max())
            span = high / 2 - low / 2
            x = np.linspace(cell.x0 + 3.0, cell.x1 - 3.0, len(line)) if len(line) > 1 else np.array([cell.center[0]])
            share = (line / 2 - low / 2) / span * 2 - 1 if span > 0 else np.where(np.isfinite(line), 0.0, np.nan)
            points = np.column_stack([x, middle - share * half])
            yield Path(role="sparkline", points=points, stroke=Stroke(color, 1.5), values=line, name=column.title)
            dots.append(points[np.flatnonzero(np.isfinite(line))[-1]])
        if dots:
            yield Markers(role="sparkline-end", points=np.array(dots), size=4.5, fill=color)

    def facts(self) -> str:
        write = self.layer.writer
        titles = [column.title for column in self.columns]
        sentence = f"Table of {write.number(float(self.total))} rows with {listing(titles)}"
        for column in self.columns:
            if column.numbers is None or column.show == "sparkline":
                continue
            known = np.flatnonzero(np.isfinite(column.numbers))
            if len(known) < 2:
                continue
            highest, lowest = (int(known[pick(column.numbers[known])]) for pick in (np.argmax, np.argmin))
            high, low = (f"{column.texts[row]}{self._of(row, column)}" for row in (highest, lowest))
            return f"{sentence}. {column.title} is highest at {high} and lowest at {low}."
        return sentence + "."

    def _of(self, row: int, column: _Cells) -> str:
        first = self.columns[0]
        return f" ({first.texts[row]})" if first is not column and first.show == "text" else ""


def _of_rows(column: _Cells, rows: Rows) -> _Cells:
    chosen = rows.tolist()
    return replace(
        column,
        texts=[column.texts[row] for row in chosen],
        numbers=None if column.numbers is None else column.numbers[rows],
        lines=[column.lines[row] for row in chosen] if column.lines else [],
    )


def _names(column: _Cells) -> list[str]:
    """What a column may be called: as it was written, by its field, by its title."""
    channel = column.channel
    names = [channel.shorthand or (f"{channel.agg}({channel.field})" if channel.agg else channel.field or "")]
    if not channel.agg and channel.field:
        names.append(channel.field)
    return list(dict.fromkeys([*names, column.title]))


def _last(line: Floats) -> float:
    known = line[np.isfinite(line)]
    return float(known[-1]) if len(known) else math.nan


def _shrunk(widths: list[float], least: list[float], room: float) -> list[float]:
    """Widths that fit: each gives of what it has above its least, in proportion."""
    spare = sum(width - low for width, low in zip(widths, least, strict=True))
    over = sum(widths) - room
    share = min(1.0, over / spare) if spare > 0 else 1.0
    return [width - (width - low) * share for width, low in zip(widths, least, strict=True)]


KIND = TableKind
