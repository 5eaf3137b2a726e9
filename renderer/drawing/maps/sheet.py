"""A map laid flat and fitted into a box: from degrees to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from renderer.drawing.maps import projections
from renderer.drawing.maps.atlas import Atlas, Ring, atlas_of
from renderer.drawing.maps.projections import Flatten
from renderer.drawing.scene import Box, Floats, finite_rows
from renderer.spec.maps import MapMark, MapName, Projection

_LONGEST = 1.5  # degrees of a straight line before it is bent by the projection
_FAR = 100.0  # degrees from the middle of a continent: what lies beyond is not drawn
_BEYOND = 1.5  # of the size of a continent is shown, at most
_ANTARCTICA = -60.0  # degrees: what lies south of it is left out of the world


@dataclass(frozen=True, slots=True)
class _View:
    """A part of the world: its middle, and from where to where it reaches, west, south, east, north."""

    middle: tuple[float, float]
    reach: tuple[float, float, float, float]


_VIEWS: Final[dict[MapName, _View]] = {
    "africa": _View((17.0, 2.0), (-18.0, -35.5, 52.0, 38.0)),
    "asia": _View((88.0, 32.0), (30.0, -11.0, 146.0, 56.0)),
    "europe": _View((14.0, 53.0), (-11.0, 35.0, 39.0, 71.0)),
    "north_america": _View((-97.0, 44.0), (-140.0, 8.0, -55.0, 71.0)),
    "south_america": _View((-60.0, -21.0), (-82.0, -56.0, -34.0, 13.0)),
    "oceania": _View((147.0, -23.0), (112.0, -47.5, 180.0, 1.0)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """All regions of a map on the plane: the rings of each by its place, the borders within, and what is shown."""

    regions: tuple[tuple[Floats, ...], ...]
    borders: tuple[Floats, ...]
    bounds: Box  # of the plane, y to the north
    flatten: Flatten


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A map in a box of pixels."""

    atlas: Atlas
    flat: Flat
    box: Box
    scale: float

    def pixels(self, plane: Floats) -> Floats:
        """Points of the plane on the sheet."""
        bounds, box = self.flat.bounds, self.box
        result: Floats = (plane - bounds.center) * (self.scale, -self.scale) + box.center
        return result

    def region(self, place: int) -> list[Floats]:
        """The rings of a region that have a part in the box."""
        rings = [self.pixels(ring) for ring in self.flat.regions[place]]
        return [ring for ring in rings if _box(ring).overlaps(self.box)]

    def borders(self) -> list[Floats]:
        """The lines between neighbours."""
        lines = [self.pixels(line) for line in self.flat.borders]
        return [line for line in lines if _box(line).overlaps(self.box)]

    def points(self, longitude: Floats, latitude: Floats) -> Floats:
        """Places (n, 2) on the sheet; NaN where one is not on the map."""
        points = self.pixels(self.flat.flatten(np.column_stack([longitude, latitude])))
        inside = finite_rows(points)
        box = self.box.grown(0.5)
        inside &= (points[:, 0] >= box.x0) & (points[:, 0] <= box.x1)
        inside &= (points[:, 1] >= box.y0) & (points[:, 1] <= box.y1)
        points[~inside] = np.nan
        return points


def sheet(mark: MapMark, box: Box) -> Sheet:
    """The map of a mark, as large as it can be in the box."""
    projection: Projection = mark.projection or (
        "equal_earth" if mark.map == "world" else "albers_usa" if mark.map == "us_states" else "azimuthal"
    )
    flat = _flat(mark.map, projection)
    bounds = flat.bounds
    scale = min(box.width / bounds.width, box.height / bounds.height)
    whole = mark.map not in _VIEWS
    # A part of the world goes on beyond its limits, as far as the box and a look that is not distorted allow.
    beyond = 1.0 if whole else _BEYOND
    half_width = min(box.width, bounds.width * scale * beyond) / 2
    half_height = min(box.height, bounds.height * scale * beyond) / 2
    x, y = box.center
    return Sheet(atlas_of(mark.map), flat, Box(x - half_width, y - half_height, x + half_width, y + half_height), scale)


@lru_cache(maxsize=16)
def _flat(name: MapName, projection: Projection) -> Flat:
    atlas, view = atlas_of(name), _VIEWS.get(name)
    middle = view.middle if view else (-96.0, 38.0) if name == "us_states" else (0.0, 0.0)
    project = _projection(projection, middle[1])
    turned = middle[0] if projection != "albers_usa" else 0.0

    def flatten(points: Floats) -> Floats:
        """Places as they come: each around the middle."""
        if projection == "albers_usa":
            return project(points)
        return project(np.column_stack([(points[:, 0] - turned + 180.0) % 360.0 - 180.0, points[:, 1]]))

    def flatten_ring(points: Floats) -> Floats:
        """A line as a whole, so that none is torn apart on the far side of the globe."""
        shift = 360.0 * np.round((points[:, 0].mean() - turned) / 360.0)
        return project(points - (turned + shift, 0.0)) if projection != "albers_usa" else project(points)

    regions = tuple(
        tuple(
            flatten_ring(_dense(points))
            for polygon in region.polygons
            for ring in polygon
            if _shown(points := _joined(ring, atlas), view, name)
        )
        for region in atlas.regions
    )
    lines = [atlas.arcs[arc] for arc in atlas.inner]
    borders = tuple(flatten_ring(_dense(line)) for line in lines if _shown(line, view, name))
    if view is None:
        corners = np.concatenate([ring for rings in regions for ring in rings])
    else:
        west, south, east, north = view.reach
        frame = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
        corners = flatten_ring(_dense(frame))
    low, high = np.nanmin(corners, axis=0), np.nanmax(corners, axis=0)
    return Flat(regions, borders, Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])), flatten)


def _projection(name: Projection, latitude: float) -> Flatten:
    match name:
        case "equal_earth":
            return projections.equal_earth
        case "natural_earth":
            return projections.natural_earth
        case "mercator":
            return projections.mercator
        case "equirectangular":
            return projections.equirectangular
        case "albers_usa":
            return projections.albers_usa
        case "azimuthal":
            return projections.azimuthal(latitude)


def _joined(ring: Ring, atlas: Atlas) -> Floats:
    parts = [atlas.arcs[arc] if arc >= 0 else atlas.arcs[~arc][::-1] for arc in ring]
    return np.concatenate([part if number == 0 else part[1:] for number, part in enumerate(parts)])


def _dense(line: Floats) -> Floats:
    """The line with points so near to each other that a projection bends it as it should."""
    steps = np.maximum(1, np.ceil(np.abs(np.diff(line, axis=0)).max(axis=1) / _LONGEST)).astype(int)
    if (steps == 1).all():
        return line
    places = np.concatenate([[0], np.cumsum(steps)])
    grid = np.arange(places[-1] + 1)
    return np.column_stack([np.interp(grid, places, line[:, 0]), np.interp(grid, places, line[:, 1])])


def _shown(line: Floats, view: _View | None, name: MapName) -> bool:
    """Whether a line belongs on the map: not Antarctica, and nothing from the far side of the globe."""
    if name == "world":
        return bool(line[:, 1].max() > _ANTARCTICA)
    return view is None or _farthest(line, view.middle) < _FAR


def _farthest(line: Floats, middle: Sequence[float]) -> float:
    """Degrees along the globe from the middle to the farthest point of a line."""
    x, y = np.radians(line - (middle[0], 0.0)).T
    latitude = np.radians(middle[1])
    near = np.sin(latitude) * np.sin(y) + np.cos(latitude) * np.cos(y) * np.cos(x)
    return float(np.degrees(np.arccos(np.clip(near.min(), -1.0, 1.0))))


def _box(points: Floats) -> Box:
    known = points[finite_rows(points)]
    if not len(known):
        return Box(np.inf, np.inf, -np.inf, -np.inf)
    low, high = known.min(axis=0), known.max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
