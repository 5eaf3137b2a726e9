"""Scales: from data to pixels, with their ticks. The arithmetic of ticks and of curved scales is matplotlib's.

A scale is made in two steps, since the pixels are known only after its labels have been measured: ``fit`` chooses the
domain and the ticks, ``placed`` gives it its pixels. In pixels y points down, so a vertical scale is placed from bottom
to top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from matplotlib.scale import SymmetricalLogTransform

from renderer.data.table import Column
from renderer.drawing.extent import numbers_of
from renderer.drawing.scene import Bools, Floats

_BAND = 0.8  # of the distance between two categories is theirs


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with its label; ``below`` is the second line that dates have."""

    place: float
    label: str
    below: str = ""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A continuous linear scale, and the base of the others. ``low`` and ``high`` are in the units of the data."""

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    start: float = 0.0
    end: float = 1.0
    reverse: bool = False
    type: Literal["number", "time", "category"] = "number"

    def placed(self, start: float, end: float) -> Scale:
        """The scale from ``start`` to ``end`` in pixels; a reversed one runs back."""
        return replace(self, start=end, end=start) if self.reverse else replace(self, start=start, end=end)

    def bent(self, values: Floats) -> Floats:
        """The values on a straight line: what makes a log scale a log scale."""
        return values

    def __call__(self, values: Floats | Sequence[float]) -> Floats:
        """Pixels; values beyond the domain land beyond the pixels, NaN stays NaN."""
        array = np.asarray(values, dtype=float)
        first, last = self.bent(np.array([self.low, self.high]))
        # Divided first: the difference of two huge numbers times pixels would overflow.
        share = (self.bent(array) - first) / (last - first)
        result: Floats = self.start + share * (self.end - self.start)
        return result

    def one(self, value: float) -> float:
        """One value's pixel."""
        return float(self(np.array([value]))[0])

    def of_ticks(self, ticks: Sequence[Tick]) -> list[float]:
        """The ticks' pixels."""
        pixels: list[float] = self(np.array([tick.place for tick in ticks], dtype=float)).tolist()
        return pixels

    def column(self, column: Column) -> Floats:
        """The pixels of a column's values."""
        return self(numbers_of(column))

    @property
    def baseline(self) -> float:
        """Where bars stand: at zero, or at the end of the domain that is nearest to it."""
        return min(max(0.0, self.low), self.high)

    @property
    def direction(self) -> float:
        """1 where pixels grow with the values, else -1."""
        return 1.0 if self.end >= self.start else -1.0

    def inside(self, values: Floats) -> Bools:
        """Which values are in the domain."""
        slack = abs(self.high - self.low) * 1e-9
        return (values >= self.low - slack) & (values <= self.high + slack)


@dataclass(frozen=True, kw_only=True)
class LogScale(Scale):
    """Powers of ten at equal distances; values up to zero have no place (NaN)."""

    def bent(self, values: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = np.where(values > 0, np.log10(values), np.nan)
        return result

    @property
    def baseline(self) -> float:
        return self.low


@dataclass(frozen=True, kw_only=True)
class SymlogScale(Scale):
    """Powers of ten to both sides of a linear part around zero that reaches to ``threshold``."""

    threshold: float = 1.0

    def bent(self, values: Floats) -> Floats:
        bent = SymmetricalLogTransform(10, self.threshold, 1.0).transform_non_affine(values)
        return np.asarray(bent, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class SqrtScale(Scale):
    """Square roots, of negative values with their sign: areas at equal distances."""

    def bent(self, values: Floats) -> Floats:
        result: Floats = np.copysign(np.sqrt(np.abs(values)), values)
        return result


@dataclass(frozen=True, kw_only=True)
class TimeScale(Scale):
    """Dates, as days since 1970."""

    type: Literal["number", "time", "category"] = "time"


@dataclass(frozen=True, kw_only=True)
class SessionScale(TimeScale):
    """Dates on an axis of trading days: each session is a day wide, and the time between two sessions has no width."""

    sessions: Floats = field(default_factory=lambda: np.empty(0))

    def bent(self, values: Floats) -> Floats:
        index = np.searchsorted(self.sessions, values, side="right") - 1
        since = values - self.sessions[np.maximum(index, 0)]
        last = index >= len(self.sessions) - 1
        result: Floats = np.maximum(index, 0) + np.where(last, since, np.minimum(since, 1.0))
        return result


@dataclass(frozen=True, kw_only=True)
class CategoryScale(Scale):
    """Names at equal distances, in the middle of their bands; the data are the names' indices."""

    names: tuple[str, ...] = ()
    type: Literal["number", "time", "category"] = "category"
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    def column(self, column: Column) -> Floats:
        return self(self.codes(column))

    def codes(self, column: Column) -> Floats:
        """The names' indices; NaN for a missing or an unknown one."""
        places = self._places
        return np.array([places.get(name, math.nan) for name in column.values.tolist()], dtype=float)

    @property
    def step(self) -> float:
        """Pixels from one name to the next."""
        return abs(self.end - self.start) / max(1.0, self.high - self.low)

    @property
    def band(self) -> float:
        """Pixels that belong to one name."""
        return self.step * _BAND
