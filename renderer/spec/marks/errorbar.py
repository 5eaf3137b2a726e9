"""Error bars: how sure a value is, as a stroke through it."""

from __future__ import annotations

from typing import Literal

from renderer.spec.spread import SpreadMark
from renderer.spec.style import LabelsOption, LineStyle


class ErrorBar(SpreadMark):
    """A stroke along y at each x, alone with a point in its middle, or on bars and lines."""

    kind: Literal["errorbar"]
    style: LineStyle | None = None
    points: bool | None = None
    """A point in the middle. By default only where the layer is alone."""
    caps: bool = True
    """Short strokes across the ends."""
    horizontal: bool = False
    """The strokes lie, and x runs upwards."""
    labels: LabelsOption = None
    """The values of the middles, written beside them."""
