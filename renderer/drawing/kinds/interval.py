"""Intervals. Channels: x (categories, numbers or dates), y (numbers), low and high (numbers, or made of the rows),
color (categories; side by side).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.dashes import named
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.keys import Entry
from renderer.drawing.kind import Area, AxisName, Layer, Series
from renderer.drawing.samples import Sample, SamplesKind, Seat, small_enough
from renderer.drawing.scene import Box, Floats, Marker, Markers, Primitive, Rows, Segments, Stroke, Text
from renderer.drawing.summary import margin, mean_and_deviation
from renderer.spec.marks.interval import Interval

_DOT = 9.0  # diameter
_CAP = 9.0  # pixels of a cap's width
_AIR = 0.03
_SLOT = 26.0  # pixels of a point's place
_LABEL = 11.5
_PAD = 5.0  # pixels between a point and its label
_PERCENTILES = {"iqr": 25, "p05": 5, "p10": 10}
_SAID = {
    "se": "standard errors", "sd": "standard deviations", "iqr": "the middle half", "p05": "the middle 90 %",
    "p10": "the middle 80 %", "minmax": "all values",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Range:
    sample: Sample
    low: float
    middle: float
    high: float


class IntervalKind(SamplesKind[Interval]):
    """For each colour, one call for all lines and one for all points."""

    noun = "intervals"
    widest = _SLOT

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.column("x")
        style = self.mark.style
        self.marker: Marker = (style.marker if style else None) or "circle"
        self.look = Entry("", self.theme.text, symbol="point", marker=self.marker)
        self.width = (style.width if style and style.width else None) or self.theme.line
        self.dash = named(style.dash if style else None, self.width)
        self.center = self.mark.center or "mean"
        self.range = self.mark.range or ("ci" if self.center == "mean" else "iqr")

    # Numbers ----------------------------------------------------------------------------------------------------------

    @cached_property
    def ranges(self) -> list[_Range]:
        if self.mark.low is not None:
            return self._given()
        found = [self._made(sample) for sample in self.samples]
        lonely = sum(1 for one in found if math.isnan(one.low))
        if lonely:
            noun = "point has" if lonely == 1 else "points have"
            self.layer.warn(f"{lonely} {noun} no range: it takes at least two values.")
        return found

    def _given(self) -> list[_Range]:
        low, high = (numbers_of(self.layer.resolved.table[name]) for name in ("low", "high"))
        found = []
        for sample in self.samples:
            if len(sample.rows) > 1:
                raise self.layer.error(
                    "y", f"{len(sample.rows)} rows share {sample.name or 'one place'}: say what to make of them, such "
                    "as 'mean(y)', in y, low and high; or leave out low and high",
                )  # fmt: skip
            row = int(sample.rows[0])
            if low[row] > high[row]:
                first, second = self.layer.writer.numbers([float(low[row]), float(high[row])], self.style)
                raise self.layer.error("low", f"{first} is above 'high', which is {second}, at {sample.name}")
            found.append(_Range(sample, float(low[row]), float(sample.values[0]), float(high[row])))
        return found

    def _made(self, sample: Sample) -> _Range:
        values = sample.values
        mean, deviation = mean_and_deviation(values)
        middle = mean if self.center == "mean" else float(np.median(values))
        if self.range == "minmax":
            return _Range(sample, float(values[0]), middle, float(values[-1]))
        if self.range in _PERCENTILES:
            share = _PERCENTILES[self.range]
            low, high = (float(value) for value in np.percentile(values, [share, 100 - share]))
            return _Range(sample, low, middle, high)
        half = {
            "ci": margin(deviation, len(values), self.mark.level),
            "se": deviation / math.sqrt(len(values)),
            "sd": deviation,
        }[self.range]
        return _Range(sample, middle - half, middle, middle + half)

    # Places: categories as in every sample, or numbers and dates ------------------------------------------------------

    @property
    def _along(self) -> bool:
        """Whether x runs along numbers or dates."""
        return self.x is not None and self.x.type != "category"

    @cached_property
    def _spots(self) -> dict[str, float]:
        """Numbers and dates by their names."""
        if self.x is None:
            return {}
        _, first = np.unique(numbers_of(self.x), return_index=True)
        spots = numbers_of(self.x)[first]
        return {self.layer.place("x", int(row)): float(spot) for row, spot in zip(first, spots, strict=True)}

    @cached_property
    def places(self) -> tuple[str, ...]:
        return tuple(self._spots) if self._along else super().places

    def by_place(self) -> dict[str, Rows]:
        if not self._along or self.x is None:
            return super().by_place()
        values = numbers_of(self.x)
        return {name: np.flatnonzero(values == spot) for name, spot in self._spots.items()}

    def spot(self, area: Area, place: str) -> tuple[float, float]:
        if not self._along:
            return super().spot(area, place)
        spots = np.sort(area.x(np.array(list(self._spots.values()))))
        room = float(np.diff(spots).min()) * 0.8 if len(spots) > 1 else _SLOT * len(self.series)
        return area.x.one(self._spots[place]), room

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return extent_of(self.x, air=_AIR) if self._along and self.x is not None else super().extent("x")
        ends = [end for one in self.ranges for end in (one.low, one.middle, one.high)]
        return extent_of_values(np.array(ends), air=_AIR, nice=True)

    def lies(self, box: Box) -> bool:
        return super().lies(box) if not self._along or self.mark.horizontal is not None else False

    def title(self, axis: AxisName) -> str:
        title = self.layer.title(axis)
        if axis == "x" or self.mark.low is not None or self.mark.y.title is not None or not title:
            return title
        lowered = title if title[1:2].isupper() else title[0].lower() + title[1:]
        return f"{self.center.capitalize()} {lowered}"

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        found = [(one, self.seat(area, one.sample)) for one in self.ranges]
        for series in self.series:
            mine = [(one, seat) for one, seat in found if one.sample.series is series]
            if mine:
                yield from self._series(area, series, mine)

    def _series(self, area: Area, series: Series, found: list[tuple[_Range, Seat]]) -> Iterator[Primitive]:
        color = with_alpha(self.theme.line_color(series.color), self.opacity)
        x = np.array([seat.middle for _, seat in found])
        low, middle, high = (
            area.y(np.array([getattr(one, part) for one, _ in found])) for part in ("low", "middle", "high")
        )
        known = np.isfinite(low) & np.isfinite(high)
        size = min(self.diameter(area), max(3.0, found[0][1].width * 0.9))
        width = min(self.width, size * 0.6)
        clip = area.clip(size)
        stroke = Stroke(color, width, self.dash, cap="butt" if self.dash or self.mark.caps else "round")
        values = np.array([[one.low, one.high] for one, _ in found])[known]
        ends = _strokes(area, x[known], low[known], x[known], high[known])
        yield Segments(role="range", ends=ends, stroke=stroke, values=values, name=series.name, clip=clip, crisp=False)
        if self.mark.caps and known.any():
            half = min(_CAP, found[0][1].width) / 2
            left, right = x[known] - half, x[known] + half
            caps = [_strokes(area, left, y, right, y) for y in (low[known], high[known])]
            yield Segments(
                role="cap", ends=np.concatenate(caps), stroke=Stroke(color, width), name=series.name, clip=clip,
                crisp=False,
            )  # fmt: skip
        yield Markers(
            role="point",
            points=area.points(x, middle),
            size=size,
            fill=color,
            marker=self.marker,
            stroke=Stroke(self.theme.background, 1.25),
            values=np.array([one.middle for one, _ in found]),
            name=series.name,
            clip=clip,
        )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        written = self.layer.writer.numbers([one.middle for one in self.ranges], options.format or self.style)
        shapes = Crowd(box for one in self.ranges for box in self._covered(area, one))
        left_out = 0
        for words, one in zip(written, self.ranges, strict=True):
            seat = self.seat(area, one.sample)
            for label in self._labels(area, words, one, seat):
                free = label.box.inside(area.clip(3.0)) and shapes.free(label.box, 1.0)
                if free and crowd.claim(label.box, 1.0):
                    yield label
                    break
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(self.ranges)} values have no room for their labels.")

    def _covered(self, area: Area, one: _Range) -> Iterator[Box]:
        """What a point and its line take."""
        middle = np.array([self.seat(area, one.sample).middle])
        low, y, high = (np.array([value]) for value in area.y([one.low, one.middle, one.high]))
        dot, line = self.diameter(area) / 2, self.width / 2
        yield Box(*area.boxes(middle - dot, middle + dot, y - dot, y + dot)[0].tolist())
        if math.isfinite(float(low[0] + high[0])):
            yield Box(*area.boxes(middle - line, middle + line, low, high)[0].tolist())

    def diameter(self, area: Area) -> float:
        """Of the points: smaller where there is little room."""
        style = self.mark.style
        return style.size if style and style.size else small_enough(_DOT, area)

    def _labels(self, area: Area, words: str, one: _Range, seat: Seat) -> Iterator[Text]:
        """Beside the point, where its line is not: on the outer side of a group first, else above or on the right."""
        y = area.y.one(one.middle)
        beyond = self.diameter(area) / 2 + _PAD
        slot, slots = one.sample.slot, one.sample.slots
        first = 2 * slot < slots - 1 or (area.lying and slots == 1)
        for before in (first, not first):
            across = seat.middle + (-beyond if before else beyond)
            x, place = (y, across) if area.lying else (across, y)
            align: text.Align = "center" if area.lying else "right" if before else "left"
            valign: text.Valign = "middle" if not area.lying else "baseline" if before else "top"
            yield text.place(
                "value-label",
                words,
                x,
                place,
                size=_LABEL,
                weight=500,
                color=self.theme.text,
                align=align,
                valign=valign,
            )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        if not self.ranges:
            return f"Intervals of {self.layer.subject} without values."
        if self.mark.low is not None:
            sentence = f"Points with ranges of {self.layer.subject}"
        else:
            level = f"{100 * self.mark.level:g} % confidence intervals"
            around = level if self.range == "ci" else _SAID[self.range]
            sentence = f"{self.center.capitalize()}s of {self.layer.subject} with {around}"
        names = [series.name for series in self.series if series.name and series.name not in self.places]
        if names:
            sentence += f", split into {listing(names)}"
        middles = [one.middle for one in self.ranges]
        most, least = self.ranges[int(np.argmax(middles))], self.ranges[int(np.argmin(middles))]
        written = write.numbers([end for one in (most, least) for end in (one.middle, one.low, one.high)], self.style)
        said = [self._said(most, written[:3]), self._said(least, written[3:])]
        if most is least:
            return f"{sentence}: {said[0]}."
        return f"{sentence}. The highest is {said[0]}, the lowest {said[1]}."

    def _said(self, one: _Range, written: list[str]) -> str:
        name = f" at {one.sample.name}" if one.sample.name else ""
        if not math.isfinite(one.low) or not math.isfinite(one.high):
            return f"{written[0]}{name}"
        return f"{written[0]} (from {written[1]} to {written[2]}){name}"


def _strokes(area: Area, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Floats:
    """Straight strokes between pixels along x and y, as (n, 4)."""
    return np.concatenate([area.points(x0, y0), area.points(x1, y1)], axis=1)


KIND = IntervalKind
