"""Violins. Channels: x (categories), y (numbers, one a row), color (categories; side by side, or a half each)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from renderer.drawing.color import mix, with_alpha
from renderer.drawing.keys import Entry
from renderer.drawing.kind import Area, Layer
from renderer.drawing.samples import Sample, SamplesKind, Seat, small_enough
from renderer.drawing.scene import Color, Floats, Markers, Path, Primitive, Rects, Segments, Stroke
from renderer.drawing.smoothing import Curve, Smoothing
from renderer.drawing.summary import five_numbers
from renderer.drawing.swarms import jittered
from renderer.spec.marks.violin import Violin

_PALE = 0.5  # of the background in a violin's fill
_SLIM = 9.0  # pixels: slimmer violins have no room for anything inside
_BOX = 0.13  # of a violin's width
_HALVES = 2.0  # pixels between the two halves of a split violin
_POINT = 3.5  # diameter


class ViolinKind(SamplesKind[Violin]):
    """A closed path for each violin, and inside it what was asked for."""

    noun = "violins"
    widest = 130.0

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.look = Entry("", self.theme.text, symbol="block")
        names = [series.name for series in self.series if series.name]
        if self.mark.split and len(names) != 2:
            raise layer.error(
                "split", f"a violin has two halves, for two colours; here there are {len(names) or 'none'}"
            )
        self.smooth = Smoothing(self.mark.bandwidth, self.mark.adjust, self.mark.trim, layer.scales.get("y", "auto"))

    @cached_property
    def curves(self) -> list[Curve]:
        curves = [self.smooth(sample.values) for sample in self.samples]
        for sample, curve in zip(self.samples, curves, strict=True):
            if curve.alone:
                named = f" of {sample.name}" if sample.name else ""
                self.layer.warn(f"All values{named} are the same: the violin shows the smoothing only.")
        return curves

    @cached_property
    def shares(self) -> list[float]:
        """How much of its seat each violin takes at its widest."""
        match self.mark.widths:
            case "same":
                return [1.0] * len(self.curves)
            case "area":
                sizes = [curve.peak for curve in self.curves]
            case _:
                sizes = [
                    curve.peak * len(sample.values) for curve, sample in zip(self.curves, self.samples, strict=True)
                ]
        largest = max(sizes, default=0.0) or 1.0
        return [size / largest for size in sizes]

    def reach(self) -> Floats:
        return np.concatenate([curve.x[[0, -1]] for curve in self.curves]) if self.curves else np.empty(0)

    def seat(self, area: Area, sample: Sample) -> Seat:
        """The halves of a split violin share a seat."""
        return super().seat(area, replace(sample, slot=0, slots=1) if self.mark.split else sample)

    def marks(self, area: Area) -> Iterator[Primitive]:
        for sample, curve, share in zip(self.samples, self.curves, self.shares, strict=True):
            seat = self.seat(area, sample)
            color = self.theme.line_color(sample.series.color)
            slim = seat.width < _SLIM
            yield Path(
                role="violin",
                points=self._outline(area, sample, curve, seat, share),
                fill=with_alpha(color if slim else mix(color, self.theme.background, _PALE), self.opacity),
                stroke=None if slim else Stroke(with_alpha(color, self.opacity), 1.25, cap="round"),
                closed=True,
                values=curve.y,
                name=sample.name,
                clip=area.clip(1.0),
            )
            if not slim:
                yield from self._inner(area, sample, curve, seat, share, color)

    def _sides(self, sample: Sample) -> tuple[float, float]:
        """How far to the left and to the right a violin reaches, of half its seat."""
        if not self.mark.split:
            return 1.0, 1.0
        return (1.0, 0.0) if sample.series is self.series[0] else (0.0, 1.0)

    def _outline(self, area: Area, sample: Sample, curve: Curve, seat: Seat, share: float) -> Floats:
        half = curve.y / (curve.peak or 1.0) * share * seat.width / 2
        left, right = self._sides(sample)
        # A hair's breadth between two halves.
        gap = _HALVES / 2 * (right - left) if self.mark.split else 0.0
        y = area.y(curve.x)
        x = np.concatenate([seat.middle + gap - left * half, (seat.middle + gap + right * half)[::-1]])
        return area.points(x, np.concatenate([y, y[::-1]]))

    # Inside -----------------------------------------------------------------------------------------------------------

    def _inner(
        self, area: Area, sample: Sample, curve: Curve, seat: Seat, share: float, color: Color
    ) -> Iterator[Primitive]:
        match self.mark.inner:
            case "box":
                yield from self._box(area, sample, seat)
            case "quartiles":
                yield self._quartiles(area, sample, curve, seat, share, color)
            case "points":
                yield self._points(area, sample, curve, seat, share, color)
            case "none":
                pass

    def _box(self, area: Area, sample: Sample, seat: Seat) -> Iterator[Primitive]:
        five = five_numbers(sample.values)
        left, right = self._sides(sample)
        width = min(9.0, max(3.0, seat.width * _BOX))
        middle = seat.middle + (right - left) * (width / 2 + _HALVES)
        ink, clip = self.theme.text, area.clip()
        low, lower, median, upper, high = area.y([five.low, five.lower, five.median, five.upper, five.high])
        ends = np.concatenate(
            [area.points(np.array([middle]), np.array([low])), area.points(np.array([middle]), np.array([high]))],
            axis=1,
        )
        yield Segments(role="whisker", ends=ends, stroke=Stroke(ink, 1.0), name=sample.name, clip=clip, crisp=False)
        box = area.boxes(*(np.array([end]) for end in (middle - width / 2, middle + width / 2, lower, upper)))
        yield Rects(role="box", boxes=box, fill=ink, values=np.array([five.median]), name=sample.name, clip=clip)
        yield Markers(
            role="median",
            points=area.points(np.array([middle]), np.array([median])),
            size=max(3.0, width * 0.72),
            fill=self.theme.background,
            values=np.array([five.median]),
            name=sample.name,
            clip=area.clip(5.0),
        )

    def _quartiles(self, area: Area, sample: Sample, curve: Curve, seat: Seat, share: float, color: Color) -> Primitive:
        five = five_numbers(sample.values)
        values = np.array([five.lower, five.median, five.upper])
        half = curve.at(values) / (curve.peak or 1.0) * share * seat.width / 2
        left, right = self._sides(sample)
        y = area.y(values)
        ends = np.concatenate(
            [area.points(seat.middle - left * half, y), area.points(seat.middle + right * half, y)], axis=1
        )
        # The median is the line that is drawn through.
        pieces = [ends[1:2], *(_dashed(ends[index]) for index in (0, 2))]
        return Segments(
            role="median",
            ends=np.concatenate(pieces),
            stroke=Stroke(color, 1.5),
            values=values,
            name=sample.name,
            clip=area.clip(),
            crisp=False,
        )

    def _points(self, area: Area, sample: Sample, curve: Curve, seat: Seat, share: float, color: Color) -> Primitive:
        half = curve.at(sample.values) / (curve.peak or 1.0) * share * seat.width / 2
        left, right = self._sides(sample)
        size = small_enough(_POINT, area)
        room = np.maximum(half - size / 2 - 1.5, 0.0)
        shift = jittered(len(sample.values))
        shift = (shift + 0.5) * (right - left) if self.mark.split else shift * 2.0
        return Markers(
            role="point",
            points=area.points(seat.middle + shift * room, area.y(sample.values)),
            size=size,
            fill=with_alpha(color, 0.85),
            values=sample.values,
            name=sample.name,
            clip=area.clip(size),
        )

    def facts(self) -> str:
        return self.facts_of("Violin plot")


def _dashed(end: Floats) -> Floats:
    """A stroke as short ones, 4 pixels on and 3 off, even at both ends."""
    first, last = end[:2], end[2:]
    length = float(np.hypot(*(last - first)))
    count = max(1, round((length + 3.0) / 7.0))
    unit = 1.0 / (7.0 * count - 3.0)
    starts = np.arange(count) * 7.0 * unit
    stops = np.minimum(starts + 4.0 * unit, 1.0)
    way = last - first
    return np.concatenate([first + starts[:, None] * way, first + stops[:, None] * way], axis=1)


KIND = ViolinKind
