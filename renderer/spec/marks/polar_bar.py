"""Polar bars: amounts as lengths from a middle, as in wind roses and coxcombs."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption


class PolarBar(Mark):
    """Amounts (y) as sectors of a wheel, one for each category (x), split by colour.

    Points of the compass (N, NNE, ...) stand where they belong; other categories follow each other clockwise from the
    top. In a coxcomb the areas are in proportion: give axes.y the scale "sqrt".
    """

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("category",),
        "y": ("number",),
        "color": ("category",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    each_row: ClassVar[tuple[str, str, str] | None] = ("sectors", "x", "group them, by bins or a unit of time")

    kind: Literal["polar_bar"]
    x: Channel
    """The places around the middle."""
    y: Channel
    """The amounts."""
    color: ColorChannel | None = None
    stack: Literal["stacked", "grouped", "normalized", "overlay"] = "stacked"
    """How sectors of several colours share one place: on each other, side by side, as shares of 100 %, or in front of
    each other, the smaller before the larger."""
    inner: Annotated[float, Between(0.0, 0.8)] = 0.0
    """The hole in the middle, as a share of the radius."""
    start: Annotated[float, Between(-360.0, 360.0)] = 0.0
    """Where the middle of the first sector is, in degrees clockwise from the top."""
    gap: Annotated[float, Between(0.0, 0.9)] = 0.06
    """The share of each place that stays empty."""
    labels: LabelsOption = None
    """Values written on the sectors, or beyond their ends."""
