"""Strips: every value of each category as a point, spread a little to the sides."""

from __future__ import annotations

from typing import Annotated, Literal

from renderer.spec.samples import PointsMark
from renderer.spec.scalars import Between


class Strip(PointsMark):
    """A point for each row, at its value, within a strip for each category."""

    kind: Literal["strip"]
    jitter: Annotated[float, Between(0.0, 1.0)] = 0.5
    """How much of its place a strip takes: 0 puts all points on one line, 1 fills the place."""
