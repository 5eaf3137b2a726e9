"""Gauges. Channels: value, min, max, target (numbers; the last row counts)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from renderer.drawing import arcs, senses, text
from renderer.drawing.color import parse_color
from renderer.drawing.crowd import Crowd
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer
from renderer.drawing.kinds.kpi import last
from renderer.drawing.scene import Box, Color, Path, Primitive, Segments, Stroke, Text
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.gauge import Gauge

_RING = 0.2  # of the radius is the ring's width
_BAND = 0.045  # and that of the thin ring of bands around it
_GAP = 0.025  # between the two
_BEYOND = 0.03  # how far a target's mark reaches beyond the ring
_LARGEST = 84.0  # of the number
_NUMBER = 0.42  # of the radius is its size, at most
_WORDY = 70.0  # pixels of radius from which the scale is labelled


@dataclass(frozen=True, slots=True)
class _Dial:
    """The circle that the scale lies on."""

    center: arcs.Point
    radius: float


class GaugeKind(FreeKind[Gauge]):
    """A ring that is filled up to the value, with the number in its middle."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        mark = self.mark
        self.value = last(layer, "value")
        self.low = last(layer, "min") if mark.min is not None else 0.0
        self.high = last(layer, "max") if mark.max is not None else 100.0
        if not self.low < self.high:
            low, high = layer.writer.numbers([self.low, self.high])
            channel = "min" if mark.max is None else "max"
            raise layer.error(channel, f"a scale cannot run from {low} to {high}: 'max' must be above 'min'")
        self.target = last(layer, "target") if mark.target is not None else math.nan
        if math.isfinite(self.value) and not self.low <= self.value <= self.high:
            value, low, high = layer.writer.numbers([self.value, self.low, self.high], self.style)
            layer.warn(f"{value} is beyond the scale from {low} to {high}")
        for place, band in enumerate(mark.bands):
            if not self.low < band < self.high:
                low, high = layer.writer.numbers([self.low, self.high])
                raise layer.error(f"bands/{place}", f"bands end within the scale, which runs from {low} to {high}")
        self.colors = self._colors()

    @property
    def style(self) -> str | None:
        return self.mark.format or self.mark.value.format

    @property
    def _edges(self) -> list[float]:
        return [self.low, *self.mark.bands, self.high]

    def _colors(self) -> list[Color]:
        """One for each band: the author's, or from good to bad; of a scale without bands, the layer's."""
        mark, theme = self.mark, self.theme
        if mark.colors:
            return [parse_color(color) for color in mark.colors]
        if not mark.bands:
            return [self.layer.hues.of_layer(mark.style.color if mark.style else None)]
        colors = senses.graded(len(mark.bands) + 1, theme)
        return colors if mark.good == "low" else colors[::-1]

    def _color_at(self, value: float) -> Color:
        return self.colors[sum(value >= band for band in self.mark.bands)]

    def _angle(self, value: float) -> float:
        # Halved: the difference of two huge numbers overflows.
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return (min(1.0, max(0.0, share)) - 0.5) * self.mark.sweep

    # Layout -----------------------------------------------------------------------------------------------------------

    def _dial(self, box: Box) -> tuple[_Dial, bool]:
        """The largest dial, and whether its scale has labels."""
        half = math.radians(self.mark.sweep / 2)
        deep = max(0.0, -math.cos(half))  # how far below its middle the ring reaches, as a part of the radius
        across = math.sin(half) if half < math.pi / 2 else 1.0
        size = self.theme.label
        for wordy in (True, False):
            around = self._around(size) if wordy else 0.0
            top = size * 1.3 if wordy and (self.mark.bands or math.isfinite(self.target)) else 1.0
            # The words below the ends of the ring, or the title that stands between them.
            foot = size * 1.7 if wordy else 1.0
            radius = min((box.width - 2 * around) / (2 * across), (box.height - top - foot) / (1 + deep))
            if wordy and radius < _WORDY * (size / 12.0):
                continue
            radius = max(1.0, radius)
            high = radius * (1 + deep) + top + foot
            middle = box.y0 + (box.height - high) / 2 + top + radius
            return _Dial((box.center[0], middle), radius), wordy
        raise AssertionError("a dial without words always has a place")

    def _around(self, size: float) -> float:
        """The room that the words at bands and target need on each side."""
        values = [*self.mark.bands, *([self.target] if math.isfinite(self.target) else [])]
        return text.widest(self.layer.writer.numbers(values, self.style), size) + 10.0 if values else 1.0

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        theme = self.theme
        dial, wordy = self._dial(area.box)
        radius, banded = dial.radius, bool(self.mark.bands)
        outer = radius * (1 - _BAND - _GAP) if banded else radius
        inner = radius * (1 - _BAND - _GAP - _RING) if banded else radius * (1 - _RING)
        start, stop = -self.mark.sweep / 2, self.mark.sweep / 2
        yield self._arc("gauge-track", dial, inner, outer, start, stop, theme.grid, self.high)
        if banded:
            edges = self._edges
            for color, low, high in zip(self.colors, edges[:-1], edges[1:], strict=True):
                yield self._arc(
                    "gauge-band", dial, radius * (1 - _BAND), radius, self._angle(low), self._angle(high), color, high,
                    stroke=Stroke(theme.background, min(1.5, radius * 0.02)),
                )  # fmt: skip
        if math.isfinite(self.value):
            color = self._color_at(self.value)
            opacity = self.mark.style.opacity if self.mark.style and self.mark.style.opacity is not None else 1.0
            color = (*color[:3], color[3] * opacity)
            angle = self._angle(self.value)
            if angle > start:
                yield self._arc("gauge-value", dial, inner, outer, start, angle, color, self.value)
        if math.isfinite(self.target) and self.low <= self.target <= self.high:
            reach = radius * _BEYOND
            ends = [
                *arcs.on_circle(dial.center, inner - reach, self._angle(self.target)),
                *arcs.on_circle(dial.center, radius + reach, self._angle(self.target)),
            ]
            wide = max(2.5, radius * 0.025)
            for role, width, ink in (
                ("gauge-target-rim", wide + 3.0, theme.background),
                ("gauge-target", wide, theme.text),
            ):
                yield Segments(
                    role=role,
                    ends=np.array([ends]),
                    stroke=Stroke(ink, width),
                    values=np.array([self.target]),
                    crisp=False,
                )
        crowd = Crowd()
        for label in self._middle(dial, inner, area.box):
            crowd.add(label.box)
            yield label
        if wordy:
            for label in self._scale(dial, inner, outer):
                if label.box.inside(area.box.grown(theme.gap * 0.9)) and crowd.claim(label.box, 3.0):
                    yield label

    def _arc(
        self, role: str, dial: _Dial, inner: float, outer: float, start: float, stop: float, color: Color,
        value: float, stroke: Stroke | None = None,
    ) -> Path:  # fmt: skip
        return Path(
            role=role,
            points=arcs.sector(dial.center, inner, outer, start, stop),
            fill=color,
            stroke=stroke,
            curve=True,
            closed=True,
            values=np.array([value]),
        )

    # Words ------------------------------------------------------------------------------------------------------------

    @property
    def _written(self) -> str:
        return self.layer.writer.number(self.value, self.style) if math.isfinite(self.value) else NO_VALUE

    def _middle(self, dial: _Dial, inner: float, box: Box) -> Iterator[Text]:
        """The number, and the title below it."""
        theme, words = self.theme, self._written
        flat = self.mark.sweep <= 200.0
        room = inner * (1.55 if flat else 1.5)
        size = min(_LARGEST, dial.radius * _NUMBER)
        size *= min(1.0, room / max(1.0, text.width(words, size, 700)))
        if size < 6.0:
            return
        x, y = dial.center
        base = y - (2.0 if flat else -text.cap_height(size, 700) * 0.42)
        yield text.place("gauge-number", words, x, base, size=size, weight=700, color=theme.text, align="center")
        small = min(theme.label * 1.25, max(theme.label, size * 0.3))
        title = text.shorten(self.mark.title, inner * (1.6 if flat else 1.45), small) if self.mark.title else ""
        low = base + text.cap_height(small) + max(6.0, size * 0.28)
        if title and low + text.descent(small) <= box.y1:
            yield text.place("gauge-title", title, x, low, size=small, color=theme.muted, align="center")

    def _scale(self, dial: _Dial, inner: float, outer: float) -> Iterator[Text]:
        """The two ends below the ring, then the target and the bands around it."""
        theme, size = self.theme, self.theme.label
        write = self.layer.writer
        low, high = write.numbers([self.low, self.high], self.style, exact=True)
        middle = (inner + outer) / 2
        half = self.mark.sweep / 2
        for words, angle in ((low, -half), (high, half)):
            x, y = arcs.on_circle(dial.center, middle, angle)
            # Beyond the end of the ring, in the direction in which it ends.
            turn = math.radians(angle)
            way = 1.0 if angle > 0 else -1.0
            x += way * math.cos(turn) * size
            y += way * math.sin(turn) * size * 1.15
            yield text.place("gauge-label", words, x, y, size=size, color=theme.muted, align="center", valign="middle")
        places = [(self.target, theme.text, 700)] if self.low <= self.target <= self.high else []
        places += [(band, theme.muted, 400) for band in self.mark.bands]
        written = write.numbers([value for value, _, _ in places], self.style)
        for words, (value, color, weight) in zip(written, places, strict=True):
            angle = self._angle(value)
            turn = math.radians(angle)
            apart = 5.0 + 4.0 * abs(math.sin(2 * turn)) + (dial.radius * _BEYOND if weight == 700 else 0.0)
            x, y = arcs.on_circle(dial.center, dial.radius + apart, angle)
            # The side of the words that is nearest to the ring stands on its circle.
            x += math.sin(turn) * text.width(words, size, weight) / 2
            y -= math.cos(turn) * text.cap_height(size, weight) / 2
            yield text.place(
                "gauge-label", words, x, y, size=size, color=color, weight=weight, align="center", valign="middle"
            )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        name = self.mark.title or self.layer.title("value")
        low, high = write.numbers([self.low, self.high], self.style)
        sentence = f"Gauge of {name}: {self._written} on a scale from {low} to {high}"
        if math.isfinite(self.target):
            sentence += f", with a target of {write.number(self.target, self.style)}"
        if self.mark.bands and math.isfinite(self.value):
            edges, place = self._edges, sum(self.value >= band for band in self.mark.bands)
            first, second = write.numbers(edges[place : place + 2], self.style)
            sentence += f". It is in the band from {first} to {second}, {place + 1} of {len(self.colors)}"
        return sentence + "."


KIND = GaugeKind
