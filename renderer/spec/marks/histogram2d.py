"""Histograms over two dimensions: how many rows fall into each cell of a grid."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, wrong
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import Style

Bins = Annotated[int, Between(2, 200)]


class Binned(Mark):
    """What rows in a plane share, whatever the shape of the cells."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"x": ("number", "time"), "y": ("number", "time")}
    reduces: ClassVar[tuple[str, ...]] = ("color",)
    may_miss: ClassVar[tuple[str, ...]] = ("color",)

    x: Channel
    y: Channel
    color: ShadeChannel | None = None
    """What the rows of a cell come to: "count()", which is the default, or an amount such as "mean(price)"."""
    least: Annotated[int, Between(1, 1_000_000)] = 1
    """Leave out cells with fewer rows: the mean of one row says little."""
    style: Style | None = None

    @model_validator(mode="after")
    def _rows_as_they_are(self) -> Self:
        for name in ("x", "y"):
            if getattr(self, name).agg is not None:
                wrong(f"{name} places each row in a cell: give a column without an aggregate", at=name)
        return self


class Histogram2D(Binned):
    """Rectangles coloured by how many rows are in them, or by an amount of those rows."""

    kind: Literal["histogram2d"]
    bins: Bins | None = None
    """About how many cells along each axis; their limits are round. An axis may have its own:
    "x": {"field": "price", "bin": {"step": 5}}."""
