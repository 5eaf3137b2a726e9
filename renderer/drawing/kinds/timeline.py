"""Timelines. Channels: start, end (dates or numbers), label, color (categories)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.axes import line_pitch
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.flags import Flag, raise_flags
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Box, Color, Markers, Primitive, Rects, Segments, Stroke, Text
from renderer.spec.marks.timeline import Timeline

_DOT = 10.0
_BAR = 8.0  # thickness of a period
_GAP = 5.0  # between a pole and its words
_AIR = 0.02
_FOOT = 6.0  # between the axis and the words above it
_NARROWEST, _WIDEST = 64.0, 150.0  # pixels of a block of words
_LINES = 3
_LABELLED = 200


@dataclass(frozen=True, slots=True)
class _Block:
    """The words of an event: lines with their weight, and how large they are together."""

    lines: tuple[tuple[str, bool], ...]
    width: float
    height: float


class TimelineKind(Kind[Timeline]):
    """Points on a line, words at poles above it, or on both sides where they are many."""

    writes = ("y",)

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.start = numbers_of(table["start"])
        end = layer.column("end")
        if end is not None and end.type != table["start"].type:
            held = {"time": "dates", "number": "numbers"}
            raise layer.error("end", f"must hold {held[table['start'].type]}, as start does")
        self.end = numbers_of(end) if end is not None else np.full(len(self.start), np.nan)
        backwards = np.flatnonzero(self.end < self.start)
        if len(backwards):
            row = int(backwards[0])
            ends, starts = layer.place("end", row), layer.place("start", row)
            raise layer.error("end", f"'{layer.place('label', row)}' ends {ends}, before it starts, {starts}")
        self.series = layer.series()
        style = self.mark.style
        self.size = (style.size if style else None) or _DOT
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self._placed: dict[Box, tuple[float, list[Flag], list[_Block]]] = {}

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            return Extent("number", 0.0, 1.0)
        column = self.layer.resolved.table["start"]
        assert column.type != "category"
        moments = np.concatenate([self.start, self.end[np.isfinite(self.end)]])
        return Extent(column.type, float(moments.min()), float(moments.max()), air=_AIR)

    def title(self, axis: AxisName) -> str:
        return self.layer.title("start") if axis == "x" else ""

    def legend(self) -> tuple[Key, ...]:
        if self.mark.color is None:
            return ()
        return self.layer.swatches(self.series, Entry("", self.theme.text, symbol="point"))

    # Words ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _dates(self) -> list[str]:
        """The start of each event, as exact as the events need it."""
        column, channel = self.layer.resolved.table["start"], self.mark.start
        style = channel.format or self.layer.formats.get("x")
        if column.type == "number":
            return self.layer.writer.numbers(self.start.tolist(), style)
        if style is None:
            moments = [self.layer.writer.calendar.moment(day) for day in self.start.tolist()]
            if all(moment.day == 1 and moment.hour == moment.minute == 0 for moment in moments):
                style = "year" if all(moment.month == 1 for moment in moments) else "month"
        return self.layer.writer.dates(self.start.tolist(), style)

    def _block(self, row: int, room: float, *, short: bool) -> _Block:
        """The words of one event; ``short`` ones are one line without the date."""
        size = self.theme.label
        label = self.layer.resolved.table["label"].values[row] or ""
        lines = [(line, True) for line in text.balance(label, room, size, 500, lines=1 if short else _LINES) if line]
        if self.mark.dates and not short and text.width(self._dates[row], size) <= _WIDEST:
            lines.insert(0, (self._dates[row], False))
        width = max((text.width(words, size, 500 if bold else 400) for words, bold in lines), default=0.0)
        height = text.cap_height(size) + text.descent(size) + (len(lines) - 1) * line_pitch(self.theme)
        return _Block(tuple(lines), width, height)

    def _place(self, area: Area) -> tuple[float, list[Flag], list[_Block]]:
        """Where the line is, which flags stand at it, and the words of each event."""
        found = self._placed.get(area.box)
        if found is None:
            found = self._raise(area, short=False)
            if len(found[1]) < len(found[2]) / 2:
                shorter = self._raise(area, short=True)
                found = shorter if len(shorter[1]) > len(found[1]) else found
            if len(found[1]) < len(self.start):
                left_out = len(self.start) - len(found[1])
                self.layer.warn(f"{left_out} of {len(self.start)} events have no room for their label.")
            self._placed[area.box] = found
        return found

    def _raise(self, area: Area, *, short: bool) -> tuple[float, list[Flag], list[_Block]]:
        """Flags above the line at the bottom; at both sides of one in the middle, where that makes room for more."""
        room = min(_WIDEST, max(_NARROWEST, area.box.width / 5))
        blocks = [self._block(row, room, short=short) for row in range(min(len(self.start), _LABELLED))]
        places = area.x(self.start[: len(blocks)]).tolist()
        sizes = [(block.width, block.height) for block in blocks]
        inside = area.box
        line = area.box.y1
        flags = raise_flags(places, sizes, inside, line, gap=_GAP, below=False)
        if len(flags) < len(blocks):
            middle = round(area.box.center[1]) + 0.5
            both = raise_flags(places, sizes, inside.inset(bottom=_FOOT), middle, gap=_GAP, below=True)
            if len(both) > len(flags):
                return middle, both, blocks
        return line, flags, blocks

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        line, flags, _ = self._place(area)
        x = area.x(self.start)
        if line < area.box.y1:
            spine = np.array([[area.box.x0, line, area.box.x1, line]])
            yield Segments(role="axis", ends=spine, stroke=Stroke(self.theme.axis, 1.0))
        poles = [
            (float(x[flag.index]), line, float(x[flag.index]), flag.box.y0 if flag.up else flag.box.y1)
            for flag in flags
        ]
        if poles:
            yield Segments(role="stem", ends=np.array(poles), stroke=Stroke(self.theme.axis, 1.0), clip=area.sheet)
        lasting = np.isfinite(self.end) & (self.end > self.start)
        for series in self.series:
            color = with_alpha(self.theme.line_color(series.color), self.opacity)
            rows = series.rows[lasting[series.rows]]
            if len(rows):
                half = np.full(len(rows), _BAR / 2)
                yield Rects(
                    role="period",
                    boxes=area.boxes(x[rows], area.x(self.end[rows]), line - half, line + half),
                    fill=color,
                    values=(self.end - self.start)[rows],
                    name=series.name,
                    clip=area.clip(_BAR),
                )
        for series in self.series:
            rows = series.rows[~lasting[series.rows]]
            if len(rows):
                yield Markers(
                    role="point",
                    points=np.column_stack([x[rows], np.full(len(rows), line)]),
                    size=self.size,
                    fill=with_alpha(self.theme.line_color(series.color), self.opacity),
                    marker=(self.mark.style.marker if self.mark.style else None) or "circle",
                    stroke=Stroke(self.theme.background, 1.5),
                    values=self.start[rows],
                    name=series.name,
                    clip=area.clip(self.size),
                )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        _, flags, blocks = self._place(area)
        for flag in flags:
            top = flag.box.y0 + text.cap_height(self.theme.label)
            for number, (words, bold) in enumerate(blocks[flag.index].lines):
                color: Color = self.theme.text if bold else self.theme.muted
                label = text.place(
                    "event-label" if bold else "event-date",
                    words,
                    flag.box.x0 if flag.right else flag.box.x1,
                    top + number * line_pitch(self.theme),
                    size=self.theme.label,
                    weight=500 if bold else 400,
                    color=color,
                    align="left" if flag.right else "right",
                )
                if words and label.box.inside(area.sheet) and crowd.claim(label.box):
                    yield label

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        count = len(self.start)
        order = np.argsort(self.start, kind="stable").tolist()
        number = self.layer.writer.number(float(count))
        sentence = f"Timeline of {number} {'event' if count == 1 else 'events'}"
        if count > 1 and not math.isclose(self.start[order[0]], self.start[order[-1]]):
            sentence += f" from {self._dates[order[0]]} to {self._dates[order[-1]]}"
        told = [f"{self._dates[row]}, {self.layer.place('label', row)}" for row in order[:12]]
        more = f"; and {self.layer.writer.number(float(count - 12))} more" if count > 12 else ""
        return f"{sentence}: {'; '.join(told)}{more}."


KIND = TimelineKind
