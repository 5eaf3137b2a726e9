"""What marks on maps have in common: which part of the world, and how it is laid flat."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from renderer.spec.mark import Mark
from renderer.spec.scalars import wrong

MapName = Literal["world", "africa", "asia", "europe", "north_america", "south_america", "oceania", "us_states"]
Projection = Literal["equal_earth", "natural_earth", "mercator", "equirectangular", "azimuthal", "albers_usa"]


class MapMark(Mark):
    """A mark on a map."""

    map: MapName = "world"
    """The part of the world that is shown."""
    projection: Projection | None = None
    """How it is laid flat. By default areas are true: "equal_earth" for the world, "azimuthal" around the middle of a
    continent, and "albers_usa", which brings Alaska and Hawaii near, for the United States."""

    @model_validator(mode="after")
    def _suits(self) -> Self:
        if self.projection == "albers_usa" and self.map != "us_states":
            wrong("'albers_usa' shows the map 'us_states' only", at="projection")
        if self.projection == "azimuthal" and self.map == "world":
            wrong("'azimuthal' shows a continent; for the world take 'equal_earth'", at="projection")
        return self
