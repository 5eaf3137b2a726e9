"""Key figures. Channels: value, compare, trend (numbers), x (what orders the rows)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from renderer.drawing import senses, spark, text
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Floats, Markers, Path, Primitive, Stroke
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.kpi import Kpi

_LARGEST, _SMALLEST = 88.0, 13.0  # of the number
_OF_HEIGHT = 0.34  # of the panel is the number, at most
_BESIDE = 3.0  # times as wide as high: from here on the trend stands beside the number
_LEAST_TREND = 20.0  # pixels of height that are worth a line
_DOT = 7.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of words, in parts of different looks. ``arrow`` points up (1), down (-1) or nowhere."""

    parts: tuple[tuple[str, str, Color, int], ...]  # role, words, colour, weight
    size: float
    above: float  # pixels between it and the line before
    arrow: int = 0

    @property
    def capital(self) -> float:
        return text.cap_height(self.size)

    @property
    def height(self) -> float:
        return self.above + self.capital


class KpiKind(FreeKind[Kpi]):
    """A card: title, number, change, and the course of it all below or at the right."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.value = last(layer, "value")
        self.before = last(layer, "compare") if self.mark.compare is not None else math.nan
        self.style = self.mark.format or self.mark.value.format

    # Words ------------------------------------------------------------------------------------------------------------

    @property
    def _written(self) -> str:
        return self.layer.writer.number(self.value, self.style) if math.isfinite(self.value) else NO_VALUE

    @property
    def _difference(self) -> float:
        return self.value - self.before

    def _change(self) -> str:
        """The difference, without its sign: the arrow says it."""
        write = self.layer.writer
        amount = abs(self._difference)
        if not math.isfinite(amount):
            return ""
        absolute = write.number(amount, self.style)
        if self.mark.change == "value" or self.before == 0:
            return absolute
        share = amount / abs(self.before)
        relative = write.number(share, ".1%" if 0 < share < 0.0995 else ",.0%")
        return relative if self.mark.change == "percent" else f"{absolute} ({relative})"

    def _color(self) -> Color:
        up = self._difference > 0
        if self._difference == 0 or self.mark.good == "neither":
            return self.theme.muted
        return self.theme.text_color((senses.good if up == (self.mark.good == "up") else senses.bad)(self.theme))

    def _lines(self, box: Box, scale: float) -> list[_Line]:
        """Title, number and change for a box, at a part of their full size."""
        theme = self.theme
        size = min(_LARGEST, max(_SMALLEST, box.height * _OF_HEIGHT)) * scale
        size *= min(1.0, box.width / max(1.0, text.width(self._written, size, 700)))
        small = min(max(theme.label, size * 0.3), 18.0) if scale == 1.0 else theme.label
        lines = []
        if self.mark.title:
            lines.append(_Line((("kpi-title", self.mark.title, theme.muted, 500),), small, 0.0))
        gap = max(6.0, size * 0.3)
        lines.append(_Line((("kpi-value", self._written, theme.text, 700),), size, gap * 0.9 if lines else size * 0.1))
        change = self._change()
        if change:
            note = self.mark.compare.title if self.mark.compare else None
            note = note if note is not None else f"vs {self.layer.writer.number(self.before, self.style)}"
            arrow = int(np.sign(self._difference))
            parts = (("kpi-change", change, self._color(), 700), ("kpi-note", note, theme.muted, 400))
            lines.append(_Line(tuple(part for part in parts if part[1]), small, gap, arrow))
        return lines

    def _fitting(self, box: Box) -> list[_Line]:
        """The lines as large as there is room for; the change goes first, the number never."""
        lines: list[_Line] = []
        for scale in (1.0, 0.85, 0.7, 0.55, 0.4):
            lines = self._lines(box, scale)
            if sum(line.height for line in lines) + text.descent(lines[-1].size) <= box.height:
                return lines
        kept = [line for line in lines if line.parts[0][0] != "kpi-change"]
        if sum(line.height for line in kept) <= box.height:
            return kept
        return [line for line in kept if line.parts[0][0] == "kpi-value"]

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box = area.box
        rows = np.arange(len(self.layer.resolved.table))
        values = numbers_of(self.layer.resolved.table["trend"]) if self.mark.trend else np.empty(0)
        has_trend = int(np.isfinite(values).sum()) > 1
        if not has_trend:
            lines = self._fitting(box)
            high = sum(line.height for line in lines)
            top = box.y0 if high > box.height else box.y0 + (box.height - high) / 2 * (0.8 if high < box.height else 1)
            yield from self._write(lines, box, top)
            return
        if box.width > _BESIDE * box.height:
            left = Box(box.x0, box.y0, box.x0 + box.width * 0.42, box.y1)
            room = box.inset(left=box.width * 0.46, top=min(8.0, box.height * 0.08), bottom=min(8.0, box.height * 0.08))
            lines = self._fitting(left)
            high = sum(line.height for line in lines)
            yield from self._trend(spark.along(self.layer, rows), values, room)
            yield from self._write(lines, left, left.y0 + max(0.0, (left.height - high) / 2))
            return
        lines = self._fitting(Box(box.x0, box.y0, box.x1, box.y0 + box.height * 0.62))
        used = sum(line.height for line in lines) + text.descent(lines[-1].size)
        room = box.inset(top=used + max(10.0, box.height * 0.08))
        if room.height >= _LEAST_TREND:
            yield from self._trend(spark.along(self.layer, rows), values, room)
        yield from self._write(lines, box, box.y0)

    def _trend(self, x: Floats, values: Floats, box: Box) -> Iterator[Primitive]:
        theme = self.theme
        style = self.mark.style
        color = self.layer.hues.of_layer(style.color if style else None)
        bars = self.mark.trend_shape == "bar"
        ends, foot = self._ends(box), 0.0
        if ends and box.height - theme.caption * 1.9 >= _LEAST_TREND * 2:
            foot = theme.caption * 1.9
        inner = box.inset(_DOT / 2, _DOT / 2, _DOT / 2, foot + (0.0 if bars else 1.0))
        known = values[np.isfinite(values)]
        limits = float(known.min()), float(known.max())
        if self.mark.trend_shape == "area":
            # Air below the lowest value, so that the area is there.
            limits = (limits[0] - (limits[1] / 2 - limits[0] / 2) * 0.3, limits[1])
        found = spark.course(x, values, inner, limits, zero=bars, bars=bars)
        yield from spark.draw(found, self.mark.trend_shape, color, theme, role="trend")
        if not bars:
            row = int(np.flatnonzero(np.isfinite(found.y) & np.isfinite(found.x))[-1])
            yield Markers(
                role="trend-end",
                points=np.array([[found.x[row], found.y[row]]]),
                size=_DOT,
                fill=theme.line_color(color),
                stroke=Stroke(theme.background, 1.5),
                values=np.array([values[row]]),
            )
        if foot and ends:
            for words, place, align in (ends[0], inner.x0, "left"), (ends[1], inner.x1, "right"):
                yield text.place(
                    "trend-label", words, place, box.y1 - text.descent(theme.caption), size=theme.caption,
                    color=theme.muted, align="left" if align == "left" else "right",
                )  # fmt: skip

    def _ends(self, box: Box) -> tuple[str, str] | None:
        """Where the trend begins and ends, in words, if there is something to say and room for it."""
        column = self.layer.column("x")
        if column is None or not len(column):
            return None
        first, final = self.layer.place("x", 0), self.layer.place("x", len(column) - 1)
        size = self.theme.caption
        fits = text.width(first, size) + text.width(final, size) + 12.0 < box.width
        return (first, final) if fits and first != final else None

    def _write(self, lines: list[_Line], box: Box, top: float) -> Iterator[Primitive]:
        y = top
        for line in lines:
            y += line.height
            x = box.x0
            if line.arrow:
                yield _arrow(x, y, line.capital, line.arrow, line.parts[0][2])
                x += line.capital * 1.1 + line.size * 0.35
            for role, words, color, weight in line.parts:
                shown = text.shorten(words, box.x1 - x, line.size, weight)
                # Half of an explanation is none.
                if not shown or (role == "kpi-note" and shown != words):
                    break
                label = text.place(role, shown, x, y, size=line.size, weight=weight, color=color)
                yield label
                x = label.box.x1 + line.size * 0.45

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        name = self.mark.title or self.layer.title("value")
        sentence = f"{name}: {self._written}"
        change = self._change()
        if change and self._difference:
            compared = self.layer.writer.number(self.before, self.style)
            sentence += f", {change} {'more' if self._difference > 0 else 'less'} than {compared}"
        elif change:
            sentence += ", unchanged"
        if self.mark.trend is not None:
            values = numbers_of(self.layer.resolved.table["trend"])
            known = values[np.isfinite(values)]
            if len(known) > 1:
                low, high = self.layer.writer.numbers([float(known.min()), float(known.max())], self.style)
                sentence += f". Its course over {len(known)} values ranges from {low} to {high}"
        return sentence + "."


def last(layer: Layer, channel: str) -> float:
    """The last value of a channel that has one; NaN if none has."""
    column = layer.column(channel)
    values = numbers_of(column) if column is not None else np.empty(0)
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan


def _arrow(x: float, y: float, size: float, way: int, color: Color) -> Path:
    """A triangle as high as a capital letter, standing on the baseline."""
    low, high = (y, y - size * 0.92) if way > 0 else (y - size * 0.92, y)
    return Path(
        role="kpi-arrow",
        points=np.array([(x, low), (x + size * 1.06, low), (x + size * 0.53, high)]),
        fill=color,
        closed=True,
        values=np.array([float(way)]),
    )


KIND = KpiKind
