"""Histograms: how the values of one column are spread."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.mark import Mark
from renderer.spec.scalars import Checked, wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import FillStyle, LabelsOption


class _Bins(Checked):
    def check(self, value: Any, limits: Limits) -> Any:
        if value == "auto":
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= limits.bins:
            wrong(f"must be 'auto' or a whole number from 1 to {limits.bins}, not {show(value)}")
        return value

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": LIMITS.bins}]}


class Histogram(Mark):
    """Bars over bins of x, as high as there are rows in them."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"x": ("number",), "color": ("category",)}

    kind: Literal["histogram"]
    style: FillStyle | None = None
    x: Channel
    color: ColorChannel | None = None
    bins: Annotated[int | Literal["auto"], _Bins()] = "auto"
    """How many bins, at most; "auto" follows the data."""
    stat: Literal["count", "percent", "density", "probability"] = "count"
    """What the height means; all but count make groups of different size comparable."""
    cumulative: bool = False
    """Each bar holds those before it, too."""
    density: bool = False
    """A smooth curve over the bars: a kernel density estimate."""
    stack: Literal["stacked", "overlay", "step"] = "overlay"
    """How bars of several colours share one place; "step" draws outlines only."""
    labels: LabelsOption = None
    """The heights, written on the bars where there is room."""
