"""Areas. Channels: x (numbers, dates, categories), y (numbers), low (numbers: a lower edge), color (categories;
stacked, as shares, around a middle, or in front of each other).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from renderer.drawing import dashes, ribbons, text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, End, Kind, Layer, Series
from renderer.drawing.scene import Floats, Markers, Path, Primitive, Stroke, Text, lifted
from renderer.spec.errors import show
from renderer.spec.marks.area import Area as AreaMark

_TRANSLUCENT = 0.24  # of areas that others, or the grid, should be seen through
_SEAM = 1.0  # pixels between areas that stand on each other
_NAME_PAD = 5.0  # pixels around a name within its area
_STEP = 3.0  # pixels from one place that is tried for a name to the next


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """The shape of one series in the units of the axes: its edges over ``places``; NaN is a gap."""

    series: Series
    places: Floats
    low: Floats
    high: Floats
    values: Floats


class AreaKind(Kind[AreaMark]):
    """One closed path for each colour."""

    named_at_ends = True
    named_inside = True

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.y = numbers_of(layer.resolved.table["y"])
        low = layer.column("low")
        self.low = numbers_of(low) if low is not None else None
        self.series = layer.series()
        several = len(self.series) > 1
        self.stacked = self.low is None and self.mark.stack != "overlay" and (several or self._shares)
        if self._shares and (self.y < 0).any():
            worst = show(float(np.nanmin(self.y)))
            raise layer.error("y", f"shares of a whole need values of zero and more, and y holds {worst}")
        style = self.mark.style
        usual = 1.0 if self.stacked else _TRANSLUCENT
        self.opacity = style.opacity if style and style.opacity is not None else usual
        self.lined = self.mark.line if self.mark.line is not None else not self.stacked
        self.width = (style.width if style and style.width else None) or layer.theme.line
        self.dash = dashes.named(style.dash if style else None, self.width)

    @property
    def _shares(self) -> bool:
        return self.mark.stack == "normalized"

    # Geometry in the units of the axes --------------------------------------------------------------------------------

    @cached_property
    def places(self) -> Floats:
        """Where along x each row stands: a number, a date, or the index of a category."""
        if self.x.type != "category":
            return numbers_of(self.x)
        index = {name: place for place, name in enumerate(self.layer.names("x"))}
        return np.array([index.get(name, np.nan) for name in self.x.values.tolist()], dtype=float)

    @cached_property
    def bands(self) -> list[_Band]:
        return self._piled() if self.stacked else [self._free(series) for series in self.series]

    def _free(self, series: Series) -> _Band:
        """A series of its own: down to zero, or to its lower edge."""
        rows = series.rows[np.isfinite(self.places[series.rows])]
        high = self.y[rows]
        low = np.zeros(len(rows)) if self.low is None else self.low[rows]
        gap = np.isnan(high) | np.isnan(low)
        return _Band(series, self.places[rows], np.where(gap, np.nan, low), np.where(gap, np.nan, high), high)

    def _piled(self) -> list[_Band]:
        """All series over the same places: positive parts upwards and negative ones downwards from zero."""
        places, column = np.unique(self.places[np.isfinite(self.places)], return_inverse=True)
        amounts = np.full((len(self.series), len(places)), np.nan)
        where = np.full(len(self.places), -1)
        where[np.isfinite(self.places)] = column
        for number, series in enumerate(self.series):
            rows = series.rows[where[series.rows] >= 0]
            amounts[number, where[rows]] = self.y[rows]
        self._mention_gaps(amounts)
        filled = np.nan_to_num(amounts)
        if self._shares:
            whole = filled.sum(axis=0)
            filled = np.divide(filled, whole, out=np.zeros_like(filled), where=whole > 0)
        floor = np.zeros(len(places))
        if self.mark.stack == "center":
            filled = np.abs(filled)
            floor = -filled.sum(axis=0) / 2
        bands = []
        for sign in (1.0, -1.0):
            parts = np.maximum(filled * sign, 0.0) * sign
            edges = floor + np.vstack([np.zeros(len(places)), np.cumsum(parts, axis=0)])
            for number, series in enumerate(self.series):
                if parts[number].any() or (sign > 0 and not (filled[number] < 0).any()):
                    bands.append(_Band(series, places, edges[number], edges[number + 1], amounts[number]))
        return bands

    def _mention_gaps(self, amounts: Floats) -> None:
        """A place without a value counts as nothing: say so, but not of a series that begins late or ends early."""
        for series, row in zip(self.series, amounts, strict=True):
            known = np.flatnonzero(np.isfinite(row))
            missing = int(np.isnan(row[known[0] : known[-1]]).sum()) if len(known) else 0
            if missing:
                places = "a place" if missing == 1 else f"{missing:,} places"
                self.layer.warn(f"{show(series.name)} has no value at {places}, which counts as nothing in the stack.")

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            if self.x.type == "category":
                return Extent("category", categories=self.layer.names("x"))
            return extent_of(self.x)
        edges = np.concatenate([edge for band in self.bands for edge in (band.low, band.high)] or [np.empty(0)])
        if self.low is not None:
            return extent_of_values(edges, nice=True)
        center = self.stacked and self.mark.stack == "center"
        found = extent_of_values(edges, zero=True, anchored=not center, nice=True, percent=self._shares)
        return replace(found, absolute=center)

    def legend(self) -> tuple[Key, ...]:
        return self.layer.swatches(self.series, Entry("", self.theme.text))

    def marks(self, area: Area) -> Iterator[Primitive]:
        clip = area.clip()
        for band in self.bands:
            upper, lower = self._edges(band, area)
            shapes = [
                ribbons.between(top, bottom, curve=self._smooth) for top, bottom in zip(upper, lower, strict=True)
            ]
            color = band.series.color
            if not shapes:
                continue
            yield Path(
                role="area",
                points=lifted(shapes),
                fill=with_alpha(color, self.opacity),
                curve=self._smooth,
                closed=True,
                values=band.values,
                name=band.series.name,
                clip=clip,
            )
        for band in self.bands:
            yield from self._lines(band, area)
            if not self.stacked:
                yield from self._alone(band, area)

    def _alone(self, band: _Band, area: Area) -> Iterator[Primitive]:
        """A dot for values between two gaps, which have no area."""
        x, low, high = self._pixels(band, area)
        known = np.isfinite(high) & np.isfinite(low) & np.isfinite(x)
        rows = ribbons.alone(known)
        if len(rows):
            yield Markers(
                role="point",
                points=area.points(x[rows], high[rows]),
                size=self.theme.marker,
                fill=self.theme.line_color(band.series.color),
                values=band.values[rows],
                name=band.series.name,
                clip=area.clip(self.theme.marker / 2),
            )

    def _lines(self, band: _Band, area: Area) -> Iterator[Primitive]:
        """The line along the upper edge (and the lower one, if it has its own), or the seam to the next area."""
        if self.lined:
            color = self.theme.line_color(band.series.color)
            stroke = Stroke(color, self.width, self.dash, cap="butt" if self.dash else "round")
            role, clip = "line", area.clip(self.width)
        elif self.stacked and len(self.series) > 1:
            stroke = Stroke(self.theme.background, _SEAM, cap="round")
            role, clip = "seam", area.clip()
        else:
            return
        upper, lower = self._edges(band, area)
        drawn = [*upper, *lower] if self.lined and self.low is not None else upper
        if drawn:
            yield Path(
                role=role,
                points=lifted(drawn),
                stroke=stroke,
                curve=self._smooth,
                values=band.values,
                name=band.series.name,
                clip=clip,
            )

    # Geometry in pixels -----------------------------------------------------------------------------------------------

    @property
    def _interpolate(self) -> ribbons.Interpolate:
        few = len(self.y) <= ribbons.SMOOTH_UP_TO * len(self.series)
        return self.mark.interpolate if few or self.mark.interpolate == "step" else "linear"

    @property
    def _smooth(self) -> bool:
        return self._interpolate == "smooth"

    def _across(self, area: Area, places: Floats) -> Floats:
        """Pixels along x; in a panel with other layers the axis may hold more names than this layer."""
        if self.x.type != "category":
            return area.x(places)
        names = self.layer.names("x")
        known = {name: index for index, name in enumerate(getattr(area.x, "names", names))}
        return area.x(np.array([known[names[int(place)]] for place in places], dtype=float))

    def _pixels(self, band: _Band, area: Area) -> tuple[Floats, Floats, Floats]:
        """x, and the two edges."""
        base = area.y.one(area.y.baseline)
        low, high = area.y(band.low), area.y(band.high)
        if self.low is None:
            # Zero has no place on a log scale: areas stand on its end.
            low = np.where(np.isnan(low) & np.isfinite(high), base, low)
        low = np.where(np.isnan(high), np.nan, low)
        return self._across(area, band.places), low, high

    def _edges(self, band: _Band, area: Area) -> tuple[list[Floats], list[Floats]]:
        """The upper and the lower edge of each part without a gap, as points of the sheet."""
        x, low, high = self._pixels(band, area)
        gap = np.isnan(low) | np.isnan(high)
        upper, lower = np.where(gap, np.nan, high), np.where(gap, np.nan, low)
        return ribbons.edge(x, upper, area, self._interpolate), ribbons.edge(x, lower, area, self._interpolate)

    # Names ------------------------------------------------------------------------------------------------------------

    def inner_names(self, area: Area) -> tuple[Text, ...]:
        if not self.stacked or len(self.series) < 2:
            return ()
        names = []
        for series in self.series:
            found = [self._inner_name(band, area) for band in self.bands if band.series is series]
            label = next((label for label in found if label is not None), None)
            if label is None:
                return ()
            names.append(label)
        return tuple(names)

    def _inner_name(self, band: _Band, area: Area) -> Text | None:
        """The name where its area is deepest over the whole width of the name; None where it is nowhere deep enough."""
        size = self.theme.label + 1.0
        width = text.width(band.series.name, size, 500) + 2 * _NAME_PAD
        x, low, high = self._pixels(band, area)
        if len(x) < 2 or x[-1] - x[0] < width:
            return None
        grid = np.arange(x[0], x[-1], _STEP)
        top, bottom = np.minimum(low, high), np.maximum(low, high)
        if self.mark.interpolate == "step":
            place = np.clip(np.searchsorted(x, grid, side="right") - 1, 0, len(x) - 1)
            top, bottom = top[place], bottom[place]
        else:
            top, bottom = np.interp(grid, x, top), np.interp(grid, x, bottom)
        span = int(np.ceil(width / _STEP)) + 1
        if span > len(grid):
            return None
        window = np.lib.stride_tricks.sliding_window_view
        highest, lowest = window(top, span).max(axis=1), window(bottom, span).min(axis=1)
        room = lowest - highest
        # Of places that are about as deep, the one nearest to the middle of the deep ones.
        deep = np.flatnonzero(room >= room.max() - 1.0)
        best = int(deep[len(deep) // 2])
        label = text.place(
            "series-label",
            band.series.name,
            float(grid[best] + (span - 1) * _STEP / 2),
            float((highest[best] + lowest[best]) / 2),
            size=size,
            weight=500,
            color=self.theme.ink_on(band.series.color),
            align="center",
            valign="middle",
        )
        return label if room[best] >= label.box.height + 3.0 and label.box.inside(area.box) else None

    def ends(self, area: Area) -> tuple[End, ...]:
        ends = []
        for band in self.bands:
            x, low, high = self._pixels(band, area)
            known = np.flatnonzero(np.isfinite(high) & np.isfinite(low))
            if not len(known):
                continue
            last = known[-1]
            y = (low[last] + high[last]) / 2 if self.stacked or self.low is not None else high[last]
            name = band.series.name or self.mark.name or self.layer.title("y")
            ends.append(End(name, band.series.color, float(x[last]), float(np.clip(y, area.box.y0, area.box.y1))))
        return tuple(ends)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write = self.layer.writer
        style = self.layer.formats.get("y")
        names = [series.name for series in self.series if series.name]
        kind = {"normalized": "Area chart of shares", "center": "Stream graph"}.get(
            self.mark.stack if self.stacked else "", "Stacked area chart" if self.stacked else "Area chart"
        )
        sentence = f"{kind} of {self.layer.subject}"
        known = self.y[np.isfinite(self.y)]
        if not len(known):
            return f"{sentence} without values."
        if names:
            sentence += f", split into {listing(names)}"
        rows = np.flatnonzero(np.isfinite(self.places))
        first, last = int(rows[np.argmin(self.places[rows])]), int(rows[np.argmax(self.places[rows])])
        start, end = self.layer.place("x", first), self.layer.place("x", last)
        if start != end:
            sentence += f", from {start} to {end}"
        parts = [sentence]
        if self.stacked:
            parts += self._totals(start, end)
        else:
            low = self.low[np.isfinite(self.low)] if self.low is not None else known
            bottom, top = write.numbers([float(low.min()), float(known.max())], style)
            parts.append(f"Values range from {bottom} to {top}")
        return ". ".join(parts) + "."

    def _totals(self, start: str, end: str) -> list[str]:
        """How the whole goes, and what its parts are in the end."""
        write, style = self.layer.writer, self.layer.formats.get("y")
        amounts = np.nan_to_num(np.array([self._at(series) for series in self.series]))
        totals = amounts.sum(axis=0)
        parts = []
        if not self._shares:
            first, last = write.numbers([float(totals[0]), float(totals[-1])], style)
            parts.append(f"The total goes from {first} ({start}) to {last} ({end})")
        if totals[-1] > 0 and (amounts >= 0).all():
            shares = amounts[:, -1] / totals[-1]
            order = np.argsort(-shares, kind="stable")[:3]
            written = write.numbers(shares[order].tolist(), "percent")
            named = [f"{self.series[index].name} {share}" for index, share in zip(order, written, strict=True)]
            parts.append(f"In the end the largest shares are {listing(named)}")
        return parts

    def _at(self, series: Series) -> Floats:
        """The series' values at all places."""
        return next(band.values for band in self.bands if band.series is series)


KIND = AreaKind
