"""Contours. Channels: x and y (numbers, dates), color (an amount over the plane; or categories, each with its density;
or none).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap
from matplotlib.ticker import MaxNLocator

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.binning import finite_of
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.fields import Field, FieldError, density_of, surface_of
from renderer.drawing.keys import Entry, Key, Ramp
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scene import Color, Floats, Path, Primitive, Stroke, Text
from renderer.drawing.shades import Shades
from renderer.drawing.theme import ramp
from renderer.spec.marks.contour import Contour

_LEVELS, _SHARES, _SHARES_OF_GROUPS = 10, 9, 4
_LAYER = 0.16  # opacity of each level of a category's density
_THIN = 0.4  # opacity of the lines between filled levels
_LINE = 1.5


class ContourKind(Kind[Contour]):
    """Filled regions, each over the one below it, or lines."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        style = self.mark.style
        self.width = (style.width if style and style.width else None) or _LINE
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        column = layer.column("color")
        self.amount = column is not None and column.type == "number"
        self.series = [] if self.amount else layer.series()
        self.filled = self.mark.shape == "filled"
        try:
            self.surface = self._surface() if self.amount else None
            self.densities = [] if self.amount else self._densities()
        except FieldError as problem:
            raise layer.error("color" if "share x and y" in str(problem) else "y", str(problem)) from problem

    # Fields -----------------------------------------------------------------------------------------------------------

    def _surface(self) -> Field:
        x, y, rows = finite_of(self.layer)
        return surface_of(x, y, numbers_of(self.layer.resolved.table["color"])[rows])

    def _densities(self) -> list[tuple[Series, Field]]:
        """Each category's; of those with too few points there is none."""
        table = self.layer.resolved.table
        x, y = numbers_of(table["x"]), numbers_of(table["y"])
        found: list[tuple[Series, Field]] = []
        for series in self.series:
            rows = series.rows[np.isfinite(x[series.rows]) & np.isfinite(y[series.rows])]
            try:
                found.append((series, density_of(x[rows], y[rows], self.mark.bandwidth)))
            except FieldError:
                if len(self.series) == 1:
                    raise
                self.layer.warn(f"{series.name} has no contours: its points are too few, or on one line.")
        return found

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """What the regions hold of the points, the largest region first."""
        wanted = self.mark.levels
        if isinstance(wanted, tuple):
            if wanted[0] <= 0 or wanted[-1] >= 1:
                raise self.layer.error("levels", "levels of a density are shares of its points, between 0 and 1")
            return wanted[::-1]
        count = wanted or (_SHARES if self._alone else _SHARES_OF_GROUPS)
        return tuple((count - index) / (count + 1) for index in range(count))

    @property
    def _alone(self) -> bool:
        return len(self.series) == 1 and not self.series[0].name

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """The amounts at which there are lines; of filled contours also that from which the lowest is filled."""
        assert self.surface is not None
        z, unit = self.surface.z, self.surface.unit
        known = z[np.isfinite(z)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        wanted = self.mark.levels
        if isinstance(wanted, tuple):
            inner = [level for level in wanted if low < level < high]
            return (min(low, wanted[0]), *inner, max(high, wanted[-1])) if self.filled else wanted
        if low == high:
            return (low, high + (abs(high) or 1.0))
        locator = MaxNLocator(nbins=wanted or _LEVELS, steps=[1, 2, 2.5, 5, 10])
        scale = unit if unit > 1e100 or unit < 1e-100 else 1.0
        places = [float(place) * scale for place in locator.tick_values(low / scale, high / scale)]
        if self.filled:
            return tuple(places)
        return tuple(place for place in places if low < place < high) or (low / 2 + high / 2,)

    @cached_property
    def shades(self) -> Shades:
        assert self.surface is not None
        title = self.layer.title("color")
        edges = np.array(self.levels) if self.filled and len(self.levels) > 1 else None
        return Shades(self.surface.z.ravel(), self.layer, self.mark.color, title=title, edges=edges)

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        kind = self.layer.resolved.table[axis].type
        if self.surface is not None:
            return extent_of_values(self.surface.x if axis == "x" else self.surface.y, kind, covered=self.filled)
        column = 0 if axis == "x" else 1
        outlines = [field.above(field.level_of(self.shares[0]))[:, column] for _, field in self.densities]
        return extent_of_values(np.concatenate(outlines) if outlines else np.empty(0), kind, nice=True)

    def legend(self) -> tuple[Key, ...]:
        if self.surface is not None:
            return (self.shades.key(),)
        if not self._alone:
            return self.layer.swatches(
                self.series, Entry("", self.theme.text, symbol="block" if self.filled else "line")
            )
        written = self.layer.writer.numbers(self.shares, "percent")
        count = len(self.shares)
        ticks = tuple((index / count, words) for index, words in enumerate(written))
        colors = ListedColormap([self._shade(index) for index in range(count) for _ in range(16)])
        wish = self.mark.color.legend if self.mark.color else "auto"
        return (Ramp("Points inside", colors, ticks if count <= 10 else ticks[::2], wish),)

    def _shade(self, index: int) -> Color:
        """The colour of a region of the one density, from the largest region inwards."""
        style, theme = self.mark.style, self.theme
        if style and style.color:
            hue = self.series[0].color
            colors: Colormap = LinearSegmentedColormap.from_list("own", [mix(theme.background, hue, 0.12)[:3], hue[:3]])
        else:
            colors = ramp(self.layer.palette, theme, diverging=False, filled=True)
        red, green, blue, alpha = colors(index / max(1, len(self.shares) - 1))
        return float(red), float(green), float(blue), float(alpha)

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        if self.surface is not None:
            yield from self._amounts(area, self.surface)
            return
        for series, field in self.densities:
            for index, share in enumerate(self.shares):
                level = field.level_of(share)
                values, name = np.array([share]), series.name
                color = self._shade(index) if self._alone else series.color
                if self.filled:
                    fill = with_alpha(color, self.opacity * (1.0 if self._alone else _LAYER))
                    yield from self._region(area, field, level, fill, values, name)
                if not self.filled or not self._alone:
                    pen = self.theme.line_color(color)
                    width = self.width if not self.filled or index == 0 else self.width * 0.6
                    yield from self._lines(area, field, level, Stroke(pen, width), values, name)
                else:
                    pen = with_alpha(self.theme.background, _THIN)
                    yield from self._lines(area, field, level, Stroke(pen, 0.75), values, name)

    def _amounts(self, area: Area, field: Field) -> Iterator[Primitive]:
        levels = self.levels
        if not self.filled:
            for level in levels:
                pen = Stroke(self.theme.line_color(self.shades.of(level)), self.width)
                yield from self._lines(area, field, level, pen, np.array([level]), "")
            return
        # Each region reaches over those above it, so that no seam shows between them.
        for low, high in pairwise(levels):
            fill = with_alpha(self.shades.of(low / 2 + high / 2), self.opacity)
            yield from self._region(area, field, low, fill, np.array([low, high]), "")
        for level in levels[1:-1]:
            pen = Stroke(with_alpha(self.theme.background, _THIN), 0.75)
            yield from self._lines(area, field, level, pen, np.array([level]), "")

    def _region(
        self, area: Area, field: Field, level: float, fill: Color, values: Floats, name: str
    ) -> Iterator[Primitive]:
        outline = field.above(level)
        if len(outline):
            points = area.points(area.x(outline[:, 0]), area.y(outline[:, 1]))
            yield Path(role="region", points=points, fill=fill, values=values, name=name, clip=area.clip())

    def _lines(
        self, area: Area, field: Field, level: float, stroke: Stroke, values: Floats, name: str
    ) -> Iterator[Primitive]:
        lines = field.lines(level)
        if lines:
            gap = np.full((1, 2), np.nan)
            joined = np.concatenate([part for line in lines for part in (line, gap)][:-1])
            points = area.points(area.x(joined[:, 0]), area.y(joined[:, 1]))
            yield Path(role="contour", points=points, stroke=stroke, values=values, name=name, clip=area.clip(1.0))

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        """The amounts of lines, where a line runs level and nothing is in the way."""
        if self.surface is None or self.filled:
            return
        written = self.shades.write(np.array(self.levels))
        for level, words in zip(self.levels, written, strict=True):
            lines = self.surface.lines(level)
            if not lines:
                continue
            line = max(lines, key=len)
            points = area.points(area.x(line[:, 0]), area.y(line[:, 1]))
            steps = np.abs(np.diff(points, axis=0))
            steepness = steps[:, 1] / (steps.sum(axis=1) + 1e-9)
            for place in np.argsort(np.round(steepness, 1), kind="stable")[:60].tolist():
                x, y = points[place].tolist()
                label = text.place(
                    "contour-label", words, x, y, size=self.theme.label - 1.0, color=self.theme.text,
                    align="center", valign="middle", halo=self.theme.background,
                )  # fmt: skip
                if label.box.grown(2.0).inside(area.box) and crowd.claim(label.box, 4.0):
                    yield label
                    break

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        if self.surface is not None:
            field = self.surface
            known = field.z[np.isfinite(field.z)]
            if not len(known):
                return f"Contours of {self.layer.title('color')}, without values."
            low, high = self.shades.write(np.array([known.min(), known.max()]))
            subject = f"{self.layer.title('color')} over {self.layer.title('x')} and {self.layer.title('y')}"
            return f"Contours of {subject}. It ranges from {low} to {high}."
        count = sum(len(series.rows) for series in self.series)
        sentence = f"Contours of the density of {write.number(float(count))} points, {self.layer.subject}"
        names = [series.name for series in self.series if series.name]
        if names:
            sentence += f", by {self.layer.title('color')}: {listing(names)}"
        if len(self.densities) != 1:
            return sentence + "."
        half = self.densities[0][1]
        outline = half.above(half.level_of(0.5))
        places = []
        for name, values in (("x", outline[:, 0]), ("y", outline[:, 1])):
            ends = [float(np.nanmin(values)), float(np.nanmax(values))]
            is_time = self.layer.resolved.table[name].type == "time"
            low, high = write.dates(ends) if is_time else write.numbers(ends)
            places.append(f"{self.layer.title(name)} {low} to {high}")
        return f"{sentence}. The densest half lies within {' and '.join(places)}."


KIND = ContourKind
