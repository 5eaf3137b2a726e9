"""Amounts as colours and as areas: their scales, and the keys that explain them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.ticker import MaxNLocator

from renderer.drawing.color import contrast
from renderer.drawing.keys import Entry, Ramp, Sizes
from renderer.drawing.kind import Layer
from renderer.drawing.scene import Color, Floats
from renderer.drawing.theme import Theme, ramp
from renderer.spec.channel import ColorChannel

_STEPS = [1, 2, 2.5, 5, 10]
_APART = 0.17  # of a scale is between two of its ticks, at least
_FAINT = 1.3  # contrast to the background, below which a colour looks like none
_SMALLEST = 5.0  # diameter of a point that stands for an amount


@dataclass(frozen=True, eq=False)
class ColorScale:
    """Numbers along a colour map, continuous or in classes.

    ``low`` and ``high`` are at its ends; ``limits`` are those of the classes, none for a continuous scale.
    """

    colors: Colormap
    low: float
    high: float
    curve: Literal["linear", "log", "sqrt"] = "linear"
    limits: tuple[float, ...] = ()
    open: bool = True  # whether the outermost limits are only those of the data, and say nothing

    def shares(self, values: Floats) -> Floats:
        """How far along the colour map each value is, 0 to 1; the middle of its class; NaN is missing."""
        if self.limits:
            count = len(self.limits) - 1
            place = np.clip(np.searchsorted(self.limits, values, side="right") - 1, 0, count - 1)
            return np.where(np.isnan(values), np.nan, (place + 0.5) / count)
        first, last = self._bent(np.array([self.low, self.high]))
        # Halved, since the difference of two huge numbers overflows.
        share: Floats = (self._bent(values) / 2 - first / 2) / (last / 2 - first / 2)
        return np.clip(share, 0.0, 1.0)

    def _bent(self, values: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            match self.curve:
                case "log":
                    return np.log10(values)
                case "sqrt":
                    return np.copysign(np.sqrt(np.abs(values)), values)
                case _:
                    return values

    def of(self, values: Floats, missing: Color) -> Floats:
        """The colour (n, 4) of each value."""
        shares = self.shares(values)
        result = np.asarray(self.colors(np.nan_to_num(shares)), dtype=float)
        result[np.isnan(shares)] = missing
        return result

    def ticks(self) -> list[float]:
        """Round numbers along the scale, or the limits of the classes."""
        if self.limits:
            return list(self.limits[1:-1] if self.open else self.limits)
        unit = max(abs(self.low), abs(self.high))
        unit = unit if unit > 1e100 or unit < 1e-100 else 1.0
        slack = (self.high / 2 - self.low / 2) * 2e-9
        if self.curve == "linear":
            places = MaxNLocator(nbins=5, steps=_STEPS).tick_values(self.low / unit, self.high / unit)
            found = [float(place) * unit for place in places]
        else:
            found = _curved(self.low, self.high)
        found = [place for place in found if self.low - slack <= place <= self.high + slack]
        if self.curve == "linear" or not found:
            return found
        shares = self.shares(np.array(found)).tolist()
        kept = [len(found) - 1]
        for index in reversed(range(len(found) - 1)):
            if shares[kept[-1]] - shares[index] >= _APART:
                kept.append(index)
        return [found[index] for index in reversed(kept)]

    def key(self, layer: Layer, channel: str, *, lying: bool = False, missing: Entry | None = None) -> Ramp:
        """What a legend says of the scale."""
        encoding = getattr(layer.resolved.mark, channel)
        column = layer.column(channel)
        places = self.ticks()
        if column is not None and column.type == "time":
            written = layer.writer.dates(places)
        else:
            written = layer.writer.numbers(places, encoding.format, exact=not self.limits)
        if self.limits:
            count = len(self.limits) - 1
            ticks = [((index + self.open) / count, label) for index, label in enumerate(written)]
        else:
            ticks = list(zip(self.shares(np.array(places)).tolist(), written, strict=True))
        return Ramp(layer.title(channel), self.colors, tuple(ticks), encoding.legend, lying=lying, missing=missing)


def color_scale(
    amounts: Floats,
    layer: Layer,
    channel: ColorChannel,
    *,
    curve: Literal["linear", "log", "sqrt"] = "linear",
    classes: int | Sequence[float] | None = None,
    method: Literal["quantile", "even"] = "quantile",
    step: float | None = None,
) -> ColorScale:
    """The scale for what a layer's colours show. ``step`` is the width of bins that the values are the middles of.

    On a light background more is darker, unless the author chose a palette: land without much stays in the background.
    """
    palette = channel.palette or layer.palette
    colors = ramp(palette, layer.theme, diverging=channel.midpoint is not None)
    if palette is None and channel.midpoint is None and layer.theme.name == "light":
        colors = colors.reversed()
    colors = _seen(colors, layer.theme)
    known = amounts[np.isfinite(amounts)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    limits = _limits(known, low, high, classes, method, step)
    if limits:
        count = len(limits) - 1
        places = (np.arange(count) + 0.5) / count
        if channel.midpoint is not None:
            places = _around(np.asarray(limits), channel.midpoint)
        return ColorScale(ListedColormap(colors(places)), limits[0], limits[-1], curve, limits, open=step is None)
    if channel.midpoint is not None:
        reach = max(abs(high - channel.midpoint), abs(low - channel.midpoint)) or 1.0
        low, high = channel.midpoint - reach, channel.midpoint + reach
    elif low == high:
        half = abs(low) * 0.1 or 0.5
        low, high = low - half, high + half
    return ColorScale(colors, low, high, curve)


def _seen(colors: Colormap, theme: Theme) -> Colormap:
    """The colour map without an end that is lost in the background."""
    places = np.linspace(0.0, 0.25, 26)
    ends = []
    for shares in (places, 1.0 - places):
        samples = [(float(r), float(g), float(b), 1.0) for r, g, b, _ in colors(shares)]
        seen = [contrast(sample, theme.background) >= _FAINT for sample in samples]
        ends.append(float(places[seen.index(True)]) if True in seen else 0.0)
    if not any(ends):
        return colors
    return ListedColormap(colors(np.linspace(ends[0], 1.0 - ends[1], 256)))


def _limits(
    known: Floats, low: float, high: float, classes: int | Sequence[float] | None, method: str, step: float | None
) -> tuple[float, ...]:
    """The limits of the classes, the outermost included."""
    if not len(known) or (classes is None and step is None):
        return ()
    if step is not None:
        return tuple((low - step / 2 + step * np.arange(round((high - low) / step) + 2)).tolist())
    if isinstance(classes, int):
        if method == "even":
            places = MaxNLocator(nbins=classes, steps=_STEPS, min_n_ticks=1).tick_values(low, high)
            found = np.unique(np.asarray(places, dtype=float))
            found = found[(found > low) & (found < high)]
        else:
            found = np.unique(np.quantile(known, np.arange(1, classes) / classes))
            found = np.unique(_rounded(found[(found > low) & (found < high)], known))
        return (low, *found.tolist(), high) if low < high else ()
    inner = [float(limit) for limit in classes or ()]
    first = min(low, inner[0] - (inner[-1] - inner[0] or abs(inner[0]) or 1.0) * 0.1) if low >= inner[0] else low
    last = max(high, inner[-1] + (inner[-1] - inner[0] or abs(inner[-1]) or 1.0) * 0.1) if high <= inner[-1] else high
    return (first, *inner, last)


def _rounded(limits: Floats, known: Floats) -> Floats:
    """The limits with as few digits as leave every value in its class."""
    result = []
    for limit in limits.tolist():
        size = math.floor(math.log10(abs(limit))) if limit else 0
        for digits in range(1, 7):
            short = round(limit, digits - 1 - size)
            if (known < short).sum() == (known < limit).sum():
                limit = short
                break
        result.append(limit)
    return np.array(result)


def _around(limits: Floats, midpoint: float) -> Floats:
    """Places on a diverging colour map for classes: those to both sides of the middle at like distances."""
    middles = (limits[:-1] + limits[1:]) / 2
    below, above = int((middles < midpoint).sum()), int((middles >= midpoint).sum())
    most = max(below, above)
    steps = np.concatenate([np.arange(-below, 0) + 0.5, np.arange(above) + 0.5])
    places: Floats = 0.5 + steps / most * 0.5
    return places


def _curved(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten between two numbers, and zero."""
    largest = max(abs(low), abs(high))
    least = low if low > 0 else largest / 1e4
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(largest)) + 1)
    found = [sub * 10.0**power for power in powers for sub in (1.0, 2.0, 5.0)]
    return sorted({-place for place in found} | {0.0} | set(found)) if low <= 0 else found


@dataclass(frozen=True, eq=False)
class SizeScale:
    """Amounts as the areas of circles: the diameter of the ``largest`` amount, in pixels."""

    amount: float
    largest: float

    def of(self, amounts: Floats) -> Floats:
        """The diameter of each; the smallest stay visible; NaN is missing."""
        return np.maximum(_SMALLEST, self.largest * np.sqrt(np.abs(amounts) / self.amount))

    def key(self, layer: Layer, channel: str, color: Color) -> Sizes:
        """Three round amounts, from the largest down."""
        top = round_down(self.amount)
        places = [top, round_down(top / 3), round_down(top / 12)]
        written = layer.writer.numbers(places, getattr(layer.resolved.mark, channel).format)
        diameters = self.of(np.array(places)).tolist()
        return Sizes(layer.title(channel), tuple(zip(written, diameters, strict=True)), color)


def size_scale(amounts: Floats, largest: float) -> SizeScale:
    """The scale for the sizes of a layer."""
    return SizeScale(float(np.nanmax(np.abs(amounts), initial=0.0)) or 1.0, largest)


def round_down(value: float) -> float:
    """1, 2 or 5 times a power of ten, not above the value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= value * (1 + 1e-9))
