"""Bars. Channels: x (categories, dates, numbers), y (numbers), color (categories; stacked, side by side, as shares,
...).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from renderer.data.forecast import labels_warning
from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.axes import better_lying
from renderer.drawing.color import mix
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Rects, Segments, Stroke, Text
from renderer.drawing.theme import Theme, ramp
from renderer.spec.marks.bar import Bar

_SHARE = 0.8  # of the distance between two places is the bars'
_GAP = 1.0  # pixels between bars of one group, and between the parts of a stack
_OVERLAY = 0.62  # of the width of the bar behind it
_DOT = 11.0  # diameter of a lollipop's head
_LABEL = 11.5  # size of value labels
_AIR = 0.05  # of the axis, for labels beyond the bars' ends
_PAD = 5.0  # pixels between a bar's end and its label


@dataclass(frozen=True, slots=True, eq=False)
class _Bars:
    """The bars of one series in the units of the axes; ``offset`` and ``share`` place them within their band (0 to
    1).
    """

    series: Series
    start: Floats  # where each begins along y
    end: Floats
    offset: float
    share: float


class BarKind(Kind[Bar]):
    """One compound path for each colour, however many bars there are."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.y = numbers_of(layer.resolved.table["y"])
        if self.mark.stack == "diverging" and not layer.hues.chosen and self.mark.color and not self.mark.color.palette:
            names = layer.names("color")
            layer.hues.give(names, _two_sided(len(names), self.theme))
        self.series = layer.series()
        self.hatch = self.mark.style.hatch or "" if self.mark.style else ""
        self.opacity = self.mark.style.opacity if self.mark.style and self.mark.style.opacity is not None else 1.0

    # Geometry in the units of the axes --------------------------------------------------------------------------------

    @cached_property
    def places(self) -> Floats:
        """Where along x each row stands: a category's index, a number, or a date."""
        if self.x.type == "category":
            index = {name: place for place, name in enumerate(self.layer.names("x"))}
            return np.array([index.get(name, math.nan) for name in self.x.values.tolist()], dtype=float)
        return numbers_of(self.x)

    @cached_property
    def step(self) -> float:
        """The least distance between two places, in the units of x."""
        known = self.layer.resolved.steps.get("x")
        if known:
            return known
        if self.x.type == "category":
            return 1.0
        column = self.layer.common("x")
        places = self.places if column is None or column.type == "category" else numbers_of(column)
        distances = np.diff(np.unique(places[np.isfinite(places)]))
        return float(distances.min()) if len(distances) else 1.0

    @cached_property
    def bars(self) -> list[_Bars]:
        count = len(self.series)
        match self.mark.stack:
            case "grouped" if count > 1:
                return [
                    _Bars(one, np.zeros(len(one.rows)), self.y[one.rows], index / count, 1.0 / count)
                    for index, one in enumerate(self.series)
                ]
            case "overlay" if count > 1:
                return [
                    _Bars(one, np.zeros(len(one.rows)), self.y[one.rows], (1 - _OVERLAY**index) / 2, _OVERLAY**index)
                    for index, one in enumerate(self.series)
                ]
            case "diverging" if count > 1:
                return self._diverging()
            case _:
                return self._stacked(normalized=self.mark.stack == "normalized")

    def _stacked(self, *, normalized: bool) -> list[_Bars]:
        """Positive parts upwards and negative ones downwards from zero, in the order of the series."""
        values = self.y
        if normalized:
            totals: dict[float, float] = {}
            for place, value in zip(self.places.tolist(), np.abs(np.nan_to_num(values)).tolist(), strict=True):
                totals[place] = totals.get(place, 0.0) + value
            whole = np.array([totals[place] for place in self.places.tolist()])
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(whole > 0, values / whole, np.nan)
        tops: tuple[dict[float, float], dict[float, float]] = ({}, {})
        result = []
        for one in self.series:
            starts, ends = [], []
            for place, value in zip(self.places[one.rows].tolist(), values[one.rows].tolist(), strict=True):
                top = tops[value < 0]
                start = top.get(place, 0.0)
                end = start + value
                if value == value:
                    top[place] = end
                starts.append(start)
                ends.append(end)
            result.append(_Bars(one, np.array(starts), np.array(ends), 0.0, 1.0))
        return result

    def _diverging(self) -> list[_Bars]:
        """Half of the series to each side of zero; the middle one of an odd number lies across it (Likert scales)."""
        half, odd = divmod(len(self.series), 2)
        sizes = [
            dict(zip(self.places[one.rows].tolist(), np.nan_to_num(np.abs(self.y[one.rows])).tolist(), strict=True))
            for one in self.series
        ]
        result = []
        for index, one in enumerate(self.series):
            starts, ends = [], []
            for place in self.places[one.rows].tolist():
                left = sum(size.get(place, 0.0) for size in sizes[:half])
                left += sizes[half].get(place, 0.0) / 2 if odd else 0.0
                start = sum(size.get(place, 0.0) for size in sizes[:index]) - left
                starts.append(start)
                ends.append(start + sizes[index].get(place, 0.0))
            result.append(_Bars(one, np.array(starts), np.array(ends), 0.0, 1.0))
        return result

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            if self.x.type == "category":
                return Extent("category", categories=self.layer.names("x"))
            places = self.places[np.isfinite(self.places)]
            half = self.step / 2
            edges = np.concatenate([places - half, places + half])
            return extent_of_values(edges, self.x.type)
        ends = (
            np.concatenate([np.concatenate([bars.start, bars.end]) for bars in self.bars]) if self.bars else np.empty(0)
        )
        normalized = self.mark.stack == "normalized"
        air = _AIR if self.mark.labels is not None and not normalized else 0.0
        found = extent_of_values(ends, zero=True, anchored=True, air=air, nice=True, percent=normalized)
        return replace(found, absolute=self.mark.stack == "diverging" and len(self.series) > 1)

    def lies(self, box: Box) -> bool:
        if self.mark.horizontal is not None:
            return self.mark.horizontal
        if self.x.type != "category":
            return False
        return better_lying(self.layer.axis_names("x"), box, self.theme)

    def legend(self) -> tuple[Key, ...]:
        stacked = self.mark.stack in ("stacked", "normalized") and not self.mark.horizontal
        return self.layer.swatches(self.series, Entry("", self.theme.text, hatch=self.hatch), stacked=stacked)

    def marks(self, area: Area) -> Iterator[Primitive]:
        for bars in self.bars:
            x0, x1 = self._across(area, bars)
            start, end = area.y(bars.start), area.y(bars.end)
            known = np.isfinite(x0) & np.isfinite(end) & np.isfinite(start)
            start = np.where(np.isfinite(start), start, area.y.one(area.y.baseline))
            color = self._color(bars.series)
            values = self.y[bars.series.rows][known]
            if self.mark.shape == "lollipop":
                yield from self._lollipops(
                    area, ((x0 + x1) / 2)[known], start[known], end[known], color, values, bars.series.name
                )
                continue
            yield Rects(
                role="bar",
                boxes=self._apart(area.boxes(x0, x1, start, end)[known], area, bars),
                fill=color,
                values=values,
                name=bars.series.name,
                hatch=self.hatch,
                clip=area.clip(),
            )

    def _lollipops(
        self, area: Area, x: Floats, start: Floats, end: Floats, color: Color, values: Floats, name: str
    ) -> Iterator[Primitive]:
        ends = np.concatenate([area.points(x, start), area.points(x, end)], axis=1)
        yield Segments(
            role="stem", ends=ends, stroke=Stroke(color, 2.0), values=values, name=name, clip=area.clip(), crisp=False
        )
        size = min(_DOT, max(4.0, self._band(area) * 0.8))
        yield Markers(
            role="bar",
            points=area.points(x, end),
            size=size,
            fill=color,
            values=values,
            name=name,
            clip=area.clip(size),
        )

    def _color(self, series: Series) -> Color:
        return (*series.color[:3], series.color[3] * self.opacity)

    def _band(self, area: Area) -> float:
        """Pixels that the bars of one place share."""
        if isinstance(area.x, CategoryScale):
            return area.x.band
        first = float(self.places[np.isfinite(self.places)][0]) if np.isfinite(self.places).any() else 0.0
        return abs(area.x.one(first + self.step) - area.x.one(first)) * _SHARE

    def _across(self, area: Area, bars: _Bars) -> tuple[Floats, Floats]:
        """The two sides of each bar, in pixels along x."""
        places = self.places[bars.series.rows]
        if isinstance(area.x, CategoryScale):
            # In a panel with other layers the axis may hold more names than this layer.
            names = self.layer.names("x")
            known = {name: index for index, name in enumerate(area.x.names)}
            lookup = np.array([known[name] for name in names], dtype=float)
            places = lookup[places.astype(int)] if len(lookup) else places
        band = self._band(area)
        middle = area.x(places)
        first = middle - band / 2 + bars.offset * band
        return first, first + bars.share * band

    def _apart(self, boxes: Floats, area: Area, bars: _Bars) -> Floats:
        """A hair's breadth between bars that touch, where they are wide enough to give it."""
        grouped = bars.share < 1.0 and self.mark.stack == "grouped"
        side = (1, 3) if area.lying else (0, 2)
        if grouped and len(boxes) and (boxes[:, side[1]] - boxes[:, side[0]]).min() > 5 * _GAP:
            boxes = boxes.copy()
            boxes[:, side[0]] += _GAP / 2
            boxes[:, side[1]] -= _GAP / 2
        return boxes

    # Value labels -----------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        count = int(np.isfinite(self.y).sum())
        most = self.layer.limits.value_labels
        if count > most:
            self.layer.warn(labels_warning(count, most))
            return
        style = options.format or self.layer.formats.get("y")
        shown = self.y
        stacked = len(self.series) > 1 and self.mark.stack in ("stacked", "normalized", "diverging")
        if self.mark.stack == "normalized":
            sizes = np.concatenate([np.abs(bars.end - bars.start) for bars in self.bars])
            shown = np.full(len(self.y), np.nan)
            shown[np.concatenate([bars.series.rows for bars in self.bars])] = sizes
            style = style or "percent"
        written = self.layer.writer.numbers(shown.tolist(), style)
        left_out = 0
        for bars in self.bars:
            x0, x1 = self._across(area, bars)
            start, end = area.y(bars.start), area.y(bars.end)
            boxes = area.boxes(x0, x1, start, end)
            ink = self.theme.ink_on(bars.series.color) if self.mark.shape == "bar" else None
            grows = np.where(area.lying, end - start, start - end)
            for row, box, growth in zip(bars.series.rows.tolist(), boxes.tolist(), grows.tolist(), strict=True):
                if not math.isfinite(sum(box)):
                    continue
                label = self._label(
                    written[row], Box(*box), ink, area, growth >= 0, stacked=stacked, wish=options.position
                )
                if label is not None and label.box.inside(area.sheet) and crowd.claim(label.box, 1.0):
                    yield label
                elif not stacked:
                    left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {count} value labels have no room.")

    def _label(
        self,
        words: str,
        box: Box,
        ink: Color | None,
        area: Area,
        forward: bool,
        *,
        stacked: bool,
        wish: str,
    ) -> Text | None:
        """Inside the bar if it fits, else beyond its end, else None."""
        width, capital = text.width(words, _LABEL), text.cap_height(_LABEL)
        along, across = (box.width, box.height) if area.lying else (box.height, box.width)
        long, deep = (width, capital) if area.lying else (capital, width)
        fits = along >= long + 2 * _PAD and across >= deep + 3.0
        if ink is not None and wish != "outside" and fits and area.box.overlaps(box):
            if stacked:
                x, y = box.center
            elif area.lying:
                x, y = (box.x1 - _PAD - width / 2 if forward else box.x0 + _PAD + width / 2), box.center[1]
            else:
                x, y = box.center[0], (box.y0 + _PAD + capital / 2 if forward else box.y1 - _PAD - capital / 2)
            return text.place("value-label", words, x, y, size=_LABEL, color=ink, align="center", valign="middle")
        if wish == "inside" or stacked:
            return None
        beyond = _PAD + (_DOT / 2 if self.mark.shape == "lollipop" else 0.0)
        color = self.theme.text
        if area.lying:
            x = box.x1 + beyond if forward else box.x0 - beyond
            label = text.place(
                "value-label",
                words,
                x,
                box.center[1],
                size=_LABEL,
                color=color,
                align="left" if forward else "right",
                valign="middle",
            )
        else:
            y = box.y0 - beyond if forward else box.y1 + beyond
            label = text.place(
                "value-label",
                words,
                box.center[0],
                y,
                size=_LABEL,
                color=color,
                align="center",
                valign="baseline" if forward else "top",
            )
        return label if label.box.inside(area.box.grown(_PAD), 1.0) else None

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        style = self.layer.formats.get("y")
        known = np.flatnonzero(np.isfinite(self.y))
        kind = "Lollipop chart" if self.mark.shape == "lollipop" else "Bar chart"
        if not len(known):
            return f"{kind} of {self.layer.subject} without values."
        names = [series.name for series in self.series if series.name]
        sentence = f"{kind} of {self.layer.subject}"
        if names:
            sentence += f", split into {listing(names)}"
        highest, lowest = int(known[np.argmax(self.y[known])]), int(known[np.argmin(self.y[known])])
        high, low = write.numbers([float(self.y[highest]), float(self.y[lowest])], style)
        extremes = f"The highest value is {high} ({self._where(highest)}), the lowest {low} ({self._where(lowest)})"
        return f"{sentence}. {extremes}."

    def _where(self, row: int) -> str:
        place = self.layer.place("x", row)
        series = next((one.name for one in self.series if one.name and row in one.rows), "")
        return f"{place}, {series}" if series else place


def _two_sided(count: int, theme: Theme) -> list[Color]:
    """Two hues that get paler towards the middle, for answers from one extreme to the other."""
    colors = ramp(None, theme, diverging=True)
    samples = [colors(0.12 + 0.76 * (1.0 - index / max(1, count - 1))) for index in range(count)]
    pale = mix(theme.background, theme.text, 0.22)
    return [
        pale if 2 * index + 1 == count else (float(r), float(g), float(b), 1.0)
        for index, (r, g, b, _) in enumerate(samples)
    ]


KIND = BarKind
