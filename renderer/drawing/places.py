"""Places that an author writes on an axis: as numbers for scales, and as pixels."""

from __future__ import annotations

import math

from renderer.data.places import Written, moment_of, name_of, number_of
from renderer.drawing.dates import to_days
from renderer.drawing.extent import AxisType
from renderer.drawing.scales import CategoryScale, Scale


def position(value: Written, zone: str = "UTC") -> float:
    """A place that the author wrote on an axis: a number, or a date as days since 1970; a date that names no zone is
    read on the clock of ``zone``.
    """
    if isinstance(value, str):
        moment = moment_of(value, zone)
        return math.nan if moment is None else float(to_days(moment)[0])
    return float(value)


def place_on(value: Written, kind: AxisType, zone: str) -> float:
    """A place on an axis of numbers or dates; NaN where it has none."""
    if kind == "time":
        moment = moment_of(value, zone)
        return math.nan if moment is None else float(to_days(moment)[0])
    number = number_of(value)
    return math.nan if number is None else number


def stretch_on(value: Written, scale: Scale, zone: str) -> tuple[float, float]:
    """Where a place begins and ends on a placed scale, in pixels: a category has a width, others are points."""
    if isinstance(scale, CategoryScale):
        if name_of(value) not in scale.names:
            return math.nan, math.nan
        middle = float(scale.names.index(name_of(value)))
        return scale.one(middle - 0.5), scale.one(middle + 0.5)
    pixel = scale.one(place_on(value, scale.type, zone))
    return pixel, pixel
