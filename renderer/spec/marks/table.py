"""Tables: rows and columns of values, with bars, shades and small lines in their cells."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, Color, Name, Number, Palette, wrong
from renderer.spec.style import Style


class TableColumn(Channel):
    """One column of a table: "revenue", "sum(revenue)", or an object."""

    show: Literal["text", "bar", "heat", "sparkline"] = "text"
    """How amounts are shown: written; beside a bar from zero; on a shade of a ramp; or all amounts of the row's group
    as a small line, in the order of the data."""
    align: Literal["auto", "left", "center", "right"] = "auto"
    """Where in the column values stand; "auto": numbers at the right, all else at the left."""
    color: Color | None = None
    """The colour of bars and lines."""
    palette: Palette | None = None
    """The ramp of shades: a palette's name, or a list of colours."""
    midpoint: Number | None = None
    """The amount in the middle of a diverging ramp."""

    @model_validator(mode="after")
    def _options_that_do_something(self) -> Self:
        if self.show == "sparkline" and self.agg is not None:
            wrong("a sparkline shows all values of a group: leave 'agg' out", at="agg")
        if self.show == "sparkline" and self.align != "auto":
            wrong("a sparkline fills its column: leave 'align' out", at="align")
        for name in ("palette", "midpoint"):
            if getattr(self, name) is not None and self.show != "heat":
                wrong(f'\'{name}\' is for shades: add "show": "heat"', at=name)
        if self.color is not None and self.show not in ("bar", "sparkline"):
            wrong("'color' is for bars and sparklines", at="color")
        return self


class Table(Mark):
    """Values in rows and columns. With an aggregate or a sparkline, rows that agree in the other columns are one."""

    reduces: ClassVar[tuple[str, ...]] = ("columns",)
    may_miss: ClassVar[tuple[str, ...]] = ("columns",)

    kind: Literal["table"]
    columns: Annotated[tuple[TableColumn, ...], Field(strict=False, min_length=1, max_length=30)]
    """From left to right."""
    sort: Name | None = None
    """The column by which rows are put in order, as it is written in `columns` ("sum(revenue)") or by its title; "-"
    before it for the largest first. By default rows come as in the data."""
    rows: Annotated[int, Between(1, 200)] | None = None
    """Show only the first so many rows."""
    style: Style | None = None
