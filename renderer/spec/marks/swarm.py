"""Swarms: every value of each category as a point, side by side without overlap."""

from __future__ import annotations

from typing import Literal

from renderer.spec.samples import PointsMark


class Swarm(PointsMark):
    """A point for each row, at its value, moved aside just as far as it takes to see all of them."""

    kind: Literal["swarm"]
