"""A colour channel for amounts that fill areas: heat maps, calendars, hexagons."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from renderer.spec.channel import ColorChannel
from renderer.spec.scalars import Between, Number, wrong


class ShadeChannel(ColorChannel):
    """Amounts as shades of a ramp, over a range that may be fixed; or categories by hue."""

    scale: Literal["linear", "log", "sqrt", "symlog"] = "linear"
    """How amounts are spread over the ramp; "log" where a few are far larger than the rest."""
    min: Number | None = None
    """The amount at the low end of the ramp; less is drawn like it. By default the least of the data."""
    max: Number | None = None
    """The amount at the high end of the ramp; more is drawn like it."""
    steps: Annotated[int, Between(2, 12)] | None = None
    """Draw so many classes of one shade each instead of a smooth ramp, or about so many: their limits are round."""
    reverse: bool = False
    """Turn the ramp round."""

    @model_validator(mode="after")
    def _range_in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min >= self.max:
            wrong("'max' must be above 'min'; to turn the ramp round, use \"reverse\": true", at="max")
        for name in ("min", "max"):
            value = getattr(self, name)
            if self.scale == "log" and value is not None and value <= 0:
                wrong("a log scale shows positive values only", at=name)
        return self
