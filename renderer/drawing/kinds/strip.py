"""Strips. Channels: x (categories), y (numbers, one a row), color (categories; side by side)."""

from __future__ import annotations

from renderer.drawing.kind import Area
from renderer.drawing.points import PointsKind
from renderer.drawing.samples import small_enough
from renderer.drawing.scene import Floats
from renderer.drawing.swarms import jittered
from renderer.spec.marks.strip import Strip

_TRANSLUCENT_FROM = 100  # points in the fullest strip


class StripKind(PointsKind[Strip]):
    """Points spread to the sides, always in the same way, so that the same data give the same picture."""

    widest = 110.0

    def aside(self, area: Area) -> tuple[list[Floats], float]:
        style, fullest = self.mark.style, max((len(sample.values) for sample in self.samples), default=0)
        usual = 7.5 if fullest <= 60 else 6.5 if fullest <= 300 else 5.0 if fullest <= 1000 else 3.5
        steps: list[Floats] = []
        size = style.size if style and style.size else small_enough(usual, area)
        for sample, seat in self.seats(area):
            if not (style and style.size):
                size = min(size, max(2.0, seat.width * 0.6))
            steps.append(jittered(len(sample.values)) * max(0.0, seat.width * self.mark.jitter - size / 2))
        if not (style and style.opacity is not None) and fullest > _TRANSLUCENT_FROM:
            self.opacity = 0.75 if fullest <= 1000 else 0.5
        return steps, size

    @property
    def across(self) -> float:
        return min(1.0, self.mark.jitter + 0.25)

    def facts(self) -> str:
        return self.facts_of("Strip plot")


KIND = StripKind
