"""Calendars: an amount for each day, in weeks and months."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import wrong
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import CellLabels, CellLabelsOption, Style


class Calendar(Mark):
    """A cell for each day, coloured by an amount (or by a category); a block for each year."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"date": ("time",), "color": ("number", "category")}
    one_row_for: ClassVar[tuple[str, ...]] = ("date",)
    may_miss: ClassVar[tuple[str, ...]] = ("color",)

    kind: Literal["calendar"]
    date: Channel
    """The day; times are cut to days, in the chart's time zone."""
    color: ShadeChannel
    style: Style | None = None
    week_start: Literal["auto", "monday", "sunday", "saturday"] = "auto"
    """The first day of the week; "auto" as it is where the chart's locale is at home."""
    layout: Literal["auto", "across", "down", "months"] = "auto"
    """A strip of weeks for each year, across or down, or a block for each month; "auto": the one whose days are the
    largest."""
    labels: CellLabelsOption = Field(default_factory=CellLabels)
    """The amounts written into the cells. By default where all of them fit."""

    @model_validator(mode="after")
    def _by_day(self) -> Self:
        if self.date.unit not in (None, "day"):
            wrong("a calendar shows days: give the column of dates alone", at="date")
        if self.date.unit is None and self.date.agg is None:
            return self.model_copy(update={"date": self.date.model_copy(update={"unit": "day"})})
        return self
