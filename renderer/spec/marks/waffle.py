"""Waffles: the parts of one whole, counted in squares."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between
from renderer.spec.source import ColumnKind
from renderer.spec.style import Labels, LabelsOption


class Waffle(Mark):
    """A grid of squares, of which each part gets as many as are its share."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"label": ("category",), "value": ("number",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value",)
    parts: ClassVar[str] = "parts"

    kind: Literal["waffle"]
    label: ColorChannel
    """The name of each part, and its colour. Parts run from the largest to the smallest, unless `sort` says otherwise
    ("data" keeps the order of the rows)."""
    value: Channel
    """The size of each part: zero or more."""
    per_square: Annotated[float, Between(1e-12, 1e300)] | None = None
    """The amount that one square stands for; without it, all squares together are the whole, 100 by default."""
    rows: Annotated[int, Between(1, 50)] | None = None
    """How many squares are above each other; by default as many as make them large."""
    columns: Annotated[int, Between(1, 100)] | None = None
    """How many squares are beside each other."""
    shape: Literal["square", "circle"] = "square"
    """What is counted."""
    show: Literal["percent", "value", "both"] = "percent"
    """How sizes are written: as parts of the whole, as they are, or both."""
    labels: LabelsOption = Field(default_factory=Labels)
    """Sizes written at the names."""
