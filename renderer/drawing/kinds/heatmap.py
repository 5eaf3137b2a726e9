"""Heat maps. Channels: x and y (categories, dates, numbers or bins of them), color (numbers as shades, or categories
by hue).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.data.table import Column
from renderer.drawing.cells import Words, neighbourhoods, shaded, spans, written
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Color, Floats, Image, Primitive, Rects, Rows, Text
from renderer.drawing.shades import Shades
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.heatmap import Heatmap

_RASTER_FROM = 20_000  # cells; more are one image
_FINEST = 2.0  # pixels of that image for each CSS pixel


class HeatmapKind(Kind[Heatmap]):
    """Cells side by side; the values in them where they fit."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.columns: dict[AxisName, Column] = {"x": table["x"], "y": table["y"]}
        column = table["color"]
        self.amounts = numbers_of(column) if column.type == "number" else None
        self.series = layer.series() if self.amounts is None else []
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    @cached_property
    def shades(self) -> Shades:
        amounts = self.amounts if self.amounts is not None else np.empty(0)
        return Shades(amounts, self.layer, self.mark.color, title=self.layer.title("color"))

    @cached_property
    def edges(self) -> dict[AxisName, tuple[Floats, Floats]]:
        """From where to where each cell reaches along the axes that hold numbers or dates."""
        found: dict[AxisName, tuple[Floats, Floats]] = {}
        for name, column in self.columns.items():
            if column.type != "category":
                found[name] = neighbourhoods(numbers_of(column), self.layer.resolved.steps.get(name))
        return found

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        column = self.columns[axis]
        if column.type == "category":
            return Extent("category", categories=self.layer.names(axis), covered=True)
        return extent_of_values(np.concatenate(self.edges[axis]), column.type, covered=True)

    def legend(self) -> tuple[Key, ...]:
        if self.amounts is None:
            return self.layer.swatches(self.series, Entry("", self.theme.text))
        return (self.shades.key(),)

    def marks(self, area: Area) -> Iterator[Primitive]:
        boxes = self._boxes(area)
        if self.amounts is None:
            for series in self.series:
                color = (*series.color[:3], series.color[3] * self.opacity)
                yield Rects(role="cell", boxes=boxes[series.rows], fill=color, name=series.name, clip=area.clip())
        elif len(boxes) > _RASTER_FROM:
            yield self._raster(area, self.amounts)
        else:
            yield from shaded(boxes, self.amounts, self.shades, self.opacity, area.clip())

    def _boxes(self, area: Area) -> Floats:
        nothing = (np.empty(0), np.empty(0))
        x0, x1 = spans(area.x, self.columns["x"], self.edges.get("x", nothing), self.mark.gap)
        y0, y1 = spans(area.y, self.columns["y"], self.edges.get("y", nothing), self.mark.gap)
        return area.boxes(x0, x1, y0, y1)

    def _raster(self, area: Area, amounts: Floats) -> Image:
        """The cells as pixels: where several share one, the mean of their amounts."""
        box = area.box
        width, height = round(box.width * _FINEST), round(box.height * _FINEST)
        across = self._places(area.x, "x", box.x0, box.width, width)
        down = self._places(area.y, "y", box.y0, box.height, height)
        sums, counts = np.zeros((height, width)), np.zeros((height, width))
        known = np.isfinite(amounts)
        (x0, x1), (y0, y1) = across, down
        # Each cell covers the pixels from its first to its last: added at its corners, summed along both axes.
        unit = float(np.max(np.abs(amounts[known]), initial=0.0)) or 1.0
        for target, weights in ((sums, np.where(known, amounts / unit, 0.0)), (counts, known.astype(float))):
            corners = np.zeros((height + 1, width + 1))
            for rows, columns, sign in ((y0, x0, 1), (y0, x1, -1), (y1, x0, -1), (y1, x1, 1)):
                np.add.at(corners, (rows, columns), sign * weights)
            target += corners.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.where(counts > 0.5, sums / counts * unit, np.nan)
        fills = self.shades.fills(means.ravel()).reshape(height, width, 4)
        fills[np.isnan(means)] = 0.0
        fills[..., 3] *= self.opacity
        return Image(role="cells", pixels=np.round(fills * 255).astype(np.uint8), box=box, clip=box)

    def _places(self, scale: Scale, name: AxisName, start: float, length: float, pixels: int) -> tuple[Rows, Rows]:
        """The first pixel of each cell, and that after its last; at least one."""
        nothing = (np.empty(0), np.empty(0))
        first, last = spans(scale, self.columns[name], self.edges.get(name, nothing), 0.0)
        low, high = np.minimum(first, last), np.maximum(first, last)
        begin = np.round(np.nan_to_num((low - start) / length * pixels, nan=0.0)).astype(np.intp)
        end = np.round(np.nan_to_num((high - start) / length * pixels, nan=0.0)).astype(np.intp)
        begin = np.clip(begin, 0, pixels)
        return begin, np.clip(np.maximum(end, begin + 1), 0, pixels)

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if self.amounts is None or options.show == "never" or len(self.amounts) > _RASTER_FROM:
            return
        boxes = self._boxes(area)
        texts = self.shades.write(self.amounts, options.format)
        fills: list[Color | None] = [
            None if words == NO_VALUE else (*self.shades.of(value)[:3], self.opacity)
            for words, value in zip(texts, self.amounts.tolist(), strict=True)
        ]
        yield from written(Words(boxes, texts, fills), options, self.layer, area.box.grown(1.0), crowd)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer
        sentence = f"Heat map of {write.title('color')} by {write.title('x')} and {write.title('y')}"
        if self.amounts is None:
            parts = [f"{series.name} ({len(series.rows)})" for series in self.series]
            return f"{sentence}; cells by category: {', '.join(parts[:6])}."
        known = np.flatnonzero(np.isfinite(self.amounts))
        if not len(known):
            return f"{sentence}, without values."
        highest, lowest = (int(known[pick(self.amounts[known])]) for pick in (np.argmax, np.argmin))
        # Each by itself: beside 1,000 a thousandth would be written as 0.
        high, low = (self.shades.write(self.amounts[[row]])[0] for row in (highest, lowest))
        return (
            f"{sentence}, {len(known):,} cells. The highest value is {high} ({self._where(highest)}),"
            f" the lowest {low} ({self._where(lowest)})."
        )

    def _where(self, row: int) -> str:
        return f"{self.layer.place('x', row)}, {self.layer.place('y', row)}"


KIND = HeatmapKind
