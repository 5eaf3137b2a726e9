"""Names on the curves that they belong to, so that no legend is needed: above a peak, beside a flank, within a band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from renderer.drawing import text
from renderer.drawing.scene import Box, Color, Floats, Text
from renderer.drawing.theme import Theme

_ABOVE = 7.0  # pixels from a peak to the name above it
_BESIDE = 7.0  # and from a flank
_CLEAR = 3.0  # pixels that a name keeps from every curve
_FLANKS = (0.92, 0.8, 0.66, 0.5, 0.36)  # heights on the way down from a peak, as shares of it
_WEIGHT = 500


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A curve with its name, in pixels; x ascends."""

    name: str
    color: Color
    x: Floats
    y: Floats

    def top_between(self, start: float, end: float) -> float:
        """The highest place (least y) of the curve from ``start`` to ``end``; infinity where it is not."""
        inside = self.y[(self.x >= start) & (self.x <= end)]
        edges = np.interp([start, end], self.x, self.y, left=np.inf, right=np.inf)
        return float(min(inside.min(initial=np.inf), *edges))


def on_hills(outlines: Sequence[Outline], box: Box, theme: Theme) -> tuple[Text, ...] | None:
    """A name above each peak or beside its upper flank, where there is nothing but background; None where one finds no
    such place.
    """
    placed: list[Text] = []
    for outline in outlines:
        for label in _around(outline, theme):
            clear = label.box.grown(_CLEAR)
            lowest = min(other.top_between(clear.x0, clear.x1) for other in outlines)
            free = not any(clear.overlaps(other.box) for other in placed)
            if free and lowest > clear.y1 and label.box.inside(box, 1.0):
                placed.append(label)
                break
        else:
            return None
    return tuple(placed)


def _around(outline: Outline, theme: Theme) -> Iterator[Text]:
    color = theme.text_color(outline.color)
    peak = int(np.argmin(outline.y))
    foot = float(outline.y.max())

    def at(x: float, y: float, align: text.Align, valign: text.Valign) -> Text:
        return text.place(
            "series-label",
            outline.name,
            x,
            y,
            size=theme.label,
            weight=_WEIGHT,
            color=color,
            align=align,
            valign=valign,
        )

    yield at(float(outline.x[peak]), float(outline.y[peak]) - _ABOVE, "center", "baseline")
    for share in _FLANKS:
        height = foot - (foot - float(outline.y[peak])) * share
        below = np.flatnonzero(outline.y > height)
        right, left = below[below > peak], below[below < peak]
        if len(right):
            yield at(float(outline.x[right[0]]) + _BESIDE, height, "left", "middle")
        if len(left):
            yield at(float(outline.x[left[-1]]) - _BESIDE, height, "right", "middle")


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """An area between two curves with its name, in pixels; x ascends, and ``top`` is above ``bottom``."""

    name: str
    fill: Color
    x: Floats
    top: Floats
    bottom: Floats


def in_bands(bands: Sequence[Band], box: Box, theme: Theme) -> tuple[Text, ...] | None:
    """A name in each band, where it is thickest; None where one has no room."""
    placed = []
    for band in bands:
        width = text.width(band.name, theme.label, _WEIGHT) + 2 * _BESIDE
        needed = text.cap_height(theme.label, _WEIGHT) + 2 * _CLEAR + 4.0
        best: tuple[float, float, float] | None = None
        for center in np.linspace(band.x[0] + width / 2, band.x[-1] - width / 2, 48).tolist():
            inside = (band.x >= center - width / 2) & (band.x <= center + width / 2)
            if not inside.any():
                continue
            top, bottom = float(band.top[inside].max()), float(band.bottom[inside].min())
            if best is None or bottom - top > best[0] + 0.5:
                best = (bottom - top, center, (top + bottom) / 2)
        if best is None or best[0] < needed or width > band.x[-1] - band.x[0]:
            return None
        label = text.place(
            "series-label",
            band.name,
            best[1],
            best[2],
            size=theme.label,
            weight=_WEIGHT,
            color=theme.ink_on(band.fill),
            align="center",
            valign="middle",
        )
        if not label.box.inside(box, 1.0):
            return None
        placed.append(label)
    return tuple(placed)
