"""Amounts as the areas of circles: their scale, and the key that explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from renderer.drawing.keys import Sizes
from renderer.drawing.kind import Layer
from renderer.drawing.scene import Color, Floats

_SMALLEST = 5.0  # diameter of a circle that can still be seen


@dataclass(frozen=True, slots=True)
class Areas:
    """The largest amount, and the diameter of its circle in pixels: the areas of the others are in proportion."""

    most: float
    largest: float

    @classmethod
    def of(cls, amounts: Floats, largest: float) -> Areas:
        """The scale for all amounts of a layer; their signs do not matter."""
        return cls(float(np.nanmax(np.abs(amounts), initial=0.0)) or 1.0, largest)

    def diameters(self, amounts: Floats) -> Floats:
        """The diameter of each; the smallest stay visible; NaN is missing."""
        return np.maximum(_SMALLEST, self.largest * np.sqrt(np.abs(amounts) / self.most))

    def key(self, layer: Layer, channel: str, color: Color) -> Sizes:
        """Three round amounts, from the largest down."""
        top = round_down(self.most)
        places = [top, round_down(top / 3), round_down(top / 12)]
        written = layer.writer.numbers(places, getattr(layer.resolved.mark, channel).format)
        diameters = self.diameters(np.array(places)).tolist()
        return Sizes(layer.title(channel), tuple(zip(written, diameters, strict=True)), color)


def round_down(value: float) -> float:
    """1, 2 or 5 times a power of ten, not above the value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= value * (1 + 1e-9))
