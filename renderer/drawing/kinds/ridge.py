"""Ridges. Channels: x (numbers or dates, one a row), y (categories, each a ridge), color (categories)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing.alt import listing
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.dashes import named
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series, group_rows
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Floats, Path, Primitive, Segments, Stroke
from renderer.drawing.smoothing import Curve, Smoothing
from renderer.spec.marks.ridge import Ridge

_MOST = 100  # rows
_PALE = 0.3  # of the background in a ridge's fill
_OPACITY = 0.9  # of a fill: what lies behind shimmers through
_HEAD = 0.55  # of a row, above the first: the half that its own place lacks, and some air
_FOOT = 0.2  # of a row that the last one does without


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    place: str
    series: Series
    values: Floats
    curve: Curve


class RidgeKind(Kind[Ridge]):
    """From the rear to the front, for each curve its area and its line."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.values = numbers_of(self.x)
        self.series = layer.series()
        self.places = layer.names("y")
        if len(self.places) > _MOST:
            raise layer.error(
                "y", f"{len(self.places):,} ridges are more than the {_MOST} that a chart can show; keep the largest "
                "categories with 'top', or bring them together with 'bin' or a unit",
            )  # fmt: skip
        style = self.mark.style
        self.width = (style.width if style and style.width else None) or 1.5
        self.opacity = style.opacity if style and style.opacity is not None else _OPACITY
        self.dash = named(style.dash if style else None, self.width)

    @cached_property
    def rows(self) -> list[_Row]:
        smooth = Smoothing(self.mark.bandwidth, self.mark.adjust, self.mark.trim, self.layer.scales.get("x", "auto"))
        of_series = np.full(len(self.values), -1)
        for index, one in enumerate(self.series):
            of_series[one.rows] = index
        found = []
        for place, rows in group_rows(self.layer.resolved.table["y"], self.places).items():
            rows = rows[np.isfinite(self.values[rows])]
            for index in np.unique(of_series[rows]).tolist():
                values = self.values[rows[of_series[rows] == index]]
                curve = smooth(values)
                if curve.alone:
                    self.layer.warn(f"All values of {place} are the same: the curve shows the smoothing only.")
                found.append(_Row(place, self.series[index], values, curve))
        return found

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            # The first ridge is as high as the others, with nothing behind it to reach into.
            return Extent("category", categories=self.places, headroom=self.mark.overlap + _HEAD, footroom=-_FOOT)
        ends = [row.curve.x[[0, -1]] for row in self.rows]
        return extent_of_values(np.concatenate(ends) if ends else np.empty(0), self.x.type)

    def legend(self) -> tuple[Key, ...]:
        if self.mark.color is not None and all(row.place == row.series.name for row in self.rows):
            return ()  # the axis says it already
        return self.layer.swatches(self.series, Entry("", self.theme.text, symbol="block"))

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        scale = area.y
        if not isinstance(scale, CategoryScale):
            raise TypeError("ridges stand at categories")
        highest = (1.0 + self.mark.overlap) * scale.step
        top = max((row.curve.peak for row in self.rows), default=0.0) or 1.0
        order = {name: index for index, name in enumerate(scale.names)}
        # From top to bottom: what is lower stands in front.
        rows = sorted(self.rows, key=lambda row: scale.one(float(order[row.place])))
        # Names stand on the baseline like words on a line.
        drop = min(self.theme.label * 0.36 + 4.0, 0.25 * scale.step)
        grid = [scale.one(float(order[place])) + drop for place in self.places]
        yield Segments(
            role="grid",
            ends=np.array([[area.box.x0, base, area.box.x1, base] for base in grid]),
            stroke=Stroke(self.theme.grid, 1.0),
            clip=area.clip(1.0),
        )
        for row in rows:
            base = scale.one(float(order[row.place])) + drop
            peak = top if self.mark.heights == "common" else row.curve.peak or 1.0
            yield from self._ridge(area, row, base, highest / peak, scale.step)

    def _ridge(self, area: Area, row: _Row, base: float, unit: float, pitch: float) -> Iterator[Primitive]:
        x, y = area.x(row.curve.x), base - row.curve.y * unit
        known = np.isfinite(x)
        x, y = x[known], y[known]
        color = self.theme.line_color(row.series.color)
        clip = area.clip(self.width)
        name = ", ".join(dict.fromkeys(part for part in (row.place, row.series.name) if part))
        # Many low ridges would be nothing but lines.
        width = min(self.width, max(0.6, pitch / 10))
        several = len({other.series.name for other in self.rows if other.place == row.place}) > 1
        yield Path(
            role="ridge",
            points=np.concatenate([np.column_stack([x, y]), [[x[-1], base], [x[0], base]]]),
            fill=with_alpha(mix(color, self.theme.background, _PALE), self.opacity * (0.6 if several else 1.0)),
            closed=True,
            values=row.curve.y,
            name=name,
            clip=clip,
        )
        if self.mark.median:
            yield from self._median(area, row, base, unit, name)
        yield Path(
            role="line",
            points=np.column_stack([x, y]),
            # The same hue, but deeper, keeps a ridge apart from those behind it.
            stroke=Stroke(mix(color, self.theme.text, 0.25), width, self.dash, cap="round"),
            values=row.curve.y,
            name=name,
            clip=clip,
        )

    def _median(self, area: Area, row: _Row, base: float, unit: float, name: str) -> Iterator[Primitive]:
        median = np.array([float(np.median(row.values))])
        x, height = float(area.x(median)[0]), float(row.curve.at(median)[0]) * unit
        yield Segments(
            role="median",
            ends=np.array([[x, base, x, base - height]]),
            stroke=Stroke(self.theme.background, 2.0),
            values=median,
            name=name,
            clip=area.clip(),
            crisp=False,
        )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        title = self.layer.title("x")
        if not self.rows:
            return f"Ridge plot of {title} without values."
        known = self.values[np.isfinite(self.values)]
        names = [series.name for series in self.series if series.name and series.name not in self.places]
        sentence = f"Ridge plot of {self.layer.writer.number(float(len(known)))} values of {title}"
        sentence += f", one curve for each of {listing(self.places)}"
        if names:
            sentence += f", split into {listing(names)}"
        medians = [float(np.median(row.values)) for row in self.rows]
        most, least = int(np.argmax(medians)), int(np.argmin(medians))
        low, high, top, bottom = self._written([float(known.min()), float(known.max()), medians[most], medians[least]])
        sentence += f". They range from {low} to {high}"
        if len(self.rows) == 1:
            return f"{sentence} with a median of {top}."
        return (
            f"{sentence}. The highest median is {top} ({self.rows[most].place}), "
            f"the lowest {bottom} ({self.rows[least].place})."
        )

    def _written(self, values: list[float]) -> list[str]:
        style = self.layer.formats.get("x") or self.mark.x.format
        if self.x.type == "time":
            return self.layer.writer.dates(values, style)
        return self.layer.writer.numbers(values, style)


KIND = RidgeKind
