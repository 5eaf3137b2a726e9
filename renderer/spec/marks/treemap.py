"""Treemaps: the parts of a whole, and their parts, as tiles."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import Labels, LabelsOption

Path = Annotated[tuple[Channel, ...], Field(strict=False, min_length=1, max_length=2)]


class Treemap(Mark):
    """Tiles as large as their amounts (value), in groups if the path has two levels."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "path": ("category",),
        "value": ("number",),
        "color": ("number", "category"),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("path/0", "path/1")
    may_miss: ClassVar[tuple[str, ...]] = ("value", "color")
    parts: ClassVar[str] = "tiles"

    kind: Literal["treemap"]
    path: Path
    """The names of tiles, or of groups and then of tiles: ["product"], or ["region", "product"]."""
    value: Channel
    """The size of each tile: zero or more."""
    color: ShadeChannel | None = None
    """By default groups are told apart; a column of numbers is shown along a ramp."""
    labels: LabelsOption = Field(default_factory=Labels)
    """Names and sizes, on the tiles that have room for them."""
    show: Literal["value", "percent", "name"] = "value"
    """What stands below a name: the size, its part of the whole, or nothing."""
