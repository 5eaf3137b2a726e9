"""Boxes with whiskers: the quartiles of each category, and the values that lie far out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.samples import SamplesMark
from renderer.spec.scalars import Checked, wrong
from renderer.spec.style import LabelsOption, PointStyle


class _Whiskers(Checked):
    names = ("minmax", "p05", "p10")
    most = 100.0

    def check(self, value: Any, limits: Limits) -> Any:
        if value in self.names:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= self.most:
            wrong(
                "must be a number of interquartile ranges from 0 to 100, or 'minmax', 'p05' or 'p10',"
                f" not {show(value)}"
            )
        return float(value)

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"enum": list(self.names)}, {"type": "number", "minimum": 0, "maximum": self.most}]}


class Box(SamplesMark):
    """A box from the lower to the upper quartile with a line at the median, and whiskers to the values around it."""

    kind: Literal["box"]
    style: PointStyle | None = None
    whiskers: Annotated[float | str, _Whiskers()] = 1.5
    """How far whiskers reach: to the outermost value within so many interquartile ranges of the box, to the ends
    ("minmax"), or from the 5th to the 95th percentile ("p05"), the 10th to the 90th ("p10")."""
    outliers: bool = True
    """The values beyond the whiskers, as points."""
    notch: bool = False
    """Boxes get narrow around the median: where notches do not overlap, medians probably differ (McGill, 1978)."""
    mean: bool = False
    """A diamond at the mean."""
    labels: LabelsOption = None
    """The medians, written beside the boxes."""
