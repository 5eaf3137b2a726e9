"""Lines: how amounts change along an ordered x, mostly time."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import XYMark
from renderer.spec.periods import PeriodBefore
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption, LineStyle
from renderer.spec.uncertainty import Uncertainty


class Line(XYMark):
    """Amounts (y) joined along x, one line for each colour and dash."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "color": ("category",),
        "dash": ("category",),
    }
    sorted_by: ClassVar[str | None] = "x"
    may_miss: ClassVar[tuple[str, ...]] = ("y",)
    thinned: ClassVar[tuple[str, str] | None] = ("x", "y")

    kind: Literal["line"]
    style: LineStyle | None = None
    dash: Channel | None = None
    """A column whose categories are told apart by dashes."""
    interpolate: Literal["linear", "step", "smooth"] = "linear"
    """How points are joined: straight, holding each value until the next, or by a curve through all of them."""
    markers: bool | None = None
    """A marker at each point. By default only where points are few."""
    previous: PeriodBefore | None = None
    """A period of time, "year", "30d" or {"by": "year", "name": "2014"}: only its rows are drawn, and behind them those
    of the period before it, dashed and on the dates of this one. "year", "quarter", "month", "week" and "day" are those
    of the calendar in which the latest row lies; a span ends with the latest row."""
    gaps: bool = True
    """Missing values interrupt the line; false joins their neighbours."""
    labels: LabelsOption = None
    """Values written at the points, where there is room."""
    error: Uncertainty | None = None
    """How sure the values are, if they are means or medians: true, "sd", or {"stat": "ci", "as": "band"}."""

    @model_validator(mode="after")
    def _error_of_aggregates(self) -> Self:
        if self.error is not None:
            self.error.check_of(self.y)
        return self
