"""Histograms over two dimensions. Channels: x and y (numbers, dates), color (an aggregate; by default the count)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.drawing.binning import amounts_of, fair_bins, finite_of
from renderer.drawing.cells import neighbourhoods, shaded
from renderer.drawing.density import round_edges
from renderer.drawing.extent import Extent, extent_of_values
from renderer.drawing.keys import Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Floats, Primitive, Rows
from renderer.drawing.shades import Shades
from renderer.spec.marks.histogram2d import Histogram2D


class Histogram2DKind(Kind[Histogram2D]):
    """Rectangles with round limits, in the shade of what is in them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.amounts = amounts_of(layer, self.mark.color)
        x, y, rows = finite_of(layer)
        self.edges: dict[AxisName, Floats] = {"x": self._edges("x", x), "y": self._edges("y", y)}
        across, down = (_bin(values, self.edges[name]) for name, values in self._both(x, y))
        cells, self.values, self.counts = self.amounts.of(across * len(self.edges["y"]) + down, rows, self.mark.least)
        self.across, self.down = np.divmod(cells, len(self.edges["y"]))
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    def _both(self, x: Floats, y: Floats) -> tuple[tuple[AxisName, Floats], tuple[AxisName, Floats]]:
        return ("x", x), ("y", y)

    def _edges(self, name: AxisName, values: Floats) -> Floats:
        """The limits of the cells along an axis: of the bins or units that the channel asks for, or round ones."""
        resolved = self.layer.resolved
        if not len(values):
            return np.array([0.0, 1.0])
        if name in resolved.steps or name in resolved.units:
            first, last = neighbourhoods(np.unique(values), resolved.steps.get(name))
            return np.unique(np.concatenate([first, last]).round(9))
        wanted = self.mark.bins or fair_bins(len(values))
        if resolved.table[name].type == "time":
            low, high = float(values.min()), float(values.max())
            return np.linspace(low, high, wanted + 1) if low < high else np.array([low - 0.5, high + 0.5])
        return round_edges(values, wanted)

    @cached_property
    def shades(self) -> Shades:
        title = self.amounts.title
        return Shades(self.values, self.layer, self.mark.color, title=title, zero=self.amounts.counted)

    def extent(self, axis: AxisName) -> Extent:
        return extent_of_values(self.edges[axis], self.layer.resolved.table[axis].type)

    def legend(self) -> tuple[Key, ...]:
        return (self.shades.key(),)

    def marks(self, area: Area) -> Iterator[Primitive]:
        x, y = area.x(self.edges["x"]), area.y(self.edges["y"])
        boxes = area.boxes(x[self.across], x[self.across + 1], y[self.down], y[self.down + 1])
        yield from shaded(boxes, self.values, self.shades, self.opacity, area.clip())

    def facts(self) -> str:
        write = self.layer.writer
        total = write.number(float(self.counts.sum()))
        sentence = f"Two-dimensional histogram of {total} rows, {self.layer.subject}"
        known = np.flatnonzero(np.isfinite(self.values))
        if not len(known):
            return sentence + "."
        highest = int(known[np.argmax(self.values[known])])
        (amount,) = self.shades.write(self.values[[highest]])
        places = []
        for name, place in (("x", self.across[highest]), ("y", self.down[highest])):
            edges = self.edges["x" if name == "x" else "y"][place : place + 2].tolist()
            is_time = self.layer.resolved.table[name].type == "time"
            low, high = write.dates(edges) if is_time else write.numbers(edges, exact=True)
            places.append(f"{self.layer.title(name)} {low} to {high}")
        return f"{sentence}. {self.amounts.title} is highest at {amount}, in the cell of {' and '.join(places)}."


def _bin(values: Floats, edges: Floats) -> Rows:
    """The cell of each value; the last edge belongs to the last cell."""
    place = np.searchsorted(edges, values, side="right") - 1
    return np.clip(place, 0, len(edges) - 2).astype(np.intp)


KIND = Histogram2DKind
