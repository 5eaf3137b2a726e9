"""Densities. Channels: x (numbers or dates, one a row), color (categories; in front of or on each other, as shares)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing.alt import listing
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.dashes import named
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.naming import Band, Outline, in_bands, on_hills
from renderer.drawing.scene import Color, Floats, Path, Primitive, Segments, Stroke, Text
from renderer.drawing.smoothing import Curve, Smoothing
from renderer.spec.marks.density import Density

_ALONE, _AMONG = 0.3, 0.2  # opacity under a curve, and under one of several
_STACKED = 0.85
_RUG = 7.0  # pixels of height
_RUG_OPACITY = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class _Sheet:
    """The area under one curve, in the units of the axes."""

    series: Series
    x: Floats
    start: Floats
    end: Floats
    peak: float


class DensityKind(Kind[Density]):
    """A curve for each colour, and the area under it."""

    named_inside = True

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.values = numbers_of(self.x)
        self.series = [one for one in layer.series() if np.isfinite(self.values[one.rows]).any()]
        style = self.mark.style
        self.width = (style.width if style and style.width else None) or self.theme.line
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.dash = named(style.dash if style else None, self.width)
        self.stacked = self.mark.stack != "overlay" and len(self.series) > 1
        self.normalize = self.mark.normalize or ("all" if self.mark.stack != "overlay" else "each")
        self.smooth = Smoothing(self.mark.bandwidth, self.mark.adjust, self.mark.trim, layer.scales.get("x", "auto"))

    def known(self, series: Series) -> Floats:
        values = self.values[series.rows]
        return values[np.isfinite(values)]

    @cached_property
    def curves(self) -> list[Curve]:
        groups = [self.known(series) for series in self.series]
        if self.stacked:
            # Shares of next to nothing would say nothing: they end where the values do.
            curves = self.smooth.together(groups, trim=self.mark.trim or self.mark.stack == "normalized")
        else:
            curves = [self.smooth(group) for group in groups]
        for series, curve in zip(self.series, curves, strict=True):
            if curve.alone:
                named = f" of {series.name}" if series.name else ""
                self.layer.warn(f"All values{named} are the same: the curve shows the smoothing only.")
        return curves

    @cached_property
    def sheets(self) -> list[_Sheet]:
        total = sum(len(self.known(series)) for series in self.series)
        weights = [
            {"each": 1.0, "all": len(self.known(series)) / max(1, total), "count": float(len(self.known(series)))}[
                self.normalize
            ]
            for series in self.series
        ]
        if not self.stacked:
            return [
                _Sheet(series, curve.x, np.zeros(len(curve.x)), curve.y * weight, curve.peak * weight)
                for series, curve, weight in zip(self.series, self.curves, weights, strict=True)
            ]
        places = self.curves[0].x
        heights = np.array([curve.y * weight for curve, weight in zip(self.curves, weights, strict=True)])
        if self.mark.stack == "normalized":
            whole = heights.sum(axis=0)
            # Where no curve says anything, no share does.
            heights = np.divide(heights, whole, out=np.full_like(heights, np.nan), where=whole > whole.max() * 1e-6)
        tops = np.cumsum(heights, axis=0)
        return [
            _Sheet(series, places, tops[index] - heights[index], tops[index], float(np.nanmax(heights[index])))
            for index, series in enumerate(self.series)
        ]

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            ends = [sheet.x[[0, -1]] for sheet in self.sheets]
            return extent_of_values(np.concatenate(ends) if ends else np.empty(0), self.x.type)
        tops = [sheet.end for sheet in self.sheets]
        values = np.concatenate(tops) if tops else np.empty(0)
        shares = self.stacked and self.mark.stack == "normalized"
        return extent_of_values(values, zero=True, anchored=True, nice=True, percent=shares)

    def title(self, axis: AxisName) -> str:
        if axis == "x":
            return self.layer.title("x")
        if self.stacked and self.mark.stack == "normalized":
            return "Share"
        return "Density of rows" if self.normalize == "count" else "Density"

    def legend(self) -> tuple[Key, ...]:
        look = Entry("", self.theme.text, symbol="block" if self.mark.fill else "line", dash=self.dash)
        return self.layer.swatches(self.series, look, stacked=self.stacked)

    def inner_names(self, area: Area) -> tuple[Text, ...]:
        if not all(series.name for series in self.series):
            return ()
        if self.stacked:
            bands = []
            for sheet in self.sheets:
                x, start, end = self._edges(area, sheet)
                bands.append(Band(sheet.series.name, self._shade(sheet.series.color), x, top=end, bottom=start))
            return in_bands(bands, area.box, self.theme) or ()
        outlines = []
        for sheet in self.sheets:
            x, _, end = self._edges(area, sheet)
            outlines.append(Outline(sheet.series.name, sheet.series.color, x, end))
        return on_hills(outlines, area.box, self.theme) or ()

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        if self.mark.fill or self.stacked:
            for sheet in self.sheets:
                yield self._area(area, sheet)
        for sheet in self.sheets:
            yield self._line(area, sheet)
        if self.mark.rug:
            yield from self._rug(area)

    def _area(self, area: Area, sheet: _Sheet) -> Primitive:
        x, start, end = self._edges(area, sheet)
        return Path(
            role="area",
            points=area.points(np.concatenate([x, x[::-1]]), np.concatenate([end, start[::-1]])),
            fill=self._shade(sheet.series.color),
            closed=True,
            values=sheet.end - sheet.start,
            name=sheet.series.name,
            clip=area.clip(),
        )

    def _edges(self, area: Area, sheet: _Sheet) -> tuple[Floats, Floats, Floats]:
        """The pixels of a sheet along x, of its start and of its end, where it is known."""
        known = np.isfinite(sheet.end)
        x, start, end = area.x(sheet.x[known]), area.y(sheet.start[known]), area.y(sheet.end[known])
        base = area.y.one(area.y.baseline)
        start, end = (np.where(np.isfinite(y), y, base) for y in (start, end))
        return x, start, end

    def _shade(self, color: Color) -> Color:
        if self.stacked:
            return mix(color, self.theme.background, 1.0 - _STACKED * self.opacity)
        share = _ALONE if len(self.sheets) == 1 else _AMONG
        return with_alpha(self.theme.line_color(color), share * self.opacity)

    def _line(self, area: Area, sheet: _Sheet) -> Primitive:
        # What lies on each other is told apart by a line in the colour of what is behind.
        own = self.theme.line_color(sheet.series.color)
        color, width = (self.theme.background, 1.0) if self.stacked else (with_alpha(own, self.opacity), self.width)
        return Path(
            role="density",
            points=area.points(area.x(sheet.x), area.y(sheet.end)),
            stroke=Stroke(color, width, self.dash, cap="butt" if self.dash else "round"),
            values=sheet.end,
            name=sheet.series.name,
            clip=area.clip(self.width),
        )

    def _rug(self, area: Area) -> Iterator[Primitive]:
        for series in self.series:
            x = np.unique(np.round(area.x(self.known(series)) * 2)) / 2
            bottom = area.box.y1
            yield Segments(
                role="rug",
                ends=np.column_stack([x, np.full(len(x), bottom - _RUG), x, np.full(len(x), bottom)]),
                stroke=Stroke(with_alpha(self.theme.line_color(series.color), _RUG_OPACITY), 1.0),
                name=series.name,
                clip=area.clip(),
                crisp=False,
            )

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        title = self.layer.title("x")
        if not self.series:
            return f"Density curve of {title} without values."
        names = [series.name for series in self.series if series.name]
        count = self.layer.writer.number(float(np.isfinite(self.values).sum()))
        what = "Density curves" if len(self.series) > 1 else "Density curve"
        sentence = f"{what} of {count} values of {title}"
        if names:
            sentence += f", one for each of {listing(names)}"
        known = self.values[np.isfinite(self.values)]
        low, high = self._written([float(known.min()), float(known.max())])
        sentence += f". They range from {low} to {high}"
        peaks = self._written([float(curve.x[np.argmax(curve.y)]) for curve in self.curves])
        if len(self.series) == 1:
            (median,) = self._written([float(np.median(known))])
            return f"{sentence} with a median of {median}; most lie around {peaks[0]}."
        told = [f"{s.name} around {peak}" for s, peak in zip(self.series, peaks, strict=True)][:6]
        return f"{sentence}. The peaks: {listing(told)}."

    def _written(self, values: list[float]) -> list[str]:
        style = self.layer.formats.get("x") or self.mark.x.format
        if self.x.type == "time":
            return self.layer.writer.dates(values, style)
        known = self.values[np.isfinite(self.values)]
        if not style and bool((known == np.round(known)).all()):
            values = [float(round(value)) for value in values]  # no more digits than the data have
        return self.layer.writer.numbers(values, style)


KIND = DensityKind
