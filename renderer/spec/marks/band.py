"""Bands: how sure a line is, as a pale stripe along it."""

from __future__ import annotations

from typing import Literal

from renderer.spec.spread import SpreadMark
from renderer.spec.style import EdgeStyle


class Band(SpreadMark):
    """A stripe along x, alone with a line in its middle, or behind lines."""

    kind: Literal["band"]
    style: EdgeStyle | None = None
    line: bool | None = None
    """A line through the middles. By default only where the layer is alone and has middles."""
    edges: bool = False
    """Lines along both edges."""
    interpolate: Literal["linear", "step", "smooth"] = "linear"
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
