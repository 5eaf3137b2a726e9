"""Donuts: pies with a hole."""

from __future__ import annotations

from typing import Annotated, Literal

from renderer.spec.marks.pie import Slices
from renderer.spec.scalars import Between, Title


class Donut(Slices):
    """Parts of a whole as sectors of a ring, with words in its middle."""

    kind: Literal["donut"]
    hole: Annotated[float, Between(0.2, 0.9)] = 0.62
    """The diameter of the hole, as a part of the whole."""
    center: Title | None = None
    """What stands in the middle: a large line, and small ones below it; "" for nothing. By default the total."""
