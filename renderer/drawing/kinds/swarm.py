"""Swarms. Channels: x (categories), y (numbers, one a row), color (categories; side by side)."""

from __future__ import annotations

import numpy as np

from renderer.drawing.kind import Area
from renderer.drawing.points import PointsKind
from renderer.drawing.scene import Floats
from renderer.drawing.smoothing import Smoothing
from renderer.drawing.swarms import jittered, swarm
from renderer.spec.marks.swarm import Swarm

_LARGEST, _SMALLEST = 8.5, 2.0  # diameters
_SHRINK = 0.88  # from one try to the next
_MOST = 5000  # points; packing more takes too long


class SwarmKind(PointsKind[Swarm]):
    """Points packed side by side, as large as the fullest swarm allows."""

    widest = 260.0
    share = 1.2  # swarms are seldom widest at the same height: they may use the gap between two places

    def aside(self, area: Area) -> tuple[list[Floats], float]:
        style = self.mark.style
        fixed = style.size if style and style.size else None
        count = sum(len(sample.values) for sample in self.samples)
        size = fixed or _LARGEST
        while size >= _SMALLEST and count <= _MOST:
            steps = self._packed(area, size)
            if steps is not None:
                return steps, size
            if fixed:
                break
            size *= _SHRINK
        self.layer.warn(f"{count:,} points have no room side by side: they overlap, most where there are most.")
        size = fixed or (3.0 if count <= _MOST else _SMALLEST)
        self.opacity = min(self.opacity, 0.7)
        return self._spread(area, size), size

    def _packed(self, area: Area, size: float) -> list[Floats] | None:
        """None where a swarm is wider than its seat."""
        found: list[Floats | None] = [None] * len(self.samples)
        # The fullest first, which is the one that does not fit.
        for index in sorted(range(len(self.samples)), key=lambda index: -len(self.samples[index].values)):
            sample = self.samples[index]
            room = self.seat(area, sample).width
            places = area.y(sample.values)
            known = np.flatnonzero(np.isfinite(places))
            order = known[np.argsort(places[known], kind="stable")]
            if len(order) * size * size * 0.8 > room * (float(np.ptp(places[order])) + size if len(order) else 1.0):
                return None  # more than would fit even if they lay as densely as they can
            steps = np.zeros(len(places))
            steps[order] = swarm(places[order], size)
            if 2 * float(np.abs(steps).max(initial=0.0)) + size > max(room, size):
                return None
            found[index] = steps
        return [steps for steps in found if steps is not None]

    def _spread(self, area: Area, size: float) -> list[Floats]:
        """As wide as there are values nearby, which is what a swarm looks like from afar."""
        smooth = Smoothing(scale=self.layer.scales.get("y", "auto"), trim=True)
        result = []
        for sample, seat in self.seats(area):
            curve = smooth(sample.values)
            share = curve.at(sample.values) / (curve.peak or 1.0)
            result.append(jittered(len(sample.values)) * share * max(0.0, seat.width - size))
        return result

    def facts(self) -> str:
        return self.facts_of("Swarm plot")


KIND = SwarmKind
