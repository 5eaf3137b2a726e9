"""Smooth curves of how values are spread: how wide the kernel is, how far the tails reach, on which kind of axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from renderer.drawing.density import bandwidth, scott, smooth_density
from renderer.drawing.scene import Floats
from renderer.spec.axis import ScaleName

_TAIL = 3.0  # bandwidths beyond the outermost values: what is left out there is a tenth of a percent
_LEAST = 1e-290
_ALONE = 0.02  # of a value that nothing stands beside: its curve's bandwidth


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A density at even places of the axis, in the units of the data; its area is 1."""

    x: Floats
    y: Floats
    width: float
    alone: bool = False
    """All values are the same: the curve is as wide as it was made."""

    @property
    def peak(self) -> float:
        return float(self.y.max(initial=0.0))

    def at(self, values: Floats) -> Floats:
        """The density at some values; 0 beyond the curve."""
        # In units of the largest numbers: the slopes of huge densities of tiny numbers overflow.
        unit, peak = float(np.abs(self.x).max()) or 1.0, self.peak or 1.0
        result: Floats = np.interp(values / unit, self.x / unit, self.y / peak, left=0.0, right=0.0) * peak
        return result


@dataclass(frozen=True, slots=True)
class Smoothing:
    """What a chart asks of its curves. On a log axis a curve is made of the logarithms, whose bell is one there; its
    density is that of a power of ten.
    """

    rule: float | str = "auto"
    adjust: float = 1.0
    trim: bool = False
    scale: ScaleName = "auto"

    def __call__(self, values: Floats) -> Curve:
        """The curve of some finite values, at least one."""
        bent = self._bend(values)
        width, alone = self._width(bent)
        return self._curve(bent, width, *self._range(bent, width), alone=alone)

    def together(self, groups: Sequence[Floats], *, trim: bool) -> list[Curve]:
        """The curves of groups over all that they cover together, at the same places."""
        bents = [self._bend(values) for values in groups]
        widths = [self._width(bent) for bent in bents]
        if trim:
            ranges = [(float(bent.min()), float(bent.max())) for bent in bents]
        else:
            ranges = [self._range(bent, width) for bent, (width, _) in zip(bents, widths, strict=True)]
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        if low == high:
            low, high = self._range(bents[0], widths[0][0])
        curves = [
            self._curve(bent, width, low, high, alone=alone) for bent, (width, alone) in zip(bents, widths, strict=True)
        ]
        finest = max((curve.x for curve in curves), key=len)
        return [replace(curve, x=finest, y=curve.at(finest)) for curve in curves]

    def _bend(self, values: Floats) -> Floats:
        if self.scale != "log":
            # What an axis shows as zero is zero: a density of tinier numbers would overflow.
            return np.where(np.abs(values) < _LEAST, 0.0, values)
        above = values[values > 0]
        return np.log10(above) if len(above) else np.zeros(1)

    def _curve(self, bent: Floats, width: float, low: float, high: float, *, alone: bool) -> Curve:
        x, y = smooth_density(bent, low, high, width)
        return Curve(np.power(10.0, np.clip(x, -300.0, 300.0)) if self.scale == "log" else x, y, width, alone)

    def _range(self, bent: Floats, width: float) -> tuple[float, float]:
        """From where to where a curve reaches."""
        low, high = float(bent.min()), float(bent.max())
        if self.trim and low < high:
            return low, high
        start, end = low - _TAIL * width, high + _TAIL * width
        # There are no negative weights: a tail never crosses zero where no value does.
        if self.scale != "log" and low >= 0 and high > 0:
            start = max(start, 0.0)
        if self.scale != "log" and high <= 0 and low < 0:
            end = min(end, 0.0)
        return start, end

    def _width(self, bent: Floats) -> tuple[float, bool]:
        """The kernel's width, and whether it had to be made up because all values are the same."""
        low, high = float(bent.min()), float(bent.max())
        if low == high:
            given = self.rule * self.adjust if isinstance(self.rule, float) else 0.0
            return given or abs(low) * _ALONE or _ALONE, True
        by_rule = scott if self.rule == "scott" else bandwidth
        width = self.rule if isinstance(self.rule, float) else by_rule(bent)
        # A width so far below what the grid can show would be noise.
        return max(width * self.adjust, (high / 2 - low / 2) / 500.0), False
