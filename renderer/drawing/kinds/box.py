"""Boxes with whiskers. Channels: x (categories), y (numbers, one a row), color (categories; side by side)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.keys import Entry
from renderer.drawing.kind import Area, Layer, Series
from renderer.drawing.samples import Sample, SamplesKind, Seat, small_enough
from renderer.drawing.scene import Box as Rectangle
from renderer.drawing.scene import Color, Floats, Markers, Path, Primitive, Segments, Stroke, Text
from renderer.drawing.summary import FiveNumbers, five_numbers, mean_and_deviation
from renderer.spec.marks.box import Box

_PALE = 0.62  # of the background in a box's fill
_SLIM = 7.0  # pixels: slimmer boxes have no room for a fill within an outline
_NOTCH = 0.5  # of a box's width, at its median
_OUTLIER = 4.5  # diameter
_MANY = 2000  # outliers; more are drawn once for each pixel
_LABEL = 11.5  # size of the medians
_PAD = 6.0  # pixels between a box and its median's label


class BoxKind(SamplesKind[Box]):
    """For each colour, one path of all boxes, one of all whiskers, one of all medians, and the outliers."""

    noun = "boxes"

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.look = Entry("", self.theme.text, symbol="block")

    @cached_property
    def numbers(self) -> list[FiveNumbers]:
        return [five_numbers(sample.values, self.mark.whiskers) for sample in self.samples]

    def reach(self) -> Floats:
        if self.mark.outliers:
            return self.y
        return np.array([end for five in self.numbers for end in (five.low, five.high)], dtype=float)

    def marks(self, area: Area) -> Iterator[Primitive]:
        for series in self.series:
            found = [
                (sample, five, self.seat(area, sample))
                for sample, five in zip(self.samples, self.numbers, strict=True)
                if sample.series is series
            ]
            if found:
                yield from self._series(area, series, found)

    def _series(self, area: Area, series: Series, found: list[tuple[Sample, FiveNumbers, Seat]]) -> Iterator[Primitive]:
        color = self.theme.line_color(series.color)
        clip, name = area.clip(self.theme.line), series.name
        middle = np.array([seat.middle for _, _, seat in found])
        width = found[0][2].width
        low, lower, median, upper, high = (
            area.y(np.array([getattr(five, part) for _, five, _ in found]))
            for part in ("low", "lower", "median", "upper", "high")
        )
        start, end = middle - width / 2, middle + width / 2
        slim = width < _SLIM
        thin = Stroke(with_alpha(color, self.opacity), 1.0 if slim else 1.25)
        whiskers = np.concatenate([_ends(area, middle, low, middle, lower), _ends(area, middle, upper, middle, high)])
        yield Segments(role="whisker", ends=whiskers, stroke=thin, name=name, clip=clip, crisp=False)
        if self.mark.outliers:
            yield from self._outliers(area, found, color)
        outlines = [self._outline(area, sample, five, seat) for sample, five, seat in found]
        yield Path(
            role="box",
            points=np.concatenate(outlines)[:-1],
            fill=self._fill(color, slim=slim),
            stroke=None if slim else Stroke(with_alpha(color, self.opacity), 1.25),
            closed=False,
            values=np.array([[five.lower, five.median, five.upper] for _, five, _ in found]),
            name=name,
            clip=clip,
        )
        narrow = _NOTCH if self.mark.notch else 1.0
        yield Segments(
            role="median",
            ends=_ends(area, middle - narrow * width / 2, median, middle + narrow * width / 2, median),
            stroke=Stroke(self.theme.text if slim else with_alpha(color, self.opacity), 1.5 if slim else 2.75),
            values=np.array([five.median for _, five, _ in found]),
            name=name,
            clip=clip,
            crisp=False,
        )
        if self.mark.mean:
            means = np.array([mean_and_deviation(sample.values)[0] for sample, _, _ in found])
            yield Markers(
                role="mean",
                points=area.points((start + end) / 2, area.y(means)),
                size=max(4.0, min(7.0, width * 0.3)),
                fill=self.theme.text,
                stroke=Stroke(self.theme.background, 1.25),
                marker="diamond",
                values=means,
                name=name,
                clip=area.clip(8.0),
            )

    def _fill(self, color: Color, *, slim: bool) -> Color:
        return with_alpha(color if slim else mix(color, self.theme.background, _PALE), self.opacity)

    def _outline(self, area: Area, sample: Sample, five: FiveNumbers, seat: Seat) -> Floats:
        """The corners of a box, and the NaN that lifts the pen."""
        start, end = seat.start, seat.end
        lower, upper = five.lower, five.upper
        if not self.mark.notch:
            x = [start, start, end, end, start, math.nan]
            y = area.y([lower, upper, upper, lower, lower, math.nan])
            return area.points(np.array(x), y)
        # McGill, Tukey and Larsen, "Variations of box plots" (1978); within the box, so that no ear folds over.
        half = 1.57 * (upper - lower) / math.sqrt(len(sample.values))
        below, above = max(lower, five.median - half), min(upper, five.median + half)
        dent = seat.width * (1 - _NOTCH) / 2
        x = [start, start, start + dent, start, start, end, end, end - dent, end, end, start, math.nan]
        heights = [lower, below, five.median, above, upper, upper, above, five.median, below, lower, lower, math.nan]
        return area.points(np.array(x), area.y(heights))

    def _outliers(self, area: Area, found: list[tuple[Sample, FiveNumbers, Seat]], color: Color) -> Iterator[Primitive]:
        values = np.concatenate([five.beyond for _, five, _ in found])
        if not len(values):
            return
        style = self.mark.style
        fitting = min(small_enough(_OUTLIER, area), max(2.0, found[0][2].width * 0.6))
        size = (style.size if style else None) or fitting
        points = area.points(
            np.concatenate([np.full(len(five.beyond), seat.middle) for _, five, seat in found]), area.y(values)
        )
        if len(points) > _MANY:
            _, kept = np.unique(np.round(points * 2), axis=0, return_index=True)
            points, values = points[kept], values[kept]
        yield Markers(
            role="outlier",
            points=points,
            size=size,
            fill=with_alpha(color, 0.75 * self.opacity),
            marker=(style.marker if style else None) or "circle",
            values=values,
            name=found[0][0].series.name,
            clip=area.clip(size),
        )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        medians = [five.median for five in self.numbers]
        shapes = Crowd(
            box
            for (sample, seat), five in zip(self.seats(area), self.numbers, strict=True)
            for box in _covered(area, seat, five)
        )
        left_out = 0
        written = self.layer.writer.numbers(medians, options.format or self.style)
        for words, five, (sample, seat) in zip(written, self.numbers, self.seats(area), strict=True):
            for label, free in self._labels(area, words, five, sample, seat, options.position):
                room = label.box.inside(area.box, 1.0) and (not free or shapes.free(label.box, 2.0))
                if room and crowd.claim(label.box, 1.0):
                    yield label
                    break
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(medians)} medians have no room for their labels.")

    def _labels(
        self, area: Area, words: str, five: FiveNumbers, sample: Sample, seat: Seat, wish: str
    ) -> Iterator[tuple[Text, bool]]:
        """Where a median may be written, the best first: beside its box, on the outer side of a group, or inside the
        larger part of the box. With whether the place must be free of shapes.
        """
        y, lower, upper = (area.y.one(value) for value in (five.median, five.lower, five.upper))
        wide, high = text.width(words, _LABEL, 500), text.cap_height(_LABEL, 500)
        long, deep = (wide, high) if area.lying else (high, wide)
        places: list[tuple[float, float, bool]] = []
        if wish != "inside":
            # Where there is no inner and outer: on the right, or above.
            side = -1 if 2 * sample.slot < sample.slots - 1 or (area.lying and sample.slots == 1) else 1
            beside = seat.width / 2 + _PAD + deep / 2
            places += [(seat.middle + side * beside, y, True), (seat.middle - side * beside, y, True)]
        if wish != "outside" and not self.mark.notch and seat.width >= deep + 4.0:
            for end in sorted((lower, upper), key=lambda end: -abs(end - y)):
                if abs(end - y) >= long + 2 * _PAD - 2.0:
                    places.append((seat.middle, y + math.copysign(long / 2 + _PAD - 1.0, end - y), False))
        ink = self.theme.ink_on(self._fill(self.theme.line_color(sample.series.color), slim=False))
        for across, along, free in places:
            x, place = (along, across) if area.lying else (across, along)
            color = self.theme.text if free else ink
            yield (
                text.place(
                    "value-label",
                    words,
                    x,
                    place,
                    size=_LABEL,
                    color=color,
                    weight=500,
                    align="center",
                    valign="middle",
                ),
                free,
            )

    def facts(self) -> str:
        return self.facts_of("Box plot")


def _covered(area: Area, seat: Seat, five: FiveNumbers) -> Iterator[Rectangle]:
    """What a box and its whiskers take."""
    middle = np.array([seat.middle])
    lower, upper, low, high = (np.array([value]) for value in area.y([five.lower, five.upper, five.low, five.high]))
    half = seat.width / 2
    yield Rectangle(*area.boxes(middle - half, middle + half, lower, upper)[0].tolist())
    yield Rectangle(*area.boxes(middle - 1.0, middle + 1.0, low, high)[0].tolist())


def _ends(area: Area, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Floats:
    """Straight strokes between pixels along x and y, as (n, 4)."""
    return np.concatenate([area.points(x0, y0), area.points(x1, y1)], axis=1)


KIND = BoxKind
