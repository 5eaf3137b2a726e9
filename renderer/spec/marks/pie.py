"""Pies: the parts of one whole, as sectors."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, Label
from renderer.spec.source import ColumnKind
from renderer.spec.style import Labels, LabelsOption


class Slices(Mark):
    """What pies and donuts have in common: a name (label) and an amount (value) for each slice."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"label": ("category",), "value": ("number",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value",)
    parts: ClassVar[str] = "slices"

    label: ColorChannel
    """The name of each slice, and its colour. Slices run from the largest to the smallest, unless `sort` says
    otherwise ("data" keeps the order of the rows)."""
    value: Channel
    """The size of each slice: zero or more."""
    labels: LabelsOption = Field(default_factory=Labels)
    """Names and sizes written at the slices: "auto" and "outside" put them in columns beside the pie, "inside" into the
    slices that have room. false leaves the names to a legend."""
    show: Literal["percent", "value", "both"] = "percent"
    """How sizes are written: as parts of the whole, as they are, or both."""
    group_below: Annotated[float, Between(0.0, 0.5)] = 0.0
    """Slices with a smaller part of the whole than this are collected into one."""
    other: Label = "Other"
    """The name of the slice that collects the small ones."""
    half: bool = False
    """Half a circle, from nine o'clock to three."""
    start: Annotated[float, Between(-360.0, 360.0)] = 0.0
    """Where a whole circle begins, in degrees clockwise from twelve o'clock."""


class Pie(Slices):
    """Parts of a whole as sectors of a disc."""

    kind: Literal["pie"]
