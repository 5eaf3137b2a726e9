"""Bars: one amount for each category, stacked, side by side, as shares, or as lollipops."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.mark import XYMark
from renderer.spec.scalars import wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import FillStyle, LabelsOption
from renderer.spec.uncertainty import Uncertainty


class Bar(XYMark):
    """Amounts (y) by category, time or bin (x), split by colour."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"y": ("number",), "color": ("category",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("x", "color")
    may_miss: ClassVar[tuple[str, ...]] = ("y",)

    each_row: ClassVar[tuple[str, str, str] | None] = ("bars", "x", "group them, by 'top', bins or a unit of time")

    kind: Literal["bar"]
    style: FillStyle | None = None
    stack: Literal["stacked", "grouped", "normalized", "overlay", "diverging"] = "stacked"
    """How bars of several colours share one place: on each other, side by side, as shares of 100 %, in front of each
    other, or from a middle line to both sides."""
    horizontal: bool | None = None
    """Bars lie, and x runs upwards. By default they lie where the names of categories are long."""
    shape: Literal["bar", "lollipop"] = "bar"
    labels: LabelsOption = None
    """Values written on the bars."""
    error: Uncertainty | None = None
    """How sure the values are, if they are means or medians: true, "sd", or {"stat": "ci"}."""

    @model_validator(mode="after")
    def _error_of_aggregates(self) -> Self:
        if self.error is not None:
            self.error.check_of(self.y)
            if self.error.as_ == "band":
                wrong("bars have strokes: leave 'as' out, or make it \"bars\"", at="error")
            if self.color is not None and self.stack != "grouped":
                wrong('only bars side by side show how sure they are: add "stack": "grouped"', at="error")
            if self.shape == "lollipop":
                wrong("lollipops have no room for 'error'", at="error")
        return self
