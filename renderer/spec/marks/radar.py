"""Radars: profiles over several qualities, each a spoke of a wheel."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption, LineStyle


class Radar(Mark):
    """Amounts (y) along spokes (x), joined to a closed line for each colour."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("category",),
        "y": ("number",),
        "color": ("category",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    kind: Literal["radar"]
    x: Channel
    """The spokes."""
    y: Channel
    """The amounts."""
    color: ColorChannel | None = None
    style: LineStyle | None = None
    fill: bool | None = None
    """The shapes are filled, palely. By default where there are at most two."""
    markers: bool | None = None
    """A marker at each point. By default only where they are few."""
    rings: Literal["polygon", "circle"] = "polygon"
    """The shape of the grid."""
    spokes: Literal["shared", "own"] = "shared"
    """"shared": all spokes have the scale of axes.y; "own": each ends at its own largest value, which is written
    there, for qualities of different units."""
    labels: LabelsOption = None
    """Values written at the points."""
