"""What a layer needs of an axis, and how the needs of several layers become one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from renderer.data.table import Column
from renderer.drawing.dates import to_days
from renderer.drawing.scene import Floats

AxisType = Literal["number", "time", "category"]


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of an axis that a layer covers.

    ``low`` and ``high`` are numbers, or dates as days since 1970; NaN where there are no values. ``categories`` are the
    names in their order, ``tight`` where the first and the last of them stand at the ends. ``sessions`` are the days
    that a time axis consists of, if those between them (weekends) are to have no width. ``percent`` has its ticks
    written as shares, ``absolute`` without a sign. ``zero`` asks for
    zero to be in sight, ``anchored`` that an end at zero gets no air (bars stand on it), ``air`` the share of the
    domain that other ends get as room, and ``nice`` that they fall on a tick. ``positive`` is the least value above
    zero. ``headroom`` and ``footroom`` are how many categories would have room before the first and after the last, for
    shapes that reach beyond their own place, or do not fill it. ``covered`` says that the layer fills the area, so that
    grid and ground line would only be in its way.
    """

    type: AxisType
    low: float = math.nan
    high: float = math.nan
    categories: tuple[str, ...] = ()
    zero: bool = False
    anchored: bool = False
    air: float = 0.0
    nice: bool = False
    positive: float = math.nan
    percent: bool = False
    absolute: bool = False
    headroom: float = 0.0
    footroom: float = 0.0
    covered: bool = False
    tight: bool = False
    sessions: tuple[float, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.categories if self.type == "category" else math.isnan(self.low)


def extent_of(
    column: Column, *, zero: bool = False, anchored: bool = False, air: float = 0.0, nice: bool = False
) -> Extent:
    """The extent of a column's values."""
    if column.type == "category":
        return Extent("category", categories=names_of(column))
    return extent_of_values(numbers_of(column), column.type, zero=zero, anchored=anchored, air=air, nice=nice)


def extent_of_values(
    values: Floats, type: AxisType = "number", *, zero: bool = False, anchored: bool = False,  # noqa: A002
    air: float = 0.0, nice: bool = False, percent: bool = False, covered: bool = False,
) -> Extent:  # fmt: skip
    """The extent of numbers, or of dates as numbers; NaN is left aside."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Extent(type, zero=zero, anchored=anchored, air=air, nice=nice, percent=percent, covered=covered)
    above = finite[finite > 0]
    return Extent(
        type,
        float(finite.min()),
        float(finite.max()),
        zero=zero,
        anchored=anchored,
        air=air,
        nice=nice,
        positive=float(above.min()) if len(above) else math.nan,
        percent=percent,
        covered=covered,
    )


def numbers_of(column: Column) -> Floats:
    """A column's values as numbers: dates become days since 1970; missing is NaN."""
    return to_days(column.values) if column.type == "time" else np.asarray(column.values, dtype=float)


def names_of(column: Column) -> tuple[str, ...]:
    """A category column's names in the order in which they come, without the missing ones."""
    return tuple(dict.fromkeys(value for value in column.values.tolist() if value is not None))


def join(extents: Iterable[Extent]) -> Extent:
    """One extent that holds all. Categories win over dates, and dates over numbers: an axis is of one type."""
    found = [extent for extent in extents if not extent.empty]
    if not found:
        return Extent("number", 0.0, 1.0)
    types = {extent.type for extent in found}
    chosen: AxisType = "category" if "category" in types else "time" if "time" in types else "number"
    same = [extent for extent in found if extent.type == chosen]
    positive = [extent.positive for extent in same if not math.isnan(extent.positive)]
    return Extent(
        chosen,
        min(extent.low for extent in same),
        max(extent.high for extent in same),
        tuple(dict.fromkeys(name for extent in same for name in extent.categories)),
        zero=any(extent.zero for extent in same),
        anchored=any(extent.anchored for extent in same),
        air=max(extent.air for extent in same),
        nice=any(extent.nice for extent in same),
        positive=min(positive, default=math.nan),
        percent=all(extent.percent for extent in same),
        absolute=all(extent.absolute for extent in same),
        headroom=max(extent.headroom for extent in same),
        footroom=max(extent.footroom for extent in same),
        covered=any(extent.covered for extent in same),
        tight=all(extent.tight for extent in same),
        sessions=tuple(sorted({day for extent in same for day in extent.sessions})),
    )
