"""Heat maps: an amount for each pair of an x and a y, as colour."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import CellLabels, CellLabelsOption, Style


class Heatmap(Mark):
    """A cell for each x and y, coloured by an amount (or by a category)."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"color": ("number", "category")}
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "y")
    may_miss: ClassVar[tuple[str, ...]] = ("color",)

    kind: Literal["heatmap"]
    x: Channel
    """Across: categories, dates (with a unit such as "month(day)"), or numbers, which may be put into bins."""
    y: Channel
    """Upwards, or downwards in the order of categories."""
    color: ShadeChannel
    style: Style | None = None
    labels: CellLabelsOption = Field(default_factory=CellLabels)
    """The amounts written into the cells. By default where all of them fit."""
    gap: Annotated[float, Between(0.0, 20.0)] | None = None
    """Pixels between the cells of categories."""
