"""Dumbbells. Channels: x (categories, dates, numbers), y and y2 (numbers), color (categories; the ends)."""

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
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Rows, Segments, Stroke, Text
from renderer.spec.marks.dumbbell import Dumbbell

_DOT = 12.0
_BAR = 3.0  # thickness of the line between the ends
_LABEL = 11.5
_PAD = 5.0
_AIR = 0.02
_LABEL_AIR = 0.07


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """The points that look alike: their rows, and the column that they take their amounts from."""

    name: str
    rows: Rows
    values: Floats
    color: Color


class DumbbellKind(Kind[Dumbbell]):
    """A line from the least to the largest amount of each place, and points on it."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.x = table["x"]
        if self.mark.y2 is not None and self.mark.color is not None:
            raise layer.error("y2", "the ends are told apart by 'color' or stand in 'y2': use one or the other")
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.sides = self._sides()

    def _sides(self) -> list[_Ends]:
        y = numbers_of(self.layer.resolved.table["y"])
        other = self.layer.column("y2")
        if other is None:
            return [_Ends(one.name, one.rows, y[one.rows], one.color) for one in self.layer.series()]
        rows = np.arange(len(y))
        return [
            _Ends(self.layer.title(name), rows, values, self.layer.hues.of(self.layer.title(name)))
            for name, values in (("y", y), ("y2", numbers_of(other)))
        ]

    @cached_property
    def spans(self) -> dict[object, tuple[float, float]]:
        """The least and the largest amount of each place."""
        spans: dict[object, tuple[float, float]] = {}
        places = self.x.values.tolist()
        for ends in self.sides:
            for row, value in zip(ends.rows.tolist(), ends.values.tolist(), strict=True):
                if math.isfinite(value):
                    low, high = spans.get(places[row], (value, value))
                    spans[places[row]] = min(low, value), max(high, value)
        return spans

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            if self.x.type == "category":
                return Extent("category", categories=self.layer.names("x"))
            return extent_of(self.x, air=_AIR)
        outside = self.mark.labels is not None and self.mark.labels.position != "inside"
        values = np.concatenate([ends.values for ends in self.sides]) if self.sides else np.empty(0)
        return extent_of_values(values, air=_LABEL_AIR if outside else _AIR, nice=True)

    def lies(self, box: Box) -> bool:
        return self.mark.horizontal if self.mark.horizontal is not None else self.x.type == "category"

    def title(self, axis: AxisName) -> str:
        # The legend names the two columns.
        return "" if axis == "y" and self.mark.y2 is not None else self.layer.title(axis)

    def legend(self) -> tuple[Key, ...]:
        look = Entry("", self.theme.text, symbol="point")
        if self.mark.y2 is None:
            return self.layer.swatches(self.layer.series(), look)
        return (Swatches("", tuple(Entry(ends.name, ends.color, "point") for ends in self.sides)),)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        x = area.x.column(self.x)
        size = self._size(area)
        style = self.mark.style
        clip = area.clip(size / 2 + 1.0)
        first = {place: row for row, place in reversed(list(enumerate(self.x.values.tolist())))}
        rows = np.array([first[place] for place in self.spans], dtype=int)
        spans = np.array(list(self.spans.values())).reshape(-1, 2)
        low, high = area.points(x[rows], area.y(spans[:, 0])), area.points(x[rows], area.y(spans[:, 1]))
        yield Segments(
            role="span",
            ends=np.concatenate([low, high], axis=1),
            stroke=Stroke(self.theme.axis, min((style.width if style and style.width else None) or _BAR, size)),
            values=spans[:, 1] - spans[:, 0],
            crisp=False,
            clip=clip,
        )
        for ends in self.sides:
            points = area.points(x[ends.rows], area.y(ends.values))
            known = np.isfinite(points).all(axis=1)
            yield Markers(
                role="point",
                points=points[known],
                size=size,
                fill=with_alpha(self.theme.line_color(ends.color), self.opacity),
                marker=(style.marker if style and style.marker else None) or "circle",
                stroke=Stroke(self.theme.background, min(1.25, size / 8)),
                values=ends.values[known],
                name=ends.name,
                clip=clip,
            )

    def _size(self, area: Area) -> float:
        """The diameter of the points: as the author wants, but smaller than the distance between two lines."""
        pixels = area.x.column(self.x)
        distances = np.diff(np.unique(pixels[np.isfinite(pixels)]))
        step = float(distances.min()) if len(distances) else _DOT * 2
        wanted = self.mark.style.size if self.mark.style else None
        return wanted or max(3.0, min(_DOT, step * 0.75))

    # Amounts ----------------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        spans = self.spans
        count, most = 2 * len(spans), self.layer.limits.value_labels
        if count > most:
            self.layer.warn(f"{count:,} value labels are more than the {most:,} of a chart: there are none.")
            return
        x = area.x.column(self.x)
        first = {place: row for row, place in reversed(list(enumerate(self.x.values.tolist())))}
        style = options.format or self.mark.y.format or self.layer.formats.get("y")
        written = self.layer.writer.numbers([value for span in spans.values() for value in span], style)
        inside = options.position == "inside"
        reach = self._size(area) / 2 + _PAD
        left_out = 0
        for number, (place, (low, high)) in enumerate(spans.items()):
            at = float(x[first[place]])
            pixels = [area.y.one(low), area.y.one(high)]
            room = abs(pixels[1] - pixels[0]) - 2 * reach
            for end in (0, 1) if low < high else (1,):
                words = written[2 * number + end]
                outwards = (1.0 if end else -1.0) * area.y.direction * (-1.0 if inside else 1.0)
                if inside and room < 2 * (text.width(words, _LABEL) if area.lying else _LABEL) + _PAD:
                    left_out += 1
                    continue
                label = self._label(words, at, pixels[end] + outwards * reach, outwards, area)
                within = label.box.inside(area.box.grown(_PAD), 1.0) and label.box.inside(area.sheet)
                if within and crowd.claim(label.box, 1.0):
                    yield label
                else:
                    left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(written)} value labels have no room.")

    def _label(self, words: str, at: float, place: float, outwards: float, area: Area) -> Text:
        """Beside a point at ``place`` along y, on the side that ``outwards`` points to."""
        (x, y), *_ = area.points(np.array([at]), np.array([place])).tolist()
        if area.lying:
            align, valign = "left" if outwards > 0 else "right", "middle"
        else:
            align, valign = "center", "top" if outwards > 0 else "baseline"
        return text.place(
            "value-label",
            words,
            x,
            y,
            size=_LABEL,
            color=self.theme.muted,
            align="center" if align == "center" else "left" if align == "left" else "right",
            valign="middle" if valign == "middle" else "top" if valign == "top" else "baseline",
            halo=self.theme.background,
        )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        style = self.mark.y.format or self.layer.formats.get("y")
        names = [ends.name for ends in self.sides if ends.name]
        what = "amounts" if self.mark.y2 is not None else self.layer.title("y") or "amounts"
        sentence = f"Dumbbell chart of {what} by {self.layer.title('x')}"
        if names:
            sentence += f", comparing {listing(names)}"
        if not self.spans:
            return sentence + "."
        places = {place: row for row, place in enumerate(self.x.values.tolist())}
        widest = max(self.spans, key=lambda place: self.spans[place][1] / 2 - self.spans[place][0] / 2)
        narrowest = min(self.spans, key=lambda place: self.spans[place][1] / 2 - self.spans[place][0] / 2)
        for word, place in (("widest", widest), ("narrowest", narrowest)):
            low, high = write.numbers(list(self.spans[place]), style)
            sentence += f". The gap is {word} for {self.layer.place('x', places[place])}, from {low} to {high}"
            if len(self.spans) == 1:
                break
        return sentence + "."


KIND = DumbbellKind
