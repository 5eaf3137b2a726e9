"""Choropleths: maps whose regions are coloured by an amount or a category."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.channel import Channel
from renderer.spec.errors import show
from renderer.spec.limits import Limits
from renderer.spec.maps import MapMark
from renderer.spec.scalars import Checked, check_magnitude, wrong
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import ColumnKind
from renderer.spec.style import LabelsOption, Style


class _Classes(Checked):
    """How many classes, or the limits between them."""

    fewest, most = 2, 9

    def check(self, value: Any, limits: Limits) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            if not self.fewest <= value <= self.most:
                wrong(f"there are from {self.fewest} to {self.most} classes, not {show(value)}")
            return value
        if not isinstance(value, list | tuple) or not self.fewest - 1 <= len(value) <= self.most - 1:
            wrong(
                f"must be a number of classes, or a list of 1 to {self.most - 1} limits between them, not {show(value)}"
            )
        for place, limit in enumerate(value):
            if isinstance(limit, bool) or not isinstance(limit, int | float):
                wrong(f"must be a number, not {show(limit)}", at=str(place))
            check_magnitude(limit, limits)
            if place and limit <= value[place - 1]:
                wrong("limits ascend", at=str(place))
        return tuple(map(float, value))

    def schema(self) -> JsonSchemaValue:
        count = {"type": "integer", "minimum": self.fewest, "maximum": self.most}
        limits = {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": self.most - 1}
        return {"anyOf": [count, limits]}


class Choropleth(MapMark):
    """Countries or states (region) filled by colour. Shares and amounts per head suit it; totals suit point maps."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"region": ("category",), "color": ("number", "category")}
    one_row_for: ClassVar[tuple[str, ...]] = ("region",)
    may_miss: ClassVar[tuple[str, ...]] = ("color",)

    kind: Literal["choropleth"]
    region: Channel
    """Countries by ISO 3166 code (DE, DEU, 276) or by name in English or the chart's language; states of the United
    States by postal code, name or FIPS code."""
    color: ShadeChannel
    style: Style | None = None
    classes: Annotated[int | tuple[float, ...], _Classes()] | None = None
    """Few colours instead of a smooth ramp: a number of classes with as many regions in each, or the limits between
    them. For classes of one width give the color channel "steps"."""
    labels: LabelsOption = None
    """Values written in the regions where they fit."""

    @model_validator(mode="after")
    def _one_scale(self) -> Self:
        color = self.color
        given = [name for name in ("steps", "min", "max") if getattr(color, name) is not None]
        if self.classes is not None and (given or color.scale != "linear"):
            option = given[0] if given else "scale"
            wrong(f"classes have limits of their own: give 'classes', or '{option}' in color", at="classes")
        return self
