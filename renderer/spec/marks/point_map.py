"""Point maps: places on a map; with size, bubbles."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel
from renderer.spec.maps import MapMark
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import PointStyle


class PointMap(MapMark):
    """A point for each row, at its longitude and latitude."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "lon": ("number",),
        "lat": ("number",),
        "color": ("number", "category"),
        "size": ("number",),
        "label": ("category",),
    }

    may_miss: ClassVar[tuple[str, ...]] = ("label",)

    kind: Literal["point_map"]
    lon: Channel
    """Longitude in degrees, positive eastwards."""
    lat: Channel
    """Latitude in degrees, positive northwards."""
    color: ShadeChannel | None = None
    size: Channel | None = None
    """An amount shown as the area of the point."""
    label: Channel | None = None
    """Names written beside the points, where there is room; the largest first."""
    style: PointStyle | None = None
    land: bool | None = None
    """The land below the points. By default it is drawn where the layer is alone."""
