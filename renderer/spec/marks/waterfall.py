"""Waterfalls: how one amount becomes another, step by step."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.base import Model
from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Color, Label
from renderer.spec.source import ColumnKind
from renderer.spec.style import Labels, LabelsOption


class StepColors(Model):
    """The colours of steps."""

    up: Color | None = None
    """Of what adds."""
    down: Color | None = None
    """Of what takes away."""
    total: Color | None = None
    """Of totals."""


class Waterfall(Mark):
    """Changes (value) one after the other (label), each bar beginning where the one before ends."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"label": ("category",), "value": ("number",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value",)

    kind: Literal["waterfall"]
    label: Channel
    """The name of each step."""
    value: Channel
    """By how much each step changes the amount; for totals, the amount itself, or nothing: then it is added up."""
    totals: Annotated[tuple[Label, ...], Field(strict=False, max_length=50)] = ()
    """The steps that are no changes but amounts, by name: they stand on zero."""
    final: Label | None = None
    """The name of one more bar at the end: what all adds up to."""
    connectors: bool = True
    """Thin lines from where a bar ends to where the next begins."""
    colors: StepColors = Field(default_factory=StepColors)
    """By default green for more, red for less, and grey for totals; or the first colours of the chart's palette."""
    horizontal: bool | None = None
    """Bars lie, and steps run downwards. By default they lie where the names of steps are long."""
    labels: LabelsOption = Field(default_factory=Labels)
    """Values written at the bars: changes with their sign, totals without."""
