"""Atlases: the regions of a map with their shapes and names, read once from the files beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from renderer.drawing.maps.names import folded, lookup, territories
from renderer.drawing.scene import Floats
from renderer.spec.errors import suggest
from renderer.spec.maps import MapName

AtlasName = Literal["world", "us_states"]
Ring = tuple[int, ...]
"""Arcs one after the other; ~n is arc n backwards."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A country or state. ``polygons`` are lists of rings, the first is the outline; ``point`` is its middle as
    longitude and latitude. A region without either is part of another on this map.
    """

    name: str
    codes: tuple[str, ...]
    polygons: tuple[tuple[Ring, ...], ...]
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """All regions, and the arcs (n, 2) of longitude and latitude that their rings are made of. ``inner`` are the arcs
    that two regions share.
    """

    regions: tuple[Region, ...]
    arcs: tuple[Floats, ...]
    inner: tuple[int, ...]
    places: dict[str, int]
    names: tuple[str, ...]
    countries: bool

    def find(self, text: str, locale: str) -> int | None:
        """The place of a region by a code or a name, English or in the chart's language."""
        key = folded(text)
        place = self.places.get(key)
        if place is None and self.countries:
            code = territories(locale).get(key)
            place = self.places.get(folded(code)) if code else None
        return place

    def near(self, text: str) -> list[str]:
        """The names that a text may have been meant to be."""
        return suggest(text, self.names, cutoff=0.7)


def atlas_of(name: MapName) -> Atlas:
    """The atlas that a map shows a part of."""
    return read("us_states" if name == "us_states" else "world")


@cache
def read(name: AtlasName) -> Atlas:
    """The atlas of a file."""
    text = resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    found = json.loads(text)
    arcs = tuple(_arc(steps, found["quantum"]) for steps in found["arcs"])
    regions = tuple(
        Region(
            region["names"][0],
            tuple(region["codes"]),
            tuple(tuple(map(tuple, polygon)) for polygon in region["polygons"]),
            tuple(region["point"]) if "point" in region else None,
        )
        for region in found["regions"]
    )
    uses = np.zeros(len(arcs), dtype=int)
    for region in regions:
        for polygon in region.polygons:
            for ring in polygon:
                uses[[arc if arc >= 0 else ~arc for arc in ring]] += 1
    return Atlas(
        regions,
        arcs,
        tuple(np.flatnonzero(uses > 1).tolist()),
        lookup((place, region["codes"], region["names"]) for place, region in enumerate(found["regions"])),
        tuple(name for region in found["regions"] for name in region["names"]),
        countries=name == "world",
    )


def _arc(steps: list[int], quantum: float) -> Floats:
    """Points from a first one and steps, in units of ``quantum`` degrees."""
    points: Floats = np.cumsum(np.array(steps, dtype=float).reshape(-1, 2), axis=0) * quantum
    return points
