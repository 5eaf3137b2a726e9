"""Points. Channels: x (anything), y (numbers), color (categories or numbers), size (numbers, as area), shape
(categories), label (anything), connect (anything with an order).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from matplotlib.colors import Colormap
from matplotlib.ticker import MaxNLocator

from renderer.data.table import Column
from renderer.drawing import callouts
from renderer.drawing.alt import listing
from renderer.drawing.areas import Areas
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key, Ramp, Swatches
from renderer.drawing.kind import Area, AxisName, Kind, Layer, group_rows
from renderer.drawing.kinds._trends import FoundTrend, bands, find, lines, told
from renderer.drawing.scene import (
    Bools,
    Color,
    Floats,
    Image,
    Marker,
    Markers,
    Path,
    Primitive,
    Rows,
    Stroke,
    Text,
    finite_rows,
)
from renderer.drawing.theme import ramp
from renderer.spec.channel import Channel
from renderer.spec.marks.scatter import Scatter

_MARKERS: tuple[Marker, ...] = ("circle", "triangle", "square", "diamond", "plus", "star", "cross", "triangle_down")
_AIR = 0.015  # of the axes, so that no point lies on their ends
_LARGEST = 34.0  # diameter of a bubble
_LEVELS = 64  # of a colour map, among many points: each is one call
_BINNED_FROM = 50_000  # points; more are counted in cells
_CELL = 1.5  # CSS pixels of such a cell
_RIMMED_UP_TO = 600  # points that get a rim in the colour of the background
_LABEL = 11.5


class ScatterKind(Kind[Scatter]):
    """Many markers in few calls; beyond 50,000 points, a picture of how many there are."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.y = numbers_of(layer.resolved.table["y"])
        column = layer.column("color")
        self.amounts = numbers_of(column) if column is not None and column.type != "category" else None
        self.series = layer.series()
        style = self.mark.style
        self.marker: Marker = (style.marker if style else None) or "circle"
        count = len(self.y)
        self.diameter = (style.size if style else None) or (
            8.5 if count <= 200 else 7.5 if count <= _RIMMED_UP_TO else 6.0 if count <= 2000 else 4.0
        )
        usual = 0.9 if count <= 100 else 0.8 if count <= 1000 else 0.6
        if "size" in layer.resolved.table:
            usual = 0.75
        self.opacity = style.opacity if style and style.opacity is not None else usual

    # Scales of colour and size ----------------------------------------------------------------------------------------

    @cached_property
    def _colors(self) -> Colormap:
        channel = self.mark.color
        own = channel.palette if channel else None
        midpoint = channel.midpoint if channel else None
        return ramp(own or self.layer.palette, self.theme, diverging=midpoint is not None)

    @cached_property
    def _range(self) -> tuple[float, float]:
        """The numbers at the two ends of the colour map; around its middle, if the author gave one."""
        column = self.layer.common("color")
        amounts = numbers_of(column) if column is not None and column.type != "category" else np.empty(0)
        known = amounts[np.isfinite(amounts)]
        if not len(known):
            return 0.0, 1.0
        low, high = float(known.min()), float(known.max())
        midpoint = self.mark.color.midpoint if self.mark.color else None
        if midpoint is not None:
            reach = max(abs(high - midpoint), abs(low - midpoint)) or 1.0
            return midpoint - reach, midpoint + reach
        return (low, high) if low < high else (low - 0.5, high + 0.5)

    @cached_property
    def _diameters(self) -> Floats | None:
        column = self.layer.column("size")
        if column is None:
            return None
        return self._areas.diameters(numbers_of(column))

    @cached_property
    def _areas(self) -> Areas:
        column = self.layer.common("size")  # of all panels, in small multiples
        amounts = numbers_of(column) if column is not None else np.empty(0)
        count = len(self.layer.resolved.whole or self.layer.resolved.table)
        return Areas.of(amounts, _LARGEST if count <= 200 else _LARGEST * 0.65)

    @cached_property
    def trends(self) -> list[FoundTrend]:
        if self.mark.trend is None:
            return []
        apart = self.amounts is None
        return find(self.layer, self.mark.trend, self.x, self.y, self.series if apart else ())

    # Paths through the points -----------------------------------------------------------------------------------------

    @cached_property
    def _order(self) -> Floats:
        """Where each row comes on the path."""
        column = self.layer.column("connect")
        if column is None:
            return np.arange(len(self.y), dtype=float)
        if column.type != "category":
            return numbers_of(column)
        places = {name: place for place, name in enumerate(self.layer.names("connect"))}
        return np.array([places.get(name, math.nan) for name in column.values.tolist()], dtype=float)

    def _path(self, points: Floats, known: Bools) -> Iterator[tuple[Rows, Color, str]]:
        """The rows along each path."""
        if self.mark.connect is None:
            return
        groups = [("", np.arange(len(self.y)), self.theme.axis)]
        if self.amounts is None:
            groups = [(series.name, series.rows, self.theme.line_color(series.color)) for series in self.series]
        for name, rows, color in groups:
            rows = rows[known[rows]]
            yield rows[np.argsort(self._order[rows], kind="stable")], color, name

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            # The curves have to be seen whole; their intervals may leave at the ends, where they are wide.
            curves = [one.curve.y for one in self.trends]
            return extent_of_values(np.concatenate([self.y, *curves]), air=_AIR, nice=True)
        if self.x.type == "category":
            return Extent("category", categories=self.layer.names("x"))
        return extent_of(self.x, air=_AIR, nice=True)

    def legend(self) -> tuple[Key, ...]:
        keys: list[Key] = []
        if self.amounts is not None:
            keys.append(self._ramp())
        else:
            keys += self.layer.swatches(self.series, Entry("", self.theme.text, symbol="point", marker=self.marker))
        shapes = self.layer.column("shape")
        if shapes is not None:
            names = self.layer.all_names("shape")
            by_name = {name: _MARKERS[index % len(_MARKERS)] for index, name in enumerate(names)}
            first = keys[0] if keys else None
            if isinstance(first, Swatches) and self.layer.title("shape") == self.layer.title("color"):
                entries = tuple(
                    Entry(e.name, e.color, "point", marker=by_name.get(e.name, "circle")) for e in first.entries
                )
                keys[0] = Swatches(first.title, entries, first.wish)
            else:
                entries = tuple(Entry(name, self.theme.muted, "point", marker=by_name[name]) for name in names)
                keys.append(Swatches(self.layer.title("shape"), entries))
        if self._diameters is not None:
            keys.append(self._areas.key(self.layer, "size", self.theme.muted))
        return tuple(keys)

    def _ramp(self) -> Ramp:
        low, high = self._range
        unit = max(abs(low), abs(high))
        unit = unit if unit > 1e100 or unit < 1e-100 else 1.0
        places = [
            float(place) * unit
            for place in MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low / unit, high / unit)
        ]
        places = [place for place in places if low <= place <= high]
        column = self.layer.column("color")
        if column is not None and column.type == "time":
            written = self.layer.writer.dates(places)
        else:
            style = self.mark.color.format if self.mark.color else None
            written = self.layer.writer.numbers(places, style, exact=True)
        # Halved, since the difference of two huge numbers overflows.
        ticks = tuple(
            ((place / 2 - low / 2) / (high / 2 - low / 2), label) for place, label in zip(places, written, strict=True)
        )
        wish = self.mark.color.legend if self.mark.color else "auto"
        return Ramp(self.layer.title("color"), self._colors, ticks, wish)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        points = area.points(area.x.column(self.x), area.y(self.y))
        known = finite_rows(points)
        if self._diameters is None and len(points) > _BINNED_FROM:
            self.layer.warn(
                f"{int(known.sum()):,} points are drawn as how many there are in cells of {_CELL:g} pixels."
            )
            yield self._binned(points, known, area)
            return
        largest = float(np.max(self._diameters)) if self._diameters is not None and len(points) else self.diameter
        clip = area.clip(largest / 2 + 1.0)
        yield from bands(self.trends, self.mark.trend, area)
        for rows, color, name in self._path(points, known):
            yield Path(
                role="path",
                points=points[rows],
                stroke=Stroke(with_alpha(color, 0.75), self.theme.line * 0.8, cap="round"),
                values=self.y[rows],
                name=name,
                clip=clip,
            )
        rim = Stroke(self.theme.background, 0.9) if len(points) <= _RIMMED_UP_TO else None
        for rows, marker in self._by_marker():
            rows = rows[known[rows]]
            if self._diameters is not None:
                rows = rows[np.isfinite(self._diameters[rows])]
                # The small ones on top of the large ones.
                rows = rows[np.argsort(-self._diameters[rows], kind="stable")]
            if not len(rows):
                continue
            yield Markers(
                role="point",
                points=points[rows],
                size=self.diameter if self._diameters is None else self._diameters[rows],
                fill=self._fills()[rows],
                marker=marker,
                stroke=rim,
                values=self.y[rows],
                clip=clip,
            )
        yield from lines(self.trends, area, self.theme)

    # Words ------------------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        name = "label" if self.mark.label is not None else "connect"
        channel, column = getattr(self.mark, name), self.layer.column(name)
        if channel is None or column is None:
            return
        points = area.points(area.x.column(self.x), area.y(self.y))
        known = finite_rows(points)
        diameters = self._diameters if self._diameters is not None else np.full(len(points), self.diameter)
        paths = [np.concatenate([points[rows], [[math.nan, math.nan]]]) for rows, _, _ in self._path(points, known)]
        rows = [row for row in self._first(points, known) if known[row]][: self.layer.limits.value_labels]
        colors = [self.theme.text] * len(points)
        for series in self.series if self.amounts is None and len(self.series) > 1 else ():
            for row in series.rows.tolist():
                colors[row] = self.theme.text_color(series.color)
        written = callouts.beside(
            points,
            self._written(column, channel),
            diameters,
            rows,
            area.clip(24.0),
            crowd,
            np.concatenate(paths) if paths else None,
            size=_LABEL,
            colors=colors,
            halo=self.theme.background,
        )
        shown = 0
        for _, label in written:
            shown += 1
            yield label
        if name == "label" and shown < known.sum():
            self.layer.warn(
                f"{int(known.sum()) - shown:,} of {int(known.sum()):,} points have no room for their label."
            )

    def _written(self, column: Column, channel: Channel) -> list[str]:
        """A label for each row."""
        if column.type == "category":
            return [value or "" for value in column.values.tolist()]
        numbers = numbers_of(column).tolist()
        if column.type == "number":
            return self.layer.writer.numbers(numbers, channel.format)
        unit = self.layer.resolved.units.get("label" if channel is self.mark.label else "connect")
        style = channel.format or (unit if unit in ("month", "quarter", "year") else None)
        return [self.layer.writer.dates([day], style)[0] if math.isfinite(day) else "" for day in numbers]

    def _first(self, points: Floats, known: Bools) -> list[int]:
        """Who chooses a place first: the ends of paths and where they turn; the largest; those far from the others."""
        if self.mark.connect is not None:
            return [
                row for rows, _, _ in self._path(points, known) for row in rows[callouts.turns(points[rows])].tolist()
            ]
        if self._diameters is not None:
            by_size: list[int] = np.argsort(-np.nan_to_num(self._diameters), kind="stable").tolist()
            return by_size
        away = np.zeros(len(points))
        if known.any():
            away = np.nan_to_num(np.hypot(*(points - np.median(points[known], axis=0)).T))
        far: list[int] = np.argsort(-away, kind="stable").tolist()
        return far

    def _by_marker(self) -> list[tuple[Rows, Marker]]:
        column = self.layer.column("shape")
        if column is None:
            return [(np.arange(len(self.y)), self.marker)]
        names = self.layer.all_names("shape")
        groups = group_rows(column, names)
        return [(rows, _MARKERS[index % len(_MARKERS)]) for index, rows in enumerate(groups.values())]

    def _fills(self) -> Floats:
        """The colour of each row."""
        fills = np.empty((len(self.y), 4))
        if self.amounts is not None:
            low, high = self._range
            share = np.clip((self.amounts / 2 - low / 2) / (high / 2 - low / 2), 0.0, 1.0)
            levels = np.round(np.nan_to_num(share) * (_LEVELS - 1)) / (_LEVELS - 1)
            fills[:] = self._colors(levels)
            fills[np.isnan(self.amounts)] = self.theme.axis
            fills[:, 3] *= self.opacity
            return fills
        for series in self.series:
            fills[series.rows] = self._color(series.color)
        return fills

    def _color(self, color: Color) -> Color:
        return with_alpha(self.theme.line_color(color), self.opacity)

    def _binned(self, points: Floats, known: Bools, area: Area) -> Image:
        """Cells coloured by the mean of their points, the denser the more opaque."""
        box = area.box
        columns, rows = max(1, round(box.width / _CELL)), max(1, round(box.height / _CELL))
        x = np.floor((points[:, 0] - box.x0) / box.width * columns)
        y = np.floor((points[:, 1] - box.y0) / box.height * rows)
        # Points on the last edge belong to the last cell.
        x, y = np.where(x == columns, columns - 1, x), np.where(y == rows, rows - 1, y)
        inside = known & (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        cells = (y[inside] * columns + x[inside]).astype(np.intp)
        counts = np.bincount(cells, minlength=rows * columns).astype(float)
        colors = self._fills()[inside]
        pixels = np.zeros((rows * columns, 4))
        filled = counts > 0
        for channel in range(3):
            sums = np.bincount(cells, weights=colors[:, channel], minlength=rows * columns)
            pixels[filled, channel] = sums[filled] / counts[filled]
        pixels[filled, 3] = 0.25 + 0.75 * np.log1p(counts[filled]) / math.log1p(float(counts.max(initial=1.0)))
        image = np.round(pixels * 255).astype(np.uint8).reshape(rows, columns, 4)
        return Image(role="points", pixels=image, box=box, clip=box)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        known = np.isfinite(self.y)
        sentence = f"Scatter plot of {write.number(float(known.sum()))} points, {self.layer.subject}"
        names = [series.name for series in self.series if series.name]
        if names:
            sentence += f", coloured by {self.layer.title('color')}: {listing(names)}"
        elif self.amounts is not None:
            sentence += f", coloured by {self.layer.title('color')}"
        if not known.any():
            return sentence + "."
        low, high = write.numbers([float(self.y[known].min()), float(self.y[known].max())], self.layer.formats.get("y"))
        sentence += f". {self.layer.title('y') or 'It'} ranges from {low} to {high}"
        if self.x.type == "number":
            x = numbers_of(self.x)
            both = known & np.isfinite(x)
            if both.sum() > 2 and np.ptp(x[both]) > 0 and np.ptp(self.y[both]) > 0:
                with np.errstate(all="ignore"):
                    strength = float(np.corrcoef(x[both], self.y[both])[0, 1])
                if math.isfinite(strength):
                    sentence += f". The correlation is {write.numerals.plain(strength, 2)}"
        for one in self.trends[:4]:
            sentence += f". {told(one, self.mark.trend, self.layer)}"
        return sentence + "."


KIND = ScatterKind
