"""Amounts as shades of a colour map: the range that it covers, the colour of each amount, and the key that explains it.

Heat maps, calendars, hexagons, contours and tables colour their cells by it.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.ticker import MaxNLocator

from renderer.drawing.extent import extent_of_values
from renderer.drawing.fit import ScaleError, Wishes, fit
from renderer.drawing.keys import Ramp
from renderer.drawing.kind import Layer
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Color, Floats
from renderer.drawing.theme import ramp
from renderer.spec.channel import ColorChannel
from renderer.spec.shade import ShadeChannel

LEVELS = 256  # of a ramp, which is what eight bits can tell apart
_TICKS = 5


class Shades:
    """The shades of a layer's amounts.

    ``values`` are all that will be shown; NaN is left aside. Raises SpecError, located in the channel ``at``, where
    the scale that was asked for cannot show them.
    """

    def __init__(
        self,
        values: Floats,
        layer: Layer,
        channel: ColorChannel | None = None,
        *,
        title: str = "",
        at: str = "color",
        edges: Floats | None = None,
        zero: bool = False,
    ) -> None:
        """``edges`` are the limits of classes that are given already; ``zero`` starts the range at zero (counts)."""
        self._layer = layer
        self._channel = channel
        self._at = at
        self.title = title
        self.format = channel.format if channel else None
        given = channel if isinstance(channel, ShadeChannel) else None
        self._given = given
        known = values[np.isfinite(values)]
        self._midpoint = channel.midpoint if channel else None
        low, high = self._ends(known, zero=zero)
        self._edges = edges
        if edges is None and given is not None and given.steps is not None:
            self._edges = self._classes(low, high, given.steps)
        if self._edges is not None:
            low, high = float(self._edges[0]), float(self._edges[-1])
        self.scale = self._fit(known, low, high)

    def _ends(self, known: Floats, *, zero: bool) -> tuple[float, float]:
        """The amounts at the two ends; equally far from the middle, if there is one."""
        given = self._given
        low = float(known.min()) if len(known) else 0.0
        high = float(known.max()) if len(known) else 1.0
        if zero and (given is None or given.scale != "log"):
            low, high = min(low, 0.0), max(high, 0.0)
        low = given.min if given and given.min is not None else low
        high = given.max if given and given.max is not None else high
        if self._midpoint is not None:
            reach = max(abs(high - self._midpoint), abs(low - self._midpoint)) or 1.0
            return self._midpoint - reach, self._midpoint + reach
        return (low, high) if low <= high else (high, low)

    def _classes(self, low: float, high: float, steps: int) -> Floats:
        """Round limits of about so many classes; exactly so many where the author fixed both ends."""
        given = self._given
        if given and given.min is not None and given.max is not None:
            return np.linspace(low, high, steps + 1)
        unit = max(abs(low), abs(high)) or 1.0
        unit = unit if unit > 1e100 or unit < 1e-100 else 1.0
        if low == high:
            low, high = low - abs(low) / 10 - unit * 1e-9, high + abs(high) / 10 + unit * 1e-9
        locator = MaxNLocator(nbins=steps, steps=[1, 2, 2.5, 5, 10])
        return np.asarray(locator.tick_values(low / unit, high / unit), dtype=float) * unit

    def _fit(self, known: Floats, low: float, high: float) -> Scale:
        given = self._given
        name = given.scale if given else "linear"
        if name == "log" and len(known) and known.min() <= 0:
            message = f"a log scale needs positive values, and {self._at} holds {known.min():g}; try 'symlog'"
            raise self._layer.error(f"{self._at}/scale", message)
        if name == "sqrt" and len(known) and known.min() < 0:
            message = f"a sqrt scale needs values of zero and more, and {self._at} holds {known.min():g}; try 'symlog'"
            raise self._layer.error(f"{self._at}/scale", message)
        positive = known[known > 0]
        ends = np.array([low, high, *([float(positive.min())] if len(positive) else [])])
        edges = None if self._edges is None else tuple(self._edges.tolist())
        if edges is not None and len(edges) > 9:
            # Every second limit, and of the two ways to count, that with the rounder ones: 5, 10 and not 2.5, 7.5.
            pair = 2 * (edges[1] - edges[0])
            edges = edges[0 if abs(edges[0] / pair - round(edges[0] / pair)) < 1e-6 else 1 :: 2]
        wishes = Wishes(
            scale=name,
            low=low if name in ("linear", "sqrt") and low < high else None,
            high=high if name in ("linear", "sqrt") and low < high else None,
            format=self.format,
            ticks=edges,
        )
        try:
            return fit(extent_of_values(ends), wishes, _TICKS, self._layer.writer).placed(0.0, 1.0)
        except ScaleError as problem:
            raise self._layer.error(f"{self._at}/scale", str(problem)) from problem

    @cached_property
    def colors(self) -> Colormap:
        """The colour map from the low end to the high one; flat pieces where there are classes."""
        channel = self._channel
        own = channel.palette if channel else None
        diverging = self._midpoint is not None
        smooth = ramp(own or self._layer.palette, self._layer.theme, diverging=diverging, filled=True)
        if self._given is not None and self._given.reverse:
            smooth = smooth.reversed()
        if self._edges is None:
            return smooth
        places = self.scale(self._edges)
        count = len(places) - 1
        # Each class has the shade at its own place among the classes, so that the outer ones reach the ramp's ends.
        shades = smooth(np.linspace(0.0, 1.0, count) if count > 1 else np.array([0.6]))
        found = np.clip(np.searchsorted(places, np.linspace(0.0, 1.0, LEVELS), side="right") - 1, 0, count - 1)
        return ListedColormap([tuple(shade) for shade in shades[found]])

    def shares(self, values: Floats) -> Floats:
        """Where on the ramp amounts are, 0 to 1; NaN stays NaN."""
        result: Floats = np.clip(self.scale(values), 0.0, 1.0)
        return result

    def levels(self, values: Floats) -> Floats:
        """The same in ``LEVELS`` even levels, which is as fine as colours are told apart; NaN is -1."""
        shares = self.shares(values)
        result: Floats = np.where(np.isfinite(shares), np.round(np.nan_to_num(shares) * (LEVELS - 1)), -1.0)
        return result

    def fills(self, values: Floats) -> Floats:
        """(n, 4) colours; amounts without a value get the theme's colour for none."""
        fills = np.asarray(self.colors(np.nan_to_num(self.shares(values))), dtype=float)
        fills[~np.isfinite(values)] = self._layer.theme.grid
        return fills

    @cached_property
    def _table(self) -> list[list[float]]:
        colors: list[list[float]] = np.asarray(self.colors(np.linspace(0.0, 1.0, LEVELS))).tolist()
        return colors

    def of_level(self, level: int) -> Color:
        """The colour of a level."""
        red, green, blue, alpha = self._table[level]
        return red, green, blue, alpha

    def of(self, value: float) -> Color:
        """The colour of one amount."""
        return self.of_level(max(0, int(self.levels(np.array([value]))[0])))

    def write(self, values: Floats, style: str | None = None) -> list[str]:
        """Amounts as labels, in the channel's format if none is given."""
        return self._layer.writer.numbers(values.tolist(), style or self.format)

    def key(self, wish: str | None = None) -> Ramp:
        """The band of colours with its ticks; ``wish`` is where the kind wants it if the author does not care."""
        asked = self._channel.legend if self._channel else "auto"
        places = self.scale.of_ticks(self.scale.ticks)
        ticks = tuple(
            (place, tick.label)
            for place, tick in zip(places, self.scale.ticks, strict=True)
            if math.isfinite(place) and -1e-6 <= place <= 1 + 1e-6
        )
        return Ramp(self.title, self.colors, ticks, wish if wish and asked == "auto" else asked)
