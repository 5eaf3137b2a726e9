"""Intervals: a point with the range around it, such as a mean and how sure it is."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import Channel
from renderer.spec.samples import SamplesMark
from renderer.spec.scalars import Between, wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption, LineStyle


class Interval(SamplesMark):
    """A point at y with a line through it: from the rows of each place, or from low to high."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "y": ("number",),
        "low": ("number",),
        "high": ("number",),
        "color": ("category",),
    }
    may_miss: ClassVar[tuple[str, ...]] = ("low", "high")

    kind: Literal["interval"]
    style: LineStyle | None = None
    low: Channel | None = None
    """Where the range begins, if the data say it; then each row is one point."""
    high: Channel | None = None
    """Where it ends."""
    center: Literal["mean", "median"] | None = None
    """What the point is; by default the mean."""
    range: Literal["ci", "se", "sd", "iqr", "p05", "p10", "minmax"] | None = None
    """What the line is: a confidence interval of the mean, the standard error or the standard deviation to both sides,
    the middle half, from the 5th to the 95th or the 10th to the 90th percentile, or from the least to the largest
    value. By default "ci" around a mean, and "iqr" around a median."""
    level: Annotated[float, Between(0.5, 0.999)] = 0.95
    """How sure a confidence interval is."""
    caps: bool = False
    """Short strokes across the ends of the line."""
    labels: LabelsOption = None
    """The values of the points."""

    @property
    def raw(self) -> tuple[str, ...]:
        return ("y",) if self.low is None else ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.low is None) != (self.high is None):
            missing = "high" if self.high is None else "low"
            wrong(f"'low' and 'high' are given together; '{missing}' is not there", at="low" if self.low else "high")
        for name in ("center", "range"):
            if self.low is not None and getattr(self, name) is not None:
                wrong(f"'low' and 'high' say the range already; leave out '{name}'", at=name)
        if self.center == "median" and self.range in ("ci", "se", "sd"):
            wrong(f"{self.range!r} is a range around a mean; around a median use 'iqr' or 'p10'", at="range")
        return self
