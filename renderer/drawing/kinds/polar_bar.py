"""Polar bars. Channels: x (categories), y (numbers), color (categories; stacked, side by side, as shares, or in front
of each other).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.data.forecast import labels_warning
from renderer.drawing import around, text
from renderer.drawing.alt import listing
from renderer.drawing.around import Wheel
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Color, Floats, Path, Primitive, Rows, Stroke, Text, lifted
from renderer.spec.marks.polar_bar import PolarBar

_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_FEWEST = 3  # names that make a compass
_SEAM = 1.0  # pixels between sectors
_TICK_SIZE = 0.92  # of a label's size
_LABEL = 11.0
_PAD = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Sectors:
    """The sectors of one series: from where to where along y, and around (turns)."""

    series: Series
    low: Floats
    high: Floats
    start: Floats
    end: Floats
    rows: Rows


class PolarBarKind(Kind[PolarBar]):
    """One path of sectors for each colour."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.y = numbers_of(layer.resolved.table["y"])
        if (self.y < 0).any():
            worst = float(np.nanmin(self.y))
            raise layer.error("y", f"lengths from a middle need values of zero and more, and y holds {worst:g}")
        found = layer.names("x")
        compass = _compass(found)
        self.compass = bool(compass)
        self.names = compass or found
        place = {name.upper() if compass else name: index for index, name in enumerate(self.names)}
        self.places = np.array(
            [place[name.upper() if compass else name] for name in layer.resolved.table["x"].values.tolist()],
            dtype=np.intp,
        )
        self.turns = np.arange(len(self.names)) / len(self.names) + self.mark.start / 360.0
        self.series = layer.series()
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    # Geometry in the units of the scale -------------------------------------------------------------------------------

    @cached_property
    def sectors(self) -> list[_Sectors]:
        count = len(self.series)
        values = np.nan_to_num(self.y)
        if self.mark.stack == "normalized":
            totals = np.bincount(self.places, weights=values, minlength=len(self.names))[self.places]
            values = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
        width = (1.0 - (self.mark.gap if len(self.names) > 1 else 0.0)) / len(self.names)
        tops = np.zeros(len(self.names))
        result = []
        for number, one in enumerate(self.series):
            places, amounts = self.places[one.rows], values[one.rows]
            start = self.turns[places] - width / 2
            span, low = width, np.zeros(len(one.rows))
            if self.mark.stack == "grouped":
                start, span = start + width * number / count, width / count
            elif self.mark.stack != "overlay":
                low = tops[places]
                tops[places] += amounts
            result.append(_Sectors(one, low, low + amounts, start, start + span, one.rows))
        return result

    @cached_property
    def _ends(self) -> Floats:
        """How far the sectors of each place reach."""
        ends = np.zeros(len(self.names))
        for sectors in self.sectors:
            np.maximum.at(ends, self.places[sectors.rows], sectors.high)
        return ends

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return Extent("number")
        shares = self.mark.stack == "normalized"
        return extent_of_values(self._ends, zero=True, anchored=True, nice=True, percent=shares)

    def legend(self) -> tuple[Key, ...]:
        color = self.layer.column("color")
        if color is not None and (color.values == self.layer.resolved.table["x"].values).all():
            return ()  # the names around the wheel say it
        return self.layer.swatches(self.series, Entry("", self.theme.text))

    def marks(self, area: Area) -> Iterator[Primitive]:
        wheel, scale = self._placed(area)
        yield from self._rings(wheel, scale)
        yield from self._overlaid(wheel, scale) if self.mark.stack == "overlay" else self._in_order(wheel, scale)
        if wheel.every > 1 or not wheel.names:
            shown = f"only one in {wheel.every} of the" if wheel.names else "none of the"
            self.layer.warn(f"There is room for {shown} {len(self.names)} names around the wheel.")
        yield from wheel.names
        yield from self._ticks(wheel, scale, area)

    def _placed(self, area: Area) -> tuple[Wheel, Scale]:
        wheel = around.wheel(area.box, self.turns.tolist(), [(name,) for name in self.names], self.theme)
        return wheel, area.y.placed(self.mark.inner * wheel.radius, wheel.radius)

    def _rings(self, wheel: Wheel, scale: Scale) -> Iterator[Primitive]:
        for tick, radius in zip(scale.ticks, scale.of_ticks(scale.ticks), strict=True):
            if 0.5 < radius <= wheel.radius + 0.5:
                yield Path(
                    role="ring",
                    points=around.circle(wheel.center, radius),
                    stroke=Stroke(self.theme.axis if tick.place == 0 else self.theme.grid, 1.0),
                    curve=True,
                    closed=True,
                    values=np.array([tick.place]),
                )

    def _shapes(self, sectors: _Sectors, wheel: Wheel, scale: Scale) -> dict[int, Floats]:
        """The outline of each sector that has a size, by its place in the series."""
        base = scale.one(scale.baseline)
        low, high = np.nan_to_num(scale(sectors.low), nan=base), scale(sectors.high)
        low, high = np.clip(low, 0.0, wheel.radius), np.clip(high, 0.0, wheel.radius)
        return {
            index: around.sector(wheel.center, min(low[index], high[index]), max(low[index], high[index]), start, end)
            for index, (start, end) in enumerate(zip(sectors.start.tolist(), sectors.end.tolist(), strict=True))
            if np.isfinite(high[index]) and abs(high[index] - low[index]) > 0.01
        }

    def _in_order(self, wheel: Wheel, scale: Scale) -> Iterator[Primitive]:
        for sectors in self.sectors:
            shapes = self._shapes(sectors, wheel, scale)
            if shapes:
                yield self._path(sectors, list(shapes), lifted(list(shapes.values())), wheel)

    def _overlaid(self, wheel: Wheel, scale: Scale) -> Iterator[Primitive]:
        """The larger sectors first, so that the smaller ones are seen."""
        parts = [
            (float(sectors.high[index]), sectors, index, shape)
            for sectors in self.sectors
            for index, shape in self._shapes(sectors, wheel, scale).items()
        ]
        for _, sectors, index, shape in sorted(parts, key=lambda part: -part[0]):
            yield self._path(sectors, [index], shape, wheel)

    def _path(self, sectors: _Sectors, indices: list[int], points: Floats, wheel: Wheel) -> Path:
        wide = math.pi * wheel.radius / len(self.names) > 4 * _SEAM
        return Path(
            role="bar",
            points=points,
            fill=self._color(sectors.series),
            stroke=Stroke(self.theme.background, _SEAM) if wide else None,
            curve=True,
            closed=True,
            values=self.y[sectors.rows[indices]],
            name=sectors.series.name,
        )

    def _color(self, series: Series) -> Color:
        return with_alpha(series.color, self.opacity)

    def _ticks(self, wheel: Wheel, scale: Scale, area: Area) -> Iterator[Text]:
        """The rings' values, between the two neighbours that reach least far."""
        if wheel.small or (self.mark.labels is not None and self.mark.stack == "normalized"):
            return
        pairs = np.maximum(self._ends, np.roll(self._ends, -1))
        # The right half reads best; the top is the names'.
        turn = min(
            (
                (float(self.turns[index]) + 0.5 / len(self.names)) % 1.0
                for index in np.flatnonzero(pairs == pairs.min())
            ),
            key=lambda turn: abs(turn - 0.125),
        )
        crowd = Crowd(name.box for name in wheel.names)
        radii = scale.of_ticks(scale.ticks)
        for tick, radius in sorted(zip(scale.ticks, radii, strict=True), key=lambda pair: -pair[1]):
            if not scale.start + 0.5 < radius <= wheel.radius + 0.5:
                continue  # the middle is zero, as one expects
            ((x, y),) = wheel.at([turn], [radius]).tolist()
            label = text.place(
                "tick-label-y",
                tick.label,
                x,
                y,
                size=self.theme.label * _TICK_SIZE,
                color=self.theme.muted,
                align="center",
                valign="middle",
                halo=self.theme.background,
            )
            if label.box.inside(area.box) and crowd.claim(label.box, 2.0):
                yield label

    # Value labels -----------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        count = int(np.isfinite(self.y).sum())
        most = self.layer.limits.value_labels
        if count > most:
            self.layer.warn(labels_warning(count, most))
            return
        wheel, scale = self._placed(area)
        if 2 * math.pi * wheel.radius / len(self.names) < _LABEL:
            self.layer.warn(f"{count} value labels have no room.")
            return
        style = options.format or self.layer.formats.get("y")
        if self.mark.stack == "normalized":
            style = style or "percent"
        base = scale.one(scale.baseline)
        for sectors in self.sectors:
            shown = sectors.high - sectors.low
            written = self.layer.writer.numbers(shown.tolist(), style)
            low, high = np.nan_to_num(scale(sectors.low), nan=base), np.minimum(scale(sectors.high), wheel.radius)
            for index, words in enumerate(written):
                if not math.isfinite(high[index]) or np.isnan(self.y[sectors.rows[index]]):
                    continue
                turn = float(sectors.start[index] + sectors.end[index]) / 2
                span = float(sectors.end[index] - sectors.start[index]) * 2 * math.pi
                ring = (float(low[index]), float(high[index]))
                label = self._label(words, ring, turn, span, wheel, sectors.series)
                if label is not None and label.box.inside(area.box) and crowd.claim(label.box, 1.0):
                    yield label

    def _label(
        self, words: str, ring: tuple[float, float], turn: float, span: float, wheel: Wheel, series: Series
    ) -> Text | None:
        """In the sector where it fits, else beyond its end where nothing is stacked on it, else None."""
        wish = self.mark.labels.position if self.mark.labels else "auto"
        low, high = ring
        width, height = text.width(words, _LABEL), text.cap_height(_LABEL)
        right, down = around.toward([turn])[0].tolist()
        # A box of width by height, seen along and across the sector's direction.
        along = abs(right) * width + abs(down) * height
        across = abs(down) * width + abs(right) * height
        radius = high - _PAD - along / 2
        nearest = radius - along / 2
        if wish != "outside" and nearest > low + 1 and 2 * nearest * math.tan(min(span, 3.0) / 2) >= across + 3:
            middle = (low + high) / 2 if len(self.series) > 1 else radius
            color = self.theme.ink_on(series.color)
        elif wish == "inside" or (len(self.series) > 1 and self.mark.stack != "grouped"):
            return None
        else:
            middle, color = high + _PAD + along / 2, self.theme.text
        ((x, y),) = wheel.at([turn], [middle]).tolist()
        return text.place("value-label", words, x, y, size=_LABEL, color=color, align="center", valign="middle")

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write, style = self.layer.writer, self.layer.formats.get("y")
        kind = "Wind rose" if self.compass else "Polar bar chart"
        named = [series.name for series in self.series if series.name]
        sentence = f"{kind} of {self.layer.subject}"
        if named and self.legend():
            sentence += f", split into {listing(named)}"
        totals = np.bincount(self.places, weights=np.nan_to_num(self.y), minlength=len(self.names))
        used = np.unique(self.places)
        high, low = used[np.argmax(totals[used])], used[np.argmin(totals[used])]
        most, least = write.numbers([float(totals[high]), float(totals[low])], style)
        return f"{sentence}. The most is at {self.names[high]} ({most}), the least at {self.names[low]} ({least})."


def _compass(names: tuple[str, ...]) -> tuple[str, ...]:
    """The 4, 8 or 16 points that hold all of these names, if they are points of the compass."""
    wanted = {name.upper() for name in names}
    if len(names) < _FEWEST:
        return ()
    return next((points for step in (4, 2, 1) if wanted <= set(points := _COMPASS[::step])), ())


KIND = PolarBarKind
