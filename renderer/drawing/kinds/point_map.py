"""Point maps. Channels: lon and lat (degrees), color (categories or numbers), size (numbers, as area), label
(categories: the names).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.areas import Areas
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.maps.atlas import atlas_of
from renderer.drawing.maps.sheet import Sheet, sheet
from renderer.drawing.scene import (
    Box,
    Color,
    Floats,
    Marker,
    Markers,
    Path,
    Primitive,
    Rows,
    Stroke,
    Text,
    finite_rows,
    lifted,
)
from renderer.drawing.shades import Shades
from renderer.drawing.theme import LIGHT
from renderer.spec.marks.point_map import PointMap

_LAND = 0.1  # of the text's colour in that of the land
_BORDER = 0.75
_SHRUNK = 0.65  # of their size have points in a picture of small letters
_LARGEST = 40.0  # diameter of a bubble
_RIMMED_UP_TO = 600  # points that get a rim in the colour of the background
_LABEL = 11.0
_GAP = 4.0  # pixels between a point and its name


class PointMapKind(Kind[PointMap]):
    """The land in one path, and many markers in few calls."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.lon, self.lat = numbers_of(table["lon"]), numbers_of(table["lat"])
        for channel, values, low, high in (("lon", self.lon, -180, 360), ("lat", self.lat, -90, 90)):
            wrong = values[(values < low) | (values > high)]
            if len(wrong):
                what = "longitudes" if channel == "lon" else "latitudes"
                raise layer.error(channel, f"{what} lie between {low} and {high} degrees, and there is {wrong[0]:g}")
        column = layer.column("color")
        self.amounts = numbers_of(column) if column is not None and column.type != "category" else None
        self.series = layer.series()
        style = self.mark.style
        count = len(self.lon)
        self.marker: Marker = (style.marker if style else None) or "circle"
        self.shrunk = _SHRUNK if layer.theme.label < LIGHT.label else 1.0
        self.diameter = (style.size if style else None) or self.shrunk * (
            8.0 if count <= 100 else 6.0 if count <= _RIMMED_UP_TO else 4.0 if count <= 5000 else 2.5
        )
        usual = 0.7 if self._areas is not None else 0.9 if count <= _RIMMED_UP_TO else 0.6
        self.opacity = style.opacity if style and style.opacity is not None else usual

    # Scales of colour and size ----------------------------------------------------------------------------------------

    @cached_property
    def _shades(self) -> Shades | None:
        if self.amounts is None:
            return None
        return Shades(self.amounts, self.layer, self.mark.color, title=self.layer.title("color"))

    @cached_property
    def _areas(self) -> Areas | None:
        column = self.layer.column("size")
        return None if column is None else Areas.of(numbers_of(column), _LARGEST * self.shrunk)

    @cached_property
    def _diameters(self) -> Floats:
        column = self.layer.column("size")
        if column is None or self._areas is None:
            return np.full(len(self.lon), self.diameter)
        return self._areas.diameters(numbers_of(column))

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        return Extent("number")

    def legend(self) -> tuple[Key, ...]:
        keys: list[Key] = []
        if self._shades is not None:
            keys.append(self._shades.key("top"))
        else:
            keys += self.layer.swatches(self.series, Entry("", self.theme.text, symbol="point", marker=self.marker))
        if self._areas is not None:
            keys.append(self._areas.key(self.layer, "size", self.theme.muted))
        return tuple(keys)

    def marks(self, area: Area) -> Iterator[Primitive]:
        drawn = sheet(self.mark, area.box)
        if self.mark.land if self.mark.land is not None else self.layer.alone:
            yield from self._land(drawn, replace(area, box=drawn.box).clip(1.0))
        points = drawn.points(self.lon, self.lat)
        inside = finite_rows(points)
        outside = len(points) - int(inside.sum())
        if outside:
            noun = "point lies" if outside == 1 else "points lie"
            self.layer.warn(f"{outside:,} {noun} outside of the map.")
        rows = np.flatnonzero(inside & np.isfinite(self._diameters))
        # The small ones on top of the large ones.
        rows = rows[np.argsort(-self._diameters[rows], kind="stable")]
        if not len(rows):
            return
        rim = Stroke(self.theme.background, 0.9) if len(points) <= _RIMMED_UP_TO else None
        yield Markers(
            role="point",
            points=points[rows],
            size=self.diameter if self._areas is None else self._diameters[rows],
            fill=self._fills()[rows],
            marker=self.marker,
            stroke=rim,
            values=self._values(rows),
            clip=area.clip(float(self._diameters[rows].max()) / 2 + 1.0),
        )

    def _land(self, drawn: Sheet, clip: Box) -> Iterator[Primitive]:
        atlas = atlas_of(self.mark.map)
        rings = [ring for place in range(len(atlas.regions)) for ring in drawn.region(place)]
        if rings:
            color = mix(self.theme.background, self.theme.text, _LAND)
            yield Path(role="land", points=lifted(rings), fill=color, closed=True, clip=clip)
        borders = drawn.borders()
        if borders:
            stroke = Stroke(self.theme.background, _BORDER, cap="round")
            yield Path(role="border", points=lifted(borders), stroke=stroke, clip=clip)

    def _values(self, rows: Rows) -> Floats | None:
        column = self.layer.column("size")
        if column is not None:
            return numbers_of(column)[rows]
        return None if self.amounts is None else self.amounts[rows]

    def _fills(self) -> Floats:
        """The colour of each row."""
        fills = np.empty((len(self.lon), 4))
        if self._shades is not None and self.amounts is not None:
            levels = self._shades.levels(self.amounts).astype(int)
            for level in np.unique(levels).tolist():
                fills[levels == level] = self._color(self._shades.of_level(level) if level >= 0 else self.theme.axis)
            return fills
        for series in self.series:
            fills[series.rows] = self._color(series.color)
        return fills

    def _color(self, color: Color) -> Color:
        return with_alpha(self.theme.line_color(color), self.opacity)

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        column = self.layer.column("label")
        if column is None:
            return
        points = sheet(self.mark, area.box).points(self.lon, self.lat)
        rows = np.flatnonzero(finite_rows(points) & np.isfinite(self._diameters))
        taken = Crowd(_square(points[row], float(self._diameters[row])) for row in rows.tolist())
        rows = rows[~column.missing[rows]]
        rows = rows[np.argsort(-self._diameters[rows], kind="stable")][: self.layer.limits.value_labels]
        left_out = 0
        fills = self._fills()
        for row in rows.tolist():
            name, diameter = column.values[row], float(self._diameters[row])
            inside = text.width(name, _LABEL) <= diameter - 2 * _GAP
            if inside:
                ink = self.theme.ink_on(_opaque(fills[row], self.theme.background))
                x, y = points[row].tolist()
                label = text.place("point-label", name, x, y, size=_LABEL, color=ink, align="center", valign="middle")
                if label.box.inside(area.box) and crowd.claim(label.box, 1.0):
                    yield label
                    continue
            for label in self._candidates(name, points[row], diameter / 2):
                if label.box.inside(area.box) and taken.free(label.box) and crowd.claim(label.box, 1.0):
                    yield label
                    break
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(rows)} names have no room.")

    def _candidates(self, name: str, point: Floats, radius: float) -> Iterator[Text]:
        """The name at the right of its point, at its left, above and below."""
        x, y = point.tolist()
        color, halo = self.theme.text, self.theme.background
        reach = radius + _GAP
        places: tuple[tuple[float, float, text.Align, text.Valign], ...] = (
            (x + reach, y, "left", "middle"),
            (x - reach, y, "right", "middle"),
            (x, y - reach, "center", "baseline"),
            (x, y + reach, "center", "top"),
        )
        for left, top, align, valign in places:
            yield text.place(
                "point-label", name, left, top, size=_LABEL, color=color, align=align, valign=valign, halo=halo
            )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        where = {"world": "the world", "us_states": "the United States"}.get(
            self.mark.map, self.mark.map.replace("_", " ").title()
        )
        sentence = f"Map of {where} with {write.number(float(len(self.lon)))} points"
        names = [series.name for series in self.series if series.name]
        if names:
            sentence += f", coloured by {self.layer.title('color')}: {listing(names)}"
        elif self.amounts is not None:
            sentence += f", coloured by {self.layer.title('color')}"
        column = self.layer.column("size")
        if column is not None and self.mark.size is not None:
            sizes = numbers_of(column)
            largest = int(np.nanargmax(sizes))
            low, high = write.numbers([float(np.nanmin(sizes)), float(sizes[largest])], self.mark.size.format)
            at = f" ({self.layer.place('label', largest)})" if "label" in self.layer.resolved.table else ""
            sentence += f". {self.layer.title('size')} ranges from {low} to {high}{at}"
        return sentence + "."


def _opaque(fill: Floats, background: Color) -> Color:
    """What a see-through colour looks like on the background."""
    red, green, blue, alpha = fill.tolist()
    return mix(background, (red, green, blue, 1.0), alpha)


def _square(point: Floats, diameter: float) -> Box:
    x, y = point.tolist()
    return Box(x - diameter / 2, y - diameter / 2, x + diameter / 2, y + diameter / 2)


KIND = PointMapKind
