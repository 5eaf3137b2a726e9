"""Ridges: a density curve for each category, one behind the other."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.samples import Adjust, Bandwidth
from renderer.spec.scalars import Between
from renderer.spec.source import ColumnKind
from renderer.spec.style import CurveStyle


class Ridge(Mark):
    """How x is spread in each category (y): curves in rows that overlap like mountains."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("number", "time"),
        "y": ("category",),
        "color": ("category",),
    }
    ranked_by: ClassVar[Aggregate] = "median"

    kind: Literal["ridge"]
    style: CurveStyle | None = None
    x: Channel
    """The values, one a row, as they are."""
    y: Channel
    """Categories, from the rear to the front."""
    color: ColorChannel | None = None
    overlap: Annotated[float, Between(0.0, 4.0)] = 0.8
    """How far the highest curve reaches into the rows behind it, in rows; 0 keeps all apart."""
    heights: Literal["common", "own"] = "common"
    """Whether all curves share one scale, so that all have the same area, or each is as high as the others."""
    median: bool = False
    """A line at the median of each category."""
    bandwidth: Bandwidth = "auto"
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: Adjust = 1.0
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool = False
    """End at the outermost values; by default the curve runs out beyond them."""

    @property
    def raw(self) -> tuple[str, ...]:
        return ("x",)
