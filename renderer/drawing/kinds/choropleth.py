"""Choropleths. Channels: region (countries or states, by code or name), color (numbers or categories)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from matplotlib.path import Path as MplPath

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.classes import Classes, quantile_limits
from renderer.drawing.color import contrast, mix, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.maps.atlas import atlas_of
from renderer.drawing.maps.sheet import Sheet, sheet
from renderer.drawing.scene import Color, Floats, Markers, Path, Primitive, Stroke, Text, lifted
from renderer.drawing.shades import Shades
from renderer.drawing.writing import NO_VALUE
from renderer.spec.errors import any_of, did_you_mean, show
from renderer.spec.marks.choropleth import Choropleth

_BORDER = 0.75  # pixels between neighbours
_LAND = 0.13  # of the text's colour in that of land without data
_FAINT = 1.2  # contrast to the background, below which a region needs an outline
_TINY, _DOT = 3.5, 6.0  # pixels across a country that is shown as a dot, and the dot
_LABEL = 11.0
_PLACES = 15  # along each side of a region, that are tried for its label
_NAMED = 3  # regions that a warning names


class ChoroplethKind(Kind[Choropleth]):
    """One path for each region, and one for the borders between them."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.atlas = atlas_of(self.mark.map)
        column = layer.resolved.table["color"]
        self.amounts = numbers_of(column) if column.type != "category" else None
        self.rows = self._match()
        self.land = mix(self.theme.background, self.theme.text, _LAND)
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.series = layer.series() if self.amounts is None else []

    def _match(self) -> dict[int, int]:
        """The row of each region that is named, by its place in the atlas. Raises SpecError for one named twice."""
        names = self.layer.resolved.table["region"].values.tolist()
        locale = str(self.layer.writer.numerals.locale)
        rows: dict[int, int] = {}
        unknown: list[str] = []
        apart: list[str] = []
        for row, name in enumerate(names):
            place = self.atlas.find(name, locale)
            if place is None:
                unknown.append(name)
            elif place in rows:
                region = self.atlas.regions[place].name
                both = f"{show(names[rows[place]])} and {show(name)}"
                raise self.layer.error("region", f"{both} are both {region}: say what to make of them, or drop one")
            else:
                rows[place] = row
                if not self.atlas.regions[place].polygons and self.atlas.regions[place].point is None:
                    apart.append(name)
        if not rows:
            what = "country" if self.atlas.countries else "state of the United States"
            hint = did_you_mean(self.atlas.near(unknown[0]))
            raise self.layer.error("region", f"no row names a {what}: {show(unknown[0])} is none{hint}")
        if unknown:
            self.layer.warn(self._mention(unknown))
        if apart:
            shown = any_of(apart[:_NAMED])
            self.layer.warn(f"The map has no shape of its own for {shown}.")
        return rows

    def _mention(self, unknown: list[str]) -> str:
        shown = [f"{show(name)}{self._meant(name)}" for name in unknown[:_NAMED]]
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        noun = "name is" if len(unknown) == 1 else "names are"
        return f"{len(unknown):,} {noun} not on the map: {', '.join(shown)}{more}."

    def _meant(self, name: str) -> str:
        near = self.atlas.near(name)
        return f" (did you mean {show(near[0])}?)" if near else ""

    # Colours ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _shades(self) -> Shades | Classes | None:
        """The colours of amounts: along a ramp, or in classes."""
        if self.amounts is None:
            return None
        title, channel, classes = self.layer.title("color"), self.mark.color, self.mark.classes
        known = self.amounts[list(self.rows.values())]
        if classes is not None:
            limits = quantile_limits(known, classes) if isinstance(classes, int) else np.array(classes)
            return Classes(self.layer, channel, limits, title=title)
        return Shades(known, self.layer, channel, title=title, edges=self._bins(known))

    def _bins(self, known: Floats) -> Floats | None:
        """The limits of the bins that the values are the middles of, if they were put into bins."""
        step = self.layer.resolved.steps.get("color")
        if step is None or not np.isfinite(known).any():
            return None
        low, high = float(np.nanmin(known)) - step / 2, float(np.nanmax(known)) + step / 2
        return np.linspace(low, high, round((high - low) / step) + 1)

    @cached_property
    def _fills(self) -> dict[int, Color]:
        """The colour of each region that has data."""
        places = list(self.rows)
        if self._shades is not None and self.amounts is not None:
            values = self.amounts[[self.rows[place] for place in places]]
            colors = self._shades.fills(values).tolist()
            known = np.isfinite(values).tolist()
            return {
                place: with_alpha((color[0], color[1], color[2], color[3]), self.opacity)
                for place, color, has in zip(places, colors, known, strict=True)
                if has
            }
        of_row = {int(row): series.color for series in self.series if series.name for row in series.rows}
        missing = self.layer.resolved.table["color"].missing
        return {
            place: with_alpha(of_row[row], self.opacity)
            for place, row in self.rows.items()
            if row in of_row and not missing[row]
        }

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        return Extent("number")

    def legend(self) -> tuple[Key, ...]:
        empty = any(region.polygons and place not in self._fills for place, region in enumerate(self.atlas.regions))
        missing = Entry(_no_data(self.layer), self.land) if empty else None
        if self._shades is not None:
            return (replace(self._shades.key("top"), missing=missing),)
        known = [series for series in self.series if series.name != NO_VALUE]
        entries = tuple(Entry(series.name, series.color) for series in known) + ((missing,) if missing else ())
        return (Swatches(self.layer.title("color"), entries, self.mark.color.legend),)

    def marks(self, area: Area) -> Iterator[Primitive]:
        drawn = sheet(self.mark, area.box)
        clip = replace(area, box=drawn.box).clip(1.0)
        dots = self._specks(drawn)
        for place in range(len(self.atlas.regions)):
            rings = drawn.region(place)
            if not rings:
                continue
            points = lifted(rings)
            yield Path(
                role="region" if place in self._fills else "land",
                points=points,
                fill=self._fills.get(place, self.land),
                stroke=self._outline(place),
                closed=True,
                values=self._value(place),
                name=self.atlas.regions[place].name,
                clip=clip,
            )
            if place in self._fills and _across(points) < _TINY:
                dots[place] = np.nanmean(points, axis=0)
        borders = drawn.borders()
        if borders:
            stroke = Stroke(self.theme.background, _BORDER, cap="round")
            yield Path(role="border", points=lifted(borders), stroke=stroke, clip=clip)
        for place, point in dots.items():
            yield Markers(
                role="region-dot",
                points=point[None, :],
                size=_DOT,
                fill=self._fills[place],
                stroke=Stroke(self.theme.background, _BORDER),
                values=self._value(place),
                name=self.atlas.regions[place].name,
                clip=clip,
            )

    def _specks(self, drawn: Sheet) -> dict[int, Floats]:
        """Where countries with data are that are too small for a shape: Monaco, Liechtenstein."""
        regions = self.atlas.regions
        middles = {place: regions[place].point for place in self._fills if not regions[place].polygons}
        known = {place: np.array(middle) for place, middle in middles.items() if middle is not None}
        points = {place: drawn.points(middle[:1], middle[1:])[0] for place, middle in known.items()}
        return {place: point for place, point in points.items() if np.isfinite(point).all()}

    def _outline(self, place: int) -> Stroke | None:
        """A thin line around a region whose colour is nearly that of the sea: the middle of a diverging palette."""
        color = self._fills.get(place)
        faint = (
            color is not None and contrast(mix(self.theme.background, color, color[3]), self.theme.background) < _FAINT
        )
        return Stroke(self.theme.axis, _BORDER) if faint else None

    def _value(self, place: int) -> Floats | None:
        row = self.rows.get(place)
        return None if row is None or self.amounts is None else self.amounts[[row]]

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        drawn = sheet(self.mark, area.box)
        written = self._written(options.format)
        for place, color in self._fills.items():
            words = written[self.rows[place]]
            spot = _spot(drawn, place, text.width(words, _LABEL), text.cap_height(_LABEL))
            if spot is None:
                continue
            ink = self.theme.ink_on(color)
            label = text.place("value-label", words, *spot, size=_LABEL, color=ink, align="center", valign="middle")
            if label.box.inside(drawn.box) and crowd.claim(label.box, 1.0):
                yield label

    def _written(self, style: str | None) -> list[str]:
        if self.amounts is None:
            return [str(value) for value in self.layer.resolved.table["color"].values.tolist()]
        return self.layer.writer.numbers(self.amounts.tolist(), style or self.mark.color.format)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        where = {"world": "the world", "us_states": "the United States"}.get(
            self.mark.map, self.mark.map.replace("_", " ").title()
        )
        title = self.layer.title("color")
        count = self.layer.writer.number(float(len(self._fills)))
        one, several = ("country", "countries") if self.atlas.countries else ("state", "states")
        noun = one if len(self._fills) == 1 else several
        sentence = f"Map of {where}: {title} of {count} {noun}"
        if self.amounts is None:
            return f"{sentence}, in {listing([series.name for series in self.series if series.name != NO_VALUE])}."
        places = list(self._fills)
        if not places:
            return f"{sentence}."
        values = self.amounts[[self.rows[place] for place in places]]
        high, low = int(np.argmax(values)), int(np.argmin(values))
        most, least = self.layer.writer.numbers([float(values[high]), float(values[low])], self.mark.color.format)
        names = [self.atlas.regions[places[index]].name for index in (high, low)]
        return f"{sentence}. The highest is {names[0]} ({most}), the lowest {names[1]} ({least})."


def _across(points: Floats) -> float:
    """The longer side of what the points cover."""
    return float(np.max(np.nanmax(points, axis=0) - np.nanmin(points, axis=0)))


def _spot(drawn: Sheet, place: int, width: float, height: float) -> tuple[float, float] | None:
    """The middle of a place for a label within a region: near its middle, with all of its rim inside."""
    rings = drawn.region(place)
    if not rings:
        return None
    ring = max(rings, key=_across)
    low, high = np.nanmin(ring, axis=0), np.nanmax(ring, axis=0)
    room = (high - low) - (width + 4, height + 4)
    if (room <= 0).any():
        return None
    steps = np.linspace(-0.5, 0.5, _PLACES)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    centers = (low + high) / 2 + offsets[np.argsort(np.hypot(*offsets.T), kind="stable")] * room
    rim = np.array([(x, y) for x in (-0.5, -0.25, 0.0, 0.25, 0.5) for y in (-0.5, 0.0, 0.5)]) * (width + 4, height + 4)
    within = MplPath(ring).contains_points((centers[:, None, :] + rim).reshape(-1, 2)).reshape(len(centers), -1)
    found = np.flatnonzero(within.all(axis=1))
    if not len(found):
        return None
    x, y = centers[found[0]].tolist()
    return x, y


def _no_data(layer: Layer) -> str:
    """What regions without data are called, in the chart's language where it is known."""
    return _NO_DATA.get(layer.writer.numerals.locale.language, "No data")


_NO_DATA = {
    "de": "Keine Daten", "es": "Sin datos", "fr": "Pas de données", "it": "Nessun dato", "nl": "Geen gegevens",
    "pl": "Brak danych", "pt": "Sem dados", "sv": "Inga data", "tr": "Veri yok", "ja": "データなし", "zh": "无数据",
}  # fmt: skip

KIND = ChoroplethKind
