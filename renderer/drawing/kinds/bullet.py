"""Bullet graphs. Channels: label (categories), value, target, min, max, bands (numbers).

S. Few, "Bullet Graph Design Specification" (2006): a dark bar for the measure, a mark across it for the target, and
two to five shades of one grey for the bands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import mix
from renderer.drawing.extent import extent_of_values, numbers_of
from renderer.drawing.fit import Wishes, fit
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Box, Color, Floats, Primitive, Rects, Segments, Stroke, Text
from renderer.spec.marks.bullet import Bullet

_LEAST_ROW = 18.0  # pixels of height that a row needs
_PITCH = 84.0  # from one row to the next, at most
_HIGHEST = 34.0  # pixels of the bands
_NAMES = 0.3  # of the width, at most, for names, and for values
_MEASURE = 0.36  # of the bands' height is the bar
_TARGET = 0.68  # and the target's mark
_GAP = 14.0
_TICK_GAP = 60.0  # pixels for each tick
_DARK, _PALE = 0.62, 0.9  # of the background in the lowest band and in the highest


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    name: str
    value: float
    target: float
    bands: Floats
    low: float  # NaN: as the data have it
    high: float
    written: str


class BulletKind(FreeKind[Bullet]):
    """Rows of name, bullet and value, each with its ticks, or with common ones below them all."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        style = self.mark.style
        self.color = layer.hues.of_layer(style.color if style else None)
        if style and style.opacity is not None:
            self.color = (*self.color[:3], self.color[3] * style.opacity)
        self.rows = self._read()

    @property
    def _style(self) -> str | None:
        return self.mark.format or self.mark.value.format

    def _column(self, channel: str) -> Floats:
        column = self.layer.column(channel)
        return numbers_of(column) if column is not None else np.full(len(self.layer.resolved.table), np.nan)

    def _read(self) -> list[_Row]:
        layer, mark = self.layer, self.mark
        count = len(layer.resolved.table)
        if mark.label is None and count > 1:
            remedy = "name them by 'label', or make one of them, as 'last(...)' does"
            raise layer.error("label", f"there are {count} rows: {remedy}")
        values, target, low, high = (self._column(channel) for channel in ("value", "target", "min", "max"))
        bands = np.array([self._column(f"bands/{place}") for place in range(len(mark.bands))]).reshape(-1, count)
        for place in range(1, len(bands)):
            wrong = bands[place] <= bands[place - 1]
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                before, after = layer.writer.numbers([float(bands[place - 1][row]), float(bands[place][row])])
                raise layer.error(f"bands/{place}", f"bands ascend, and {after} comes after {before} in row {row + 1}")
        wrong = high <= low
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise layer.error("max", f"'max' must be above 'min', and is not in row {row + 1}")
        # Measures of different units are written each in its own manner.
        if mark.scale == "shared":
            written = layer.writer.numbers(values.tolist(), self._style)
        else:
            written = [layer.writer.numbers([value], self._style)[0] for value in values.tolist()]
        order = list(range(count))
        if mark.label is not None:
            places = {name: row for row, name in enumerate(layer.resolved.table["label"].values.tolist())}
            order = [places[name] for name in layer.names("label")]
        return [
            _Row(
                layer.place("label", row) if mark.label is not None else "",
                float(values[row]),
                float(target[row]),
                bands[:, row],
                float(low[row]),
                float(high[row]),
                written[row],
            )
            for row in order
        ]

    def _scale(self, rows: list[_Row], width: float) -> Scale:
        """The scale of some rows: from zero, unless they say otherwise."""
        shown = [number for row in rows for number in (row.value, row.target, *row.bands.tolist())]
        lows = [row.low for row in rows if math.isfinite(row.low)]
        highs = [row.high for row in rows if math.isfinite(row.high)]
        extent = extent_of_values(np.array([*shown, *lows, *highs]), zero=not lows, anchored=True, nice=True)
        if extent.empty:
            extent = extent_of_values(np.array([0.0, 1.0]))
        low, high = min(lows, default=None), max(highs, default=None)
        wishes = Wishes(low=low, high=high, format=self._style, zero=not lows)
        for count in range(max(1, min(8, int(width / _TICK_GAP))), 0, -1):
            scale = fit(extent, wishes, count, self.layer.writer)
            places = scale.placed(0.0, width).of_ticks(scale.ticks)
            widths = [text.width(tick.label, self.theme.label - 1.0) for tick in scale.ticks]
            if all(
                b - a >= (first + second) / 2 + 8.0
                for a, b, first, second in zip(places[:-1], places[1:], widths[:-1], widths[1:], strict=True)
            ):
                return scale
        return fit(extent, wishes, 1, self.layer.writer)

    def _shades(self, count: int) -> list[Color]:
        """From the lowest band to the highest."""
        theme = self.theme
        steps = np.linspace(_DARK, _PALE, count) if count > 1 else [_PALE - 0.03]
        return [mix(theme.axis, theme.background, float(step) * 0.98) for step in steps]

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box, size = area.box, self.theme.label
        ticked = size * 1.9
        shared = self.mark.scale == "shared" or len(self.rows) == 1
        foot = ticked if shared and box.height > ticked * 2 else 0.0
        room = box.inset(bottom=foot)
        fits = max(1, int(room.height / _LEAST_ROW))
        shown = self.rows[:fits]
        if len(shown) < len(self.rows):
            self.layer.warn(f"Only the first {fits} of {len(self.rows)} rows have room.")
        pitch = min(room.height / len(shown), _PITCH)
        own = ticked if not shared and pitch >= ticked + size * 1.4 else 0.0
        high = min(_HIGHEST if len(shown) > 1 else _HIGHEST * 1.4, (pitch - own) * 0.72)
        shown = [replace(row, written=text.shorten(row.written, box.width * _NAMES, size, 700)) for row in shown]
        names = [text.balance(row.name, box.width * _NAMES, size, 500) for row in shown]
        if any(len(lines) > 1 for lines in names) and pitch < size * 2.6:
            names = [[text.shorten(row.name, box.width * _NAMES, size, 500)] for row in shown]
        left = max((text.widest(lines, size, 500) for lines in names), default=0.0)
        right = text.widest((row.written for row in shown), size, 700)
        x0, x1 = box.x0 + (left + _GAP if left else 0.0), box.x1 - (right + _GAP)
        if x1 - x0 < box.width * 0.35:
            right, x1 = 0.0, box.x1
        if x1 - x0 < box.width * 0.35:
            names, x0 = [[""]] * len(shown), box.x0
        scales = [self._scale(shown if shared else [row], x1 - x0).placed(x0, x1) for row in shown]
        top = box.y0 + max(0.0, (room.height - pitch * len(shown)) / 2) * 0.6
        words: list[Text] = []
        for index, (row, scale) in enumerate(zip(shown, scales, strict=True)):
            start = top + index * pitch + (pitch - own - high) / 2
            track = Box(x0, start, x1, start + high)
            yield from self._bullet(row, scale, track)
            middle = track.center[1]
            first = middle - (len(names[index]) - 1) * text.line_height(size) / 2
            words += [
                text.place(
                    "bullet-name", line, x0 - _GAP, first + place * text.line_height(size), size=size, weight=500,
                    color=self.theme.text, align="right", valign="middle",
                )
                for place, line in enumerate(names[index])
                if line
            ]  # fmt: skip
            if right:
                words.append(
                    text.place(
                        "bullet-value", row.written, box.x1, middle, size=size, weight=700, color=self.theme.text,
                        align="right", valign="middle",
                    )
                )  # fmt: skip
            if own:
                yield from self._ticks(scale, track.y1, track, box, words)
        if foot:
            below = top + pitch * len(shown) - (pitch - high) / 2 + 2.0
            yield from self._ticks(scales[0], below, Box(x0, below, x1, below), box, words)
        yield from words

    def _bullet(self, row: _Row, scale: Scale, track: Box) -> Iterator[Primitive]:
        theme = self.theme
        edges = [scale.low, *(band for band in row.bands.tolist() if math.isfinite(band)), scale.high]
        pixels = np.clip(scale(edges), track.x0, track.x1)
        shades = self._shades(len(edges) - 1)
        for shade, start, stop, edge in zip(shades, pixels[:-1], pixels[1:], edges[1:], strict=True):
            if stop > start:
                yield Rects(
                    role="band", boxes=np.array([[start, track.y0, stop, track.y1]]), fill=shade,
                    values=np.array([edge]), name=row.name,
                )  # fmt: skip
        if math.isfinite(row.value):
            zero, end = np.clip(scale([scale.baseline, row.value]), track.x0, track.x1).tolist()
            inset = track.height * (1 - _MEASURE) / 2
            yield Rects(
                role="measure",
                boxes=np.array([[min(zero, end), track.y0 + inset, max(zero, end), track.y1 - inset]]),
                fill=self.color,
                values=np.array([row.value]),
                name=row.name,
            )
        if math.isfinite(row.target) and scale.low <= row.target <= scale.high:
            x = min(max(scale.one(row.target), track.x0 + 1.5), track.x1 - 1.5)
            inset = track.height * (1 - _TARGET) / 2
            yield Segments(
                role="target",
                ends=np.array([[x, track.y0 + inset, x, track.y1 - inset]]),
                stroke=Stroke(theme.text, 3.0),
                values=np.array([row.target]),
                name=row.name,
                crisp=False,
            )

    def _ticks(self, scale: Scale, y: float, track: Box, box: Box, words: list[Text]) -> Iterator[Primitive]:
        """Small marks and numbers below a bullet."""
        theme, size = self.theme, self.theme.label - 1.0
        places = [
            (tick, place)
            for tick, place in zip(scale.ticks, scale.of_ticks(scale.ticks), strict=True)
            if track.x0 - 0.5 <= place <= track.x1 + 0.5
        ]
        if places:
            ends = np.array([[place, y, place, y + 3.5] for _, place in places])
            yield Segments(role="tick", ends=ends, stroke=Stroke(theme.axis, 1.0))
        for tick, place in places:
            label = text.place(
                "tick-label-x", tick.label, place, y + 6.5, size=size, color=theme.muted, align="center", valign="top"
            )
            # The outermost labels end with the scale rather than leave the panel.
            if label.box.x1 > box.x1:
                label = text.place(
                    "tick-label-x", tick.label, box.x1, y + 6.5, size=size, color=theme.muted, align="right",
                    valign="top",
                )  # fmt: skip
            if label.box.x0 >= box.x0 - theme.margin / 2 and not any(label.box.overlaps(word.box) for word in words):
                words.append(label)

    def facts(self) -> str:
        parts = []
        for row in self.rows:
            said = f"{row.name} {row.written}".strip()
            if math.isfinite(row.target):
                said += f" (target {self.layer.writer.number(row.target, self._style)})"
            parts.append(said)
        return f"Bullet graph of {self.layer.title('value')}: {listing(parts, most=8)}."


KIND = BulletKind
