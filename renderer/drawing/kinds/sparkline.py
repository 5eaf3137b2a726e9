"""Sparklines. Channels: label (categories; a row for each), x (anything that orders), y (numbers)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import senses, spark, text
from renderer.drawing.alt import listing
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer, group_rows
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Rects, Rows, Segments, Stroke, Text
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.sparkline import Sparkline

_LEAST_ROW = 16.0  # pixels of height that a row needs
_FILL = 0.72  # of a row's height is its course
_HIGHEST = 84.0  # pixels of a course among several
_NAMES = 0.34  # of the width, at most
_GAP = 16.0  # between columns
_LEAST_COURSE = 0.3  # of the width
_DOT = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    name: str
    rows: Rows
    values: Floats
    last: float
    change: float  # from the first to the last, as a part of the first


class SparklineKind(FreeKind[Sparkline]):
    """Rows of name, course, last value and change, in columns."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        band = self.mark.band
        if band is not None and not band[0] < band[1]:
            raise layer.error("band", "the normal range runs from a lower to a higher value")
        style = self.mark.style
        self.color = layer.hues.of_layer(style.color if style else None)

    @cached_property
    def courses(self) -> list[_Row]:
        table = self.layer.resolved.table
        values = numbers_of(table["y"])
        column = self.layer.column("label")
        groups = {"": np.arange(len(values))} if column is None else group_rows(column, self.layer.names("label"))
        rows = []
        for name, found in groups.items():
            known = values[found][np.isfinite(values[found])]
            last = float(known[-1]) if len(known) else math.nan
            first = float(known[0]) if len(known) > 1 else math.nan
            change = (last / 2 - first / 2) / abs(first) * 2 if first else math.nan
            rows.append(_Row(name, found, values[found], last, change))
        return rows

    @cached_property
    def _limits(self) -> tuple[float, float]:
        """Of all rows together."""
        values = numbers_of(self.layer.resolved.table["y"])
        known = values[np.isfinite(values)]
        return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)

    def marks(self, area: Area) -> Iterator[Primitive]:
        box, theme = area.box, self.theme
        shown = self._shown(box)
        pitch = min(box.height / len(shown), _HIGHEST / _FILL * 1.2) if len(self.courses) > 1 else box.height
        size = theme.label
        named = [text.shorten(row.name, box.width * _NAMES, size, 500) for row in shown]
        values = [text.shorten(words, box.width * _NAMES, size, 700) for words in self._values(shown)]
        changes = self._changes(shown)
        ends, x0, x1 = self._columns(box, named, values, changes)
        # Too narrow for all columns: the changes go first, the names last.
        if x1 - x0 < box.width * _LEAST_COURSE and changes:
            changes = []
            ends, x0, x1 = self._columns(box, named, values, changes)
        if x1 - x0 < box.width * _LEAST_COURSE and values:
            values = []
            ends, x0, x1 = self._columns(box, named, values, changes)
        if x1 - x0 < box.width * _LEAST_COURSE:
            x0, x1, named = box.x0, box.x1, []
        x = spark.along(self.layer, np.arange(len(self.layer.resolved.table)))
        words: list[Text] = []
        for index, row in enumerate(shown):
            top = box.y0 + index * pitch
            middle = top + pitch / 2
            high = min(pitch * _FILL, _HIGHEST) if len(self.courses) > 1 else pitch
            room = Box(x0, middle - high / 2, x1, middle + high / 2)
            if index and pitch > _LEAST_ROW * 1.4:
                yield Segments(role="rule", ends=np.array([[box.x0, top, box.x1, top]]), stroke=Stroke(theme.grid, 1.0))
            yield from self._course(row, x[row.rows], room)
            for column, at, align, color, weight in (
                (named, box.x0, "left", theme.text, 500),
                (values, x1 + _GAP + ends[0], "right", theme.text, 700),
            ):
                if column and column[index]:
                    words.append(
                        text.place(
                            "spark-label", column[index], at, middle, size=size, weight=weight, color=color,
                            align="left" if align == "left" else "right", valign="middle",
                        )
                    )  # fmt: skip
            if changes and changes[index][0]:
                said, color = changes[index]
                words.append(
                    text.place(
                        "spark-change", said, box.x1, middle, size=size, color=color, align="right", valign="middle"
                    )
                )
        # Letters of some scripts are higher than the lowest picture.
        yield from (word for word in words if word.box.inside(area.sheet))

    def _columns(
        self, box: Box, named: list[str], values: list[str], changes: list[tuple[str, Color]]
    ) -> tuple[list[float], float, float]:
        """The widths of the columns of words, and between which edges the courses lie."""
        size = self.theme.label
        left = text.widest(named, size, 500)
        ends = [text.widest(values, size, 700), text.widest((words for words, _ in changes), size)]
        x0 = box.x0 + (left + _GAP if left else 0.0)
        return ends, x0, box.x1 - sum(width + _GAP for width in ends if width)

    def _shown(self, box: Box) -> list[_Row]:
        fits = max(1, int(box.height / _LEAST_ROW))
        if len(self.courses) > fits:
            self.layer.warn(f"Only the first {fits} of {len(self.courses)} rows have room.")
        return self.courses[:fits]

    def _values(self, shown: list[_Row]) -> list[str]:
        if not self.mark.values:
            return []
        return self.layer.writer.numbers([row.last for row in shown], self._style)

    @property
    def _style(self) -> str | None:
        return self.mark.format or self.mark.y.format

    def _changes(self, shown: list[_Row]) -> list[tuple[str, Color]]:
        if not self.mark.change:
            return []
        write, theme = self.layer.writer, self.theme
        small = any(abs(row.change) < 0.0995 for row in shown if row.change)
        written = write.numbers([row.change for row in shown], "+.1%" if small else "+,.0%")
        colors = [
            theme.muted
            if not row.change or math.isnan(row.change)
            else theme.text_color((senses.good if row.change > 0 else senses.bad)(theme))
            for row in shown
        ]
        return [("" if said == NO_VALUE else said, color) for said, color in zip(written, colors, strict=True)]

    def _course(self, row: _Row, x: Floats, room: Box) -> Iterator[Primitive]:
        theme, mark = self.theme, self.mark
        known = row.values[np.isfinite(row.values)]
        if not len(known):
            return
        bars = mark.shape in ("bar", "winloss")
        dot = 0.0 if bars else min(_DOT, room.height * 0.3)
        inner = room.inset(dot / 2, dot / 2, dot / 2, dot / 2)
        if inner.width <= 0 or inner.height <= 0:
            return
        limits = self._limits if mark.share_y else (float(known.min()), float(known.max()))
        if mark.band is not None:
            limits = min(limits[0], mark.band[0]), max(limits[1], mark.band[1])
        found = spark.course(x, row.values, inner, limits, zero=bars, bars=bars)
        if mark.band is not None and not bars:
            low, high = (inner.y1 - (edge / 2 - limits[0] / 2) / (limits[1] / 2 - limits[0] / 2) * inner.height
                         for edge in mark.band)  # fmt: skip
            yield Rects(
                role="spark-band", boxes=np.array([[room.x0, high, room.x1, low]]), fill=theme.grid, name=row.name,
            )  # fmt: skip
        yield from spark.draw(found, mark.shape, self.color, theme, role="spark", name=row.name)
        if bars:
            return
        visible = np.flatnonzero(np.isfinite(found.y) & np.isfinite(found.x))
        places = {
            "first": visible[0],
            "last": visible[-1],
            "min": visible[np.argmin(row.values[visible])],
            "max": visible[np.argmax(row.values[visible])],
        }
        colors = {"min": senses.bad(theme), "max": senses.good(theme)}
        for point in sorted(mark.points, key=["min", "max", "first", "last"].index):
            place = places[point]
            yield Markers(
                role=f"spark-{point}",
                points=np.array([[found.x[place], found.y[place]]]),
                size=dot,
                fill=colors.get(point, theme.line_color(self.color)),
                stroke=Stroke(theme.background, 1.25),
                values=np.array([row.values[place]]),
                name=row.name,
            )

    def facts(self) -> str:
        write = self.layer.writer
        title = self.layer.title("y")
        sentence = f"Sparkline{'s' if len(self.courses) > 1 else ''} of {title}"
        parts = []
        for row in self.courses[:6]:
            known = row.values[np.isfinite(row.values)]
            if not len(known):
                continue
            first, last = write.numbers([float(known[0]), float(known[-1])], self._style)
            course = f"goes from {first} to {last}" if len(known) > 1 else f"is {last}"
            parts.append(f"{row.name or 'it'} {course}")
        if len(self.courses) > 6:
            parts.append(f"{len(self.courses) - 6} more")
        return f"{sentence}: {listing(parts, most=7)}." if parts else f"{sentence} without values."


KIND = SparklineKind
