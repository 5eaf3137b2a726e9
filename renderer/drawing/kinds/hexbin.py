"""Hexagons. Channels: x and y (numbers, dates), color (an aggregate; by default the count)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.drawing.binning import amounts_of, fair_bins, finite_of
from renderer.drawing.color import with_alpha
from renderer.drawing.extent import Extent, extent_of_values
from renderer.drawing.keys import Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Floats, Path, Primitive, Rows, finite_rows
from renderer.drawing.shades import Shades
from renderer.spec.marks.hexbin import Hexbin

_AIR = 0.03  # of the axes, for the hexagons at their ends
_LEAST, _MOST = 2.5, 60.0  # radius in pixels
_GAP = 0.6  # pixels that each hexagon leaves to its neighbours, where it is large enough
_CORNERS = np.radians(np.arange(-90.0, 271.0, 60.0))


class HexbinKind(Kind[Hexbin]):
    """Regular hexagons on the sheet: which rows share one is known when the area is."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.amounts = amounts_of(layer, self.mark.color)
        self.x, self.y, self.rows = finite_of(layer)
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        # Until the area is known, one for all: the legend has to be measured.
        self._fill(np.zeros(len(self.rows), dtype=np.intp))
        self.settled = False

    def _fill(self, cells: Rows) -> Rows:
        found, self.values, self.counts = self.amounts.of(cells, self.rows, self.mark.least)
        self.__dict__.pop("shades", None)
        return found

    @cached_property
    def shades(self) -> Shades:
        title = self.amounts.title
        return Shades(self.values, self.layer, self.mark.color, title=title, zero=self.amounts.counted)

    def extent(self, axis: AxisName) -> Extent:
        values = self.x if axis == "x" else self.y
        return extent_of_values(values, self.layer.resolved.table[axis].type, air=_AIR, nice=True)

    def legend(self) -> tuple[Key, ...]:
        return (self.shades.key(),)

    def settle(self, area: Area) -> bool:
        if self.settled:
            return False
        self.settled = True
        self._centers(area)
        return True

    def _centers(self, area: Area) -> tuple[Floats, float]:
        """Sorts the rows into hexagons; (n, 2) centres and the radius, in pixels."""
        box = area.box
        if self.mark.bins:
            pitch = box.width / self.mark.bins
        else:
            # As many as are fair along the side of a square of the same area.
            pitch = math.sqrt(box.width * box.height) / fair_bins(len(self.rows))
        radius = min(_MOST, max(_LEAST, pitch / math.sqrt(3)))
        points = area.points(area.x(self.x), area.y(self.y))
        here = finite_rows(points)
        # Far outside of an area with limits of its own, indices would overflow.
        points = np.where(here[:, None], points, box.x0)
        points = np.clip(points, (box.x0 - box.width, box.y0 - box.height), (box.x1 + box.width, box.y1 + box.height))
        column, row = nearest_hexagons(points - np.array([box.x0, box.y1]), radius)
        span = int(row.max(initial=0) - row.min(initial=0)) + 1
        low = int(row.min(initial=0))
        cells = (2 * column + (row % 2)) * span + (row - low)
        cells = np.where(here, cells, np.iinfo(np.intp).max)
        found = self._fill(cells)
        twice, rows = np.divmod(found, span)
        centers = np.column_stack([twice / 2 * math.sqrt(3) * radius, (rows + low) * 1.5 * radius])
        centers[found == np.iinfo(np.intp).max] = np.nan
        return centers + np.array([box.x0, box.y1]), radius

    def marks(self, area: Area) -> Iterator[Primitive]:
        centers, radius = self._centers(area)
        inner = radius - _GAP if radius > 5 * _GAP else radius
        corners = np.column_stack([np.cos(_CORNERS), np.sin(_CORNERS)]) * inner
        outlines = np.full((len(centers), len(corners) + 1, 2), np.nan)
        outlines[:, :-1] = centers[:, None, :] + corners
        levels = self.shades.levels(self.values)
        levels[~np.isfinite(centers[:, 0])] = -1
        for level in np.unique(levels[levels >= 0]).tolist():
            chosen = np.flatnonzero(levels == level)
            yield Path(
                role="hexagon",
                points=outlines[chosen].reshape(-1, 2)[:-1],
                fill=with_alpha(self.shades.of_level(int(level)), self.opacity),
                values=self.values[chosen],
                clip=area.clip(),
            )

    def facts(self) -> str:
        write = self.layer.writer
        sentence = f"Hexagonal bins of {write.number(float(len(self.rows)))} rows, {self.layer.subject}"
        known = self.values[np.isfinite(self.values)]
        if not len(known):
            return sentence + "."
        low, high = self.shades.write(np.array([known.min(), known.max()]))
        return f"{sentence}. {self.amounts.title} of a hexagon ranges from {low} to {high}."


def nearest_hexagons(points: Floats, radius: float) -> tuple[Rows, Rows]:
    """Column and row of the pointy-topped hexagon that each of (n, 2) points lies in; odd rows are half a hexagon to
    the right. Centres are 1.5 radii apart from row to row, and sqrt(3) radii from column to column.

    Uber's and d3's way: round to the nearest centre of a row, and take one of the next row where that is nearer.
    """
    x, y = points[:, 0] / (radius * math.sqrt(3)), points[:, 1] / (radius * 1.5)
    row = np.round(y)
    column = np.round(x - (row % 2) / 2)
    beside = np.where(y < row, row - 1, row + 1)
    other = np.round(x - (beside % 2) / 2)

    def distance(columns: Floats, rows: Floats) -> Floats:
        across, down = (x - columns - (rows % 2) / 2) * math.sqrt(3), (y - rows) * 1.5
        result: Floats = across**2 + down**2
        return result

    nearer = distance(other, beside) < distance(column, row)
    return np.where(nearer, other, column).astype(np.intp), np.where(nearer, beside, row).astype(np.intp)


KIND = HexbinKind
