"""Densities: how the values of one column are spread, as smooth curves."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.samples import Adjust, Bandwidth
from renderer.spec.scalars import wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import CurveStyle


class Density(Mark):
    """A kernel density estimate of x: a curve that is high where there are many rows."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"x": ("number", "time"), "color": ("category",)}
    ranked_by: ClassVar[Aggregate] = "median"

    kind: Literal["density"]
    style: CurveStyle | None = None
    x: Channel
    color: ColorChannel | None = None
    """A curve for each category."""
    stack: Literal["overlay", "stacked", "normalized"] = "overlay"
    """How curves of several colours share the place: in front of each other, on each other, or as shares of 100 %."""
    normalize: Literal["each", "all", "count"] | None = None
    """What the area under a curve is: 1 for each colour, 1 for all together, or the number of rows. By default "each"
    where curves lie in front of each other, else "all"."""
    fill: bool = True
    """Colour under the curves."""
    rug: bool = False
    """A short line at the bottom for each value."""
    bandwidth: Bandwidth = "auto"
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: Adjust = 1.0
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool = False
    """End at the outermost values; by default the curve runs out beyond them."""

    @property
    def raw(self) -> tuple[str, ...]:
        return ("x",)

    @model_validator(mode="after")
    def _parts_of_one(self) -> Self:
        if self.normalize == "each" and self.stack != "overlay":
            wrong('curves that are put on each other are parts of one whole: "all" or "count"', at="normalize")
        return self
