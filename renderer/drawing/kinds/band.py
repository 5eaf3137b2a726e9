"""Bands. Channels: x (numbers, dates, categories), y (numbers; all rows to compute from, or the middles), low and high
or margin (numbers), color (categories).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from renderer.drawing import dashes, ribbons
from renderer.drawing.color import with_alpha
from renderer.drawing.extent import Extent
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, End, Kind, Layer
from renderer.drawing.scene import Floats, Markers, Path, Primitive, Stroke, lifted
from renderer.drawing.spreads import Spread, Spreads, series_of
from renderer.spec.marks.band import Band

_OPACITY = 0.2
_EDGE = 1.0  # pixels of the lines along the edges


class BandKind(Kind[Band]):
    """One pale shape for each colour; alone it brings its line along."""

    accompanies = True
    named_at_ends = True

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.spreads = Spreads(layer, self.mark, series_of(layer))
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else _OPACITY
        self.width = (style.width if style else None) or layer.theme.line
        self.dash = dashes.named(style.dash if style else None, self.width)
        if self.spreads.given:
            for spread in self.spreads.of:
                if len(np.unique(spread.places)) < len(spread.places):
                    channel = "low" if self.mark.low is not None else "margin"
                    raise layer.error(channel, "a band has one stretch at each x, and there are two rows for one")

    @property
    def _lined(self) -> bool:
        wanted = self.mark.line if self.mark.line is not None else self.layer.alone
        return wanted and any(np.isfinite(spread.middle).any() for spread in self.spreads.of)

    def extent(self, axis: AxisName) -> Extent:
        return self.spreads.extent(axis)

    def title(self, axis: AxisName) -> str:
        return self.layer.title("x") if axis == "x" else self.spreads.title()

    def legend(self) -> tuple[Key, ...]:
        if not self.layer.alone and self.mark.color is None and self.mark.name is None:
            return ()
        look = Entry("", self.theme.text, symbol="line" if self._lined else "block")
        return self.layer.swatches([spread.series for spread in self.spreads.of], look)

    @property
    def _interpolate(self) -> ribbons.Interpolate:
        few = all(len(spread.places) <= ribbons.SMOOTH_UP_TO for spread in self.spreads.of)
        return self.mark.interpolate if few or self.mark.interpolate == "step" else "linear"

    def _pixels(self, spread: Spread, area: Area) -> tuple[Floats, Floats, Floats]:
        """x, and the two edges; NaN where one of them is missing."""
        low, high = area.y(spread.low), area.y(spread.high)
        gap = np.isnan(low) | np.isnan(high)
        return self.spreads.across(spread, area), np.where(gap, np.nan, low), np.where(gap, np.nan, high)

    def marks(self, area: Area) -> Iterator[Primitive]:
        curve = self._interpolate == "smooth"
        lines: list[Primitive] = []
        for spread in self.spreads.of:
            x, low, high = self._pixels(spread, area)
            upper = ribbons.edge(x, high, area, self._interpolate)
            lower = ribbons.edge(x, low, area, self._interpolate)
            color = self.theme.line_color(spread.series.color)
            name = spread.series.name
            if upper:
                shapes = [ribbons.between(top, bottom, curve=curve) for top, bottom in zip(upper, lower, strict=True)]
                yield Path(
                    role="band",
                    points=lifted(shapes),
                    fill=with_alpha(color, self.opacity),
                    curve=curve,
                    closed=True,
                    values=spread.high - spread.low,
                    name=name,
                    clip=area.clip(),
                )
            if upper and self.mark.edges:
                stroke = Stroke(with_alpha(color, 0.7), _EDGE)
                points = lifted([*upper, *lower])
                lines.append(Path(role="edge", points=points, stroke=stroke, curve=curve, name=name, clip=area.clip()))
            lines += self._middle(spread, area) if self._lined else ()
        yield from lines

    def _middle(self, spread: Spread, area: Area) -> Iterator[Primitive]:
        x, y = self.spreads.across(spread, area), area.y(spread.middle)
        parts = ribbons.edge(x, y, area, self._interpolate)
        color = self.theme.line_color(spread.series.color)
        if parts:
            yield Path(
                role="line",
                points=lifted(parts),
                stroke=Stroke(color, self.width, self.dash, cap="butt" if self.dash else "round"),
                curve=self._interpolate == "smooth",
                values=spread.middle,
                name=spread.series.name,
                clip=area.clip(self.width),
            )
        rows = ribbons.alone(np.isfinite(x) & np.isfinite(y))
        if len(rows):
            yield Markers(
                role="point",
                points=area.points(x[rows], y[rows]),
                size=self.theme.marker,
                fill=color,
                values=spread.middle[rows],
                name=spread.series.name,
                clip=area.clip(self.theme.marker / 2),
            )

    def ends(self, area: Area) -> tuple[End, ...]:
        ends = []
        for spread in self.spreads.of:
            x, low, high = self._pixels(spread, area)
            middle = np.where(np.isfinite(spread.middle), area.y(spread.middle), (low + high) / 2)
            known = np.flatnonzero(np.isfinite(x) & np.isfinite(middle))
            name = spread.series.name or self.mark.name or ""
            if len(known) and name:
                last = known[-1]
                y = float(np.clip(middle[last], area.box.y0, area.box.y1))
                ends.append(End(name, spread.series.color, float(x[last]), y))
        return tuple(ends)

    def facts(self) -> str:
        return self.spreads.facts("Band")


KIND = BandKind
