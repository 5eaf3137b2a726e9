"""Radars. Channels: x (categories: the spokes), y (numbers), color (categories; one closed line for each)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import around, dashes, text
from renderer.drawing.alt import listing
from renderer.drawing.around import Wheel
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Bools, Floats, Markers, Path, Primitive, Segments, Stroke, Text, finite_rows
from renderer.spec.marks.radar import Radar

_FEWEST = 3  # spokes
_FILLED_UP_TO = 2  # series
_MARKED_UP_TO = 60  # points of all series
_FILL = 0.14
_TICK_SIZE = 0.92  # of a label's size
_LABEL = 11.0
_PAD = 9.0  # pixels between a point and its value


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """A series with its value at each spoke; NaN is missing."""

    series: Series
    values: Floats


class RadarKind(Kind[Radar]):
    """Rings and spokes, and over them one closed path for each colour."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.names = layer.names("x")
        if len(self.names) < _FEWEST:
            count = "one category" if len(self.names) == 1 else f"{len(self.names)} categories"
            raise layer.error("x", f"a radar needs at least {_FEWEST} spokes, and x has {count}; use bars")
        y = numbers_of(layer.resolved.table["y"])
        place = {name: index for index, name in enumerate(self.names)}
        spokes = np.array([place[name] for name in layer.resolved.table["x"].values.tolist()], dtype=np.intp)
        self.profiles = []
        for series in layer.series():
            values = np.full(len(self.names), np.nan)
            values[spokes[series.rows]] = y[series.rows]
            self.profiles.append(_Profile(series, values))
        self.turns = np.arange(len(self.names)) / len(self.names)
        self.own = self.mark.spokes == "own"
        if self.own and (y < 0).any():
            raise layer.error("y", f"spokes of their own begin at zero, and y holds {float(np.nanmin(y)):g}")
        style = self.mark.style
        self.width = (style.width if style else None) or layer.theme.line
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.dash = dashes.named(style.dash if style else None, self.width)
        self.size = (style.size if style else None) or layer.theme.marker

    @cached_property
    def _largest(self) -> Floats:
        """Of each spoke."""
        values = np.nan_to_num(np.array([profile.values for profile in self.profiles]))
        return np.asarray(values.max(axis=0), dtype=float)

    def _shown(self, profile: _Profile) -> Floats:
        """The values on the scale: as they are, or as shares of the largest of their spoke."""
        if not self.own:
            return profile.values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(np.isnan(profile.values), np.nan, np.nan_to_num(profile.values / self._largest))

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return Extent("number")
        if self.own:
            return Extent("number", 0.0, 1.0, zero=True, anchored=True, nice=True, percent=True)
        values = np.concatenate([profile.values for profile in self.profiles])
        return extent_of_values(values, zero=True, anchored=True, nice=True)

    def legend(self) -> tuple[Key, ...]:
        series = [profile.series for profile in self.profiles]
        return self.layer.swatches(series, Entry("", self.theme.text, symbol="line", dash=self.dash))

    def marks(self, area: Area) -> Iterator[Primitive]:
        wheel = self._wheel(area)
        scale = area.y.placed(0.0, wheel.radius)
        yield from self._rings(wheel, scale)
        for profile in self.profiles:
            yield from self._shape(profile, wheel, scale)
        if wheel.every > 1 or not wheel.names:
            shown = f"only every {_ordinal(wheel.every)} of the" if wheel.names else "none of the"
            self.layer.warn(f"There is room for {shown} {len(self.names)} names around the wheel.")
        yield from wheel.names
        yield from self._ticks(wheel, scale, area)

    def _wheel(self, area: Area) -> Wheel:
        if not self.own:
            return around.wheel(area.box, self.turns.tolist(), [(name,) for name in self.names], self.theme)
        style = self.layer.formats.get("y") or self.mark.y.format
        ends = [self.layer.writer.number(float(value), style) for value in self._largest]
        names = list(zip(self.names, ends, strict=True))
        return around.wheel(area.box, self.turns.tolist(), names, self.theme)

    def _rings(self, wheel: Wheel, scale: Scale) -> Iterator[Primitive]:
        line, axis = Stroke(self.theme.grid, 1.0), Stroke(self.theme.axis, 1.0)
        ends = np.concatenate(
            [wheel.at(self.turns, np.zeros(len(self.turns))), self._corners(wheel, wheel.radius)], axis=1
        )
        yield Segments(role="grid", ends=ends, stroke=line, crisp=False)
        for tick, radius in zip(scale.ticks, scale.of_ticks(scale.ticks), strict=True):
            if not 0.5 < radius <= wheel.radius + 0.5:
                continue
            circle = self.mark.rings == "circle"
            yield Path(
                role="ring",
                points=around.circle(wheel.center, radius) if circle else self._corners(wheel, radius),
                # Where values go below zero, zero is a ring, and the one that counts.
                stroke=axis if tick.place == 0 else line,
                curve=circle,
                closed=True,
                values=np.array([tick.place]),
            )

    def _corners(self, wheel: Wheel, radius: float) -> Floats:
        return wheel.at(self.turns, np.full(len(self.turns), radius))

    def _shape(self, profile: _Profile, wheel: Wheel, scale: Scale) -> Iterator[Primitive]:
        points = self._points(profile, wheel, scale)
        known = finite_rows(points)
        color = with_alpha(self.theme.line_color(profile.series.color), self.opacity)
        whole, name = bool(known.all()), profile.series.name
        filled = self.mark.fill if self.mark.fill is not None else len(self.profiles) <= _FILLED_UP_TO
        if whole and filled:
            fill = with_alpha(profile.series.color, _FILL * self.opacity)
            yield Path(role="area", points=points, fill=fill, closed=True, values=profile.values, name=name)
        # What is missing interrupts the line, also where it comes round to its beginning.
        yield Path(
            role="line",
            points=points if whole else np.concatenate([points, points[:1]]),
            stroke=Stroke(color, self.width, self.dash, cap="butt" if self.dash else "round"),
            closed=whole,
            values=profile.values,
            name=name,
        )
        few = len(self.profiles) * len(self.names) <= _MARKED_UP_TO
        marked = known if (self.mark.markers if self.mark.markers is not None else few) else known & ~_beside(known)
        if marked.any():
            yield Markers(
                role="point",
                points=points[marked],
                size=self.size if not wheel.small else self.size / 2,
                fill=color,
                marker=(self.mark.style.marker if self.mark.style else None) or "circle",
                stroke=Stroke(self.theme.background, 1.25),
                values=profile.values[marked],
                name=name,
            )

    def _points(self, profile: _Profile, wheel: Wheel, scale: Scale) -> Floats:
        """On the spokes; what lies beyond the scale's ends stays at them."""
        radii = scale(self._shown(profile))
        return wheel.at(self.turns, np.clip(radii, 0.0, wheel.radius))

    def _ticks(self, wheel: Wheel, scale: Scale, area: Area) -> Iterator[Text]:
        """The rings' values beside the spoke at the top, from the outer one inwards."""
        if self.own or wheel.small:
            return
        crowd = Crowd(name.box for name in wheel.names)
        size = self.theme.label * _TICK_SIZE
        for tick, radius in sorted(
            zip(scale.ticks, scale.of_ticks(scale.ticks), strict=True), key=lambda pair: -pair[1]
        ):
            if not 0.5 < radius <= wheel.radius + 0.5:
                continue
            label = text.place(
                "tick-label-y",
                tick.label,
                wheel.center[0] - 5.0,
                wheel.center[1] - radius,
                size=size,
                color=self.theme.muted,
                align="right",
                valign="middle",
                halo=self.theme.background,
            )
            if label.box.inside(area.box) and crowd.claim(label.box, 2.0):
                yield label

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        wheel = self._wheel(area)
        if wheel.small:
            return
        scale = area.y.placed(0.0, wheel.radius)
        style = options.format or self.layer.formats.get("y")
        left_out = 0
        for profile in self.profiles:
            written = self.layer.writer.numbers(profile.values.tolist(), style)
            points = self._points(profile, wheel, scale)
            for words, (x, y), (right, down) in zip(
                written, points.tolist(), around.toward(self.turns).tolist(), strict=True
            ):
                if not math.isfinite(x + y):
                    continue
                half = text.width(words, _LABEL) / 2
                for side in (1.0, -1.0):
                    label = text.place(
                        "value-label",
                        words,
                        x + side * right * (_PAD + half),
                        y + side * down * (_PAD + _LABEL * 0.4),
                        size=_LABEL,
                        weight=500,
                        color=self.theme.text_color(profile.series.color),
                        align="center",
                        valign="middle",
                        halo=self.theme.background,
                    )
                    if label.box.inside(area.box) and crowd.claim(label.box, 1.0):
                        yield label
                        break
                else:
                    left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} value labels have no room.")

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write, style = self.layer.writer, self.layer.formats.get("y")
        named = [profile.series.name for profile in self.profiles if profile.series.name]
        sentence = f"Radar chart of {self.layer.title('y')} over {listing(self.names)}"
        if named:
            sentence += f", one line for each of {listing(named)}"
        if self.own:
            return f"{sentence}. Each spoke ends at its own largest value."
        parts = [sentence]
        for profile in self.profiles[:4]:
            known = np.flatnonzero(np.isfinite(profile.values))
            if not len(known):
                continue
            order = known[np.argsort(profile.values[known], kind="stable")]
            low, high = (float(profile.values[index]) for index in (order[0], order[-1]))
            least, most = write.numbers([low, high], style)
            first, last = self.names[order[-1]], self.names[order[0]]
            parts.append(f"{profile.series.name or 'It'} is highest at {first} ({most}) and lowest at {last} ({least})")
        return ". ".join(parts) + "."


def _beside(known: Bools) -> Bools:
    """Which points have a neighbour, around the wheel."""
    beside: Bools = np.roll(known, 1) | np.roll(known, -1)
    return beside


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


KIND = RadarKind
