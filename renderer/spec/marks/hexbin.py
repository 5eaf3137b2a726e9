"""Hexagonal bins: how many rows fall into each hexagon."""

from __future__ import annotations

from typing import Literal

from renderer.spec.marks.histogram2d import Binned, Bins


class Hexbin(Binned):
    """Hexagons coloured by how many rows are in them, or by an amount of those rows."""

    kind: Literal["hexbin"]
    bins: Bins | None = None
    """About how many hexagons from left to right."""
