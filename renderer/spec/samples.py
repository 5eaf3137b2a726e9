"""Marks of samples: what the kinds that show how the rows of each category are spread have in common."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.mark import Mark
from renderer.spec.scalars import Between, Checked, wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import PointStyle


class SamplesMark(Mark):
    """The values (y) of many rows, by category (x) and side by side by colour."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("category",),
        "y": ("number",),
        "color": ("category",),
    }
    ranked_by: ClassVar[Aggregate] = "median"

    x: Channel | None = None
    """Categories, each with a place of its own. Without them, each colour has one."""
    y: Channel
    """The values, one a row, as they are."""
    color: ColorChannel | None = None
    horizontal: bool | None = None
    """The values run to the right, and x upwards. By default they do where the names of categories are long."""

    @property
    def raw(self) -> tuple[str, ...]:
        return ("y",)


class _Smoothing(Checked):
    """A rule by its name, or the width of the kernel itself."""

    def check(self, value: Any, limits: Limits) -> Any:
        if value in ("auto", "scott"):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= limits.magnitude:
            wrong(f"must be 'auto', 'scott' or a width above 0, in the unit of the values, not {show(value)}")
        return float(value)

    def schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"enum": ["auto", "scott"]}, {"type": "number", "exclusiveMinimum": 0}]}


Bandwidth = Annotated[float | str, _Smoothing()]
Adjust = Annotated[float, Between(0.05, 20.0)]


class PointsMark(SamplesMark):
    """A point for each row."""

    style: PointStyle | None = None
    center: Literal["mean", "median", "none"] = "none"
    """A line across each category, at the mean or the median of its values."""
