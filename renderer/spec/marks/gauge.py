"""Gauges: where one value stands between two ends."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from renderer.spec.channel import Amount, Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, Color, FormatText, Label, Number, wrong
from renderer.spec.source import ColumnKind


class Gauge(Mark):
    """One value on a round scale from min to max, with bands that say how good it is."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "value": ("number",),
        "min": ("number",),
        "max": ("number",),
        "target": ("number",),
    }
    may_miss: ClassVar[tuple[str, ...]] = ("value",)

    kind: Literal["gauge"]
    title: Label | None = None
    """What the value is, below it. In the short form this is the title of the chart."""
    value: Channel
    """The value: an aggregate such as "last(cpu)", or a column, whose last row counts."""
    min: Amount | None = None
    """Where the scale begins; 0 by default."""
    max: Amount | None = None
    """Where the scale ends; 100 by default."""
    target: Amount | None = None
    """A mark across the scale."""
    bands: Annotated[tuple[Number, ...], Field(strict=False, max_length=9)] = ()
    """Where one band ends and the next begins, in ascending order: [70, 90] makes three bands."""
    colors: Annotated[tuple[Color, ...], Field(strict=False, min_length=1, max_length=10)] | None = None
    """The colours of the bands, from the lowest up, or the one of a scale without bands."""
    good: Literal["low", "high"] = "low"
    """Which end of the bands is green: loads are good when low, ratings when high."""
    sweep: Annotated[float, Between(90.0, 330.0)] = 220.0
    """How far the scale reaches around, in degrees; 180 is half a circle."""
    format: FormatText | None = None
    """How numbers are written."""

    @model_validator(mode="after")
    def _bands_in_order(self) -> Self:
        for low, high in pairwise(self.bands):
            if not low < high:
                wrong(f"bands ascend, and {high:g} comes after {low:g}", at="bands")
        if self.colors is not None and len(self.colors) != len(self.bands) + 1:
            count = len(self.bands) + 1
            wrong(f"must be {count} {'colour' if count == 1 else 'colours'}, one for each band", at="colors")
        return self
