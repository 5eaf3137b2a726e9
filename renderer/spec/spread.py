"""What marks of uncertainty have in common: from where to where, given or computed from rows."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.mark import Mark, YAxis
from renderer.spec.scalars import Between, wrong
from renderer.spec.source import ColumnKind


class SpreadMark(Mark):
    """A stretch along y at each x: from low to high, y plus and minus a margin, or the spread of the rows at x."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "low": ("number",),
        "high": ("number",),
        "margin": ("number",),
        "color": ("category",),
    }
    sorted_by: ClassVar[str | None] = "x"
    ranked_by: ClassVar[Aggregate] = "mean"
    may_miss: ClassVar[tuple[str, ...]] = ("y", "low", "high", "margin")

    x: Channel
    y: Channel | None = None
    """The middle: a value for each x, or, without low and high or a margin, all the rows to compute it from."""
    low: Channel | None = None
    """Where the stretch begins."""
    high: Channel | None = None
    """Where it ends."""
    margin: Channel | None = None
    """How far it reaches to both sides of y."""
    color: ColorChannel | None = None
    y_axis: YAxis = "left"
    """The axis that y belongs to."""
    stat: Literal["ci", "se", "sd", "iqr", "range"] | None = None
    """What is computed from the rows at each x: a confidence interval of the mean (the default), the mean with its
    standard error, with the standard deviation, the median with the quartiles, or the mean with the extremes."""
    level: Annotated[float, Between(0.5, 0.999)] | None = None
    """The confidence of "ci"; 0.95 by default."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = self.low is not None or self.high is not None
        if given and (self.low is None or self.high is None):
            wrong("'low' and 'high' belong together", at="low" if self.high is None else "high")
        if given and self.margin is not None:
            wrong("give 'low' and 'high' or a 'margin', not both", at="margin")
        if self.y is None and not given:
            wrong("'y' is required, or 'low' and 'high'", at="y")
        if (given or self.margin is not None) and (self.stat is not None or self.level is not None):
            option = "stat" if self.stat is not None else "level"
            wrong(f"{option!r} is for rows from which a spread is computed; here it is given", at=option)
        if self.level is not None and self.stat not in (None, "ci"):
            wrong(f"'level' is that of \"ci\", and 'stat' is \"{self.stat}\"", at="level")
        return self
