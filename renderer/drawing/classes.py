"""Classes of amounts, each of one shade: their limits are given, or cut so that as many values lie in each."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.colors import Colormap, ListedColormap

from renderer.drawing.keys import Ramp
from renderer.drawing.kind import Layer
from renderer.drawing.scene import Floats
from renderer.drawing.theme import ramp
from renderer.spec.channel import ColorChannel

_MOST_DIGITS = 7  # of a limit


class Classes:
    """The shades of a layer's amounts in classes. ``limits`` are those between two classes; a value that lies on one
    belongs to the class above. In the key all classes are as wide, whatever they hold.
    """

    def __init__(self, layer: Layer, channel: ColorChannel, limits: Floats, *, title: str) -> None:
        self.limits = limits
        self._layer, self._channel, self._title = layer, channel, title
        self.count = len(limits) + 1

    @property
    def colors(self) -> Colormap:
        """As many colours as there are classes; around the middle, if the author gave one."""
        midpoint, palette = self._channel.midpoint, self._channel.palette or self._layer.palette
        smooth = ramp(palette, self._layer.theme, diverging=midpoint is not None, filled=True)
        places = np.linspace(0.0, 1.0, self.count) if self.count > 1 else np.array([0.6])
        if midpoint is not None:
            places = self._around(midpoint)
        if getattr(self._channel, "reverse", False):
            smooth = smooth.reversed()
        return ListedColormap([tuple(shade) for shade in smooth(places)])

    def _around(self, midpoint: float) -> Floats:
        """Places for classes on both sides of a middle: those as far from it are as strong."""
        below = int((self.limits <= midpoint).sum())
        # Where the middle is no limit, it lies within a class, which then has no colour of its own.
        steps = np.arange(self.count) - below + (0.5 if midpoint in self.limits else 0.0)
        reach = float(np.abs(steps).max()) or 1.0
        result: Floats = 0.5 + steps / reach / 2
        return result

    def fills(self, values: Floats) -> Floats:
        """(n, 4) colours; values that are missing are transparent."""
        places = np.searchsorted(self.limits, values, side="right")
        fills = np.asarray(self.colors((places + 0.5) / self.count), dtype=float)
        fills[np.isnan(values)] = 0.0
        return fills

    def key(self, wish: str) -> Ramp:
        """Blocks of colour with the limits between them; ``wish`` is where the kind wants it."""
        written = self._layer.writer.numbers(self.limits.tolist(), self._channel.format)
        ticks = tuple(((index + 1) / self.count, label) for index, label in enumerate(written))
        asked = self._channel.legend
        return Ramp(self._title, self.colors, ticks, wish if asked == "auto" else asked)


def quantile_limits(values: Floats, count: int) -> Floats:
    """The limits between ``count`` classes with as many values in each; fewer, where too many values are equal."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.empty(0)
    found = np.quantile(known, np.arange(1, count) / count)
    found = found[(found > known.min()) & (found <= known.max())]
    return np.unique([_short(limit, known) for limit in found.tolist()])


def _short(limit: float, known: Floats) -> float:
    """The limit with as few digits as leave every value in its class."""
    size = math.floor(math.log10(abs(limit))) if limit else 0
    below = (known < limit).sum()
    rounded = (round(limit, digits - size) for digits in range(_MOST_DIGITS))
    return next((short for short in rounded if (known < short).sum() == below), limit)
