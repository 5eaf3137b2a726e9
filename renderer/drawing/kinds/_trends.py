"""The trends of points, as shapes and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from renderer.data.table import Column
from renderer.drawing.color import with_alpha
from renderer.drawing.extent import numbers_of
from renderer.drawing.kind import Area, Layer, Series
from renderer.drawing.scene import Color, Floats, Path, Stroke
from renderer.drawing.theme import Theme
from renderer.drawing.trend import Trend, trend
from renderer.spec.marks.scatter import TrendLine

_BAND = 0.16  # opacity of the interval


@dataclass(frozen=True, slots=True, eq=False)
class FoundTrend:
    """The trend of the points of one colour; "" is that of all."""

    name: str
    color: Color
    curve: Trend


def find(layer: Layer, wish: TrendLine, x: Column, y: Floats, series: Sequence[Series]) -> list[FoundTrend]:
    """The trend of each series, or of all points where there is but one; with a warning for those that have none."""
    if x.type == "category":
        raise layer.error("trend", "a trend needs numbers or dates along x, and x holds categories")
    places = numbers_of(x)
    groups = [(one.name, one.rows, layer.theme.line_color(one.color)) for one in series]
    if wish.together or len(groups) < 2:
        groups = [("", np.arange(len(y)), layer.theme.text)]
    found = []
    for name, rows, color in groups:
        curve = trend(places[rows], y[rows], wish.method, level=wish.confidence, span=wish.span)
        if curve is None:
            whose = f" of {name}" if name else ""
            layer.warn(f"Too few points{whose} have different places for a {wish.method} trend.")
        else:
            found.append(FoundTrend(name, color, curve))
    return found


def bands(trends: Sequence[FoundTrend], wish: TrendLine | None, area: Area) -> Iterator[Path]:
    """The intervals, below the points."""
    for one in trends if wish is not None and wish.band else ():
        curve = one.curve
        x, low, high = area.x(curve.x), area.y(curve.low), area.y(curve.high)
        known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
        if known.any():
            x, low, high = x[known], low[known], high[known]
            yield Path(
                role="trend-band",
                points=area.points(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])),
                fill=with_alpha(one.color, _BAND),
                closed=True,
                values=np.concatenate([curve.low[known], curve.high[known][::-1]]),
                name=one.name,
                clip=area.clip(),
            )


def lines(trends: Sequence[FoundTrend], area: Area, theme: Theme) -> Iterator[Path]:
    """The curves, above the points."""
    for one in trends:
        yield Path(
            role="trend",
            points=area.points(area.x(one.curve.x), area.y(one.curve.y)),
            stroke=Stroke(one.color, theme.line, cap="round"),
            values=one.curve.y,
            name=one.name,
            clip=area.clip(theme.line / 2),
        )


def told(one: FoundTrend, wish: TrendLine | None, layer: Layer) -> str:
    """A trend in words, without a full stop."""
    curve, whose = one.curve, f" of {one.name}" if one.name else ""
    start, end = layer.writer.numbers([float(curve.y[0]), float(curve.y[-1])], layer.formats.get("y"))
    verb = "rises" if curve.y[-1] > curve.y[0] else "falls"
    sentence = f"The {wish.method if wish else ''} trend{whose} {verb} from {start} to {end}"
    if math.isfinite(curve.share):
        sentence += f" (R² {layer.writer.numerals.plain(curve.share, 2)})"
    return sentence
