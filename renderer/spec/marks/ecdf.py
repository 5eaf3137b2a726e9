"""Cumulative distributions: what share of the rows is at most so large."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic.json_schema import JsonSchemaValue

from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.mark import Mark
from renderer.spec.scalars import Checked, wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import CurveStyle


class _Shares(Checked):
    most = 10

    def check(self, value: Any, limits: Limits) -> Any:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            wrong(f"must be a list of up to {self.most} shares such as [0.5, 0.9], not {show(value)}")
        for place, share in enumerate(value):
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
                wrong(f"must be a share between 0 and 1, such as 0.5 for the median, not {show(share)}", at=str(place))
        return tuple(sorted(float(share) for share in value))

    def schema(self) -> JsonSchemaValue:
        share = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
        return {"type": "array", "items": share, "maxItems": self.most}


class ECDF(Mark):
    """The share of rows up to each value of x: a line of steps from nothing to all."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"x": ("number", "time"), "color": ("category",)}
    ranked_by: ClassVar[Aggregate] = "median"

    kind: Literal["ecdf"]
    style: CurveStyle | None = None
    x: Channel
    color: ColorChannel | None = None
    """A line for each category."""
    stat: Literal["percent", "count"] = "percent"
    """What the height means: a share of the rows of each colour, or their number."""
    complement: bool = False
    """The rows above each value instead: what is left, as in survival curves."""
    quantiles: Annotated[tuple[float, ...], _Shares()] = ()
    """Shares whose values are marked and written, such as [0.5] for the median."""

    @property
    def raw(self) -> tuple[str, ...]:
        return ("x",)
