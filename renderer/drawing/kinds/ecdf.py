"""Cumulative distributions. Channels: x (numbers or dates, one a row), color (categories; one line for each)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.dashes import named
from renderer.drawing.decimate import thin_line
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scene import Color, Floats, Markers, Path, Primitive, Segments, Stroke, Text
from renderer.spec.marks.ecdf import ECDF

_GUIDED_UP_TO = 3  # lines whose quantiles get guides to the axes
_DOT = 7.0  # diameter of the points at quantiles
_LABEL = 11.5
_PAD = 7.0  # pixels between such a point and what is written beside it


class ECDFKind(Kind[ECDF]):
    """A line of steps for each colour: it rises at each value by the share of the rows that have it."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.values = numbers_of(self.x)
        self.series = [one for one in layer.series() if np.isfinite(self.values[one.rows]).any()]
        style = self.mark.style
        self.width = (style.width if style and style.width else None) or self.theme.line
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.dash = named(style.dash if style else None, self.width)
        self.lines = [(series, *self._steps(series)) for series in self.series]

    def known(self, series: Series) -> Floats:
        values = self.values[series.rows]
        return np.sort(values[np.isfinite(values)])

    def _steps(self, series: Series) -> tuple[Floats, Floats]:
        """The values, and the height from each on."""
        known = self.known(series)
        values, counts = np.unique(known, return_counts=True)
        whole = len(known) if self.mark.stat == "percent" else 1
        return values, self._height(np.cumsum(counts) / whole, len(known))

    def _height(self, below: Floats, count: int) -> Floats:
        """Turned round, if what is left is asked for."""
        if not self.mark.complement:
            return below
        return (1.0 if self.mark.stat == "percent" else float(count)) - below

    def quantile(self, known: Floats, share: float) -> float:
        """The least value up to which lies at least this share of the (ascending) values: where the line gets there."""
        return float(known[max(0, int(np.ceil(share * len(known) - 1e-9)) - 1)])

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return extent_of_values(self.values, self.x.type)
        percent = self.mark.stat == "percent"
        tops = [1.0] if percent else [float(len(self.known(series))) for series in self.series]
        return extent_of_values(np.array([0.0, *tops]), zero=True, anchored=True, nice=True, percent=percent)

    def title(self, axis: AxisName) -> str:
        if axis == "x":
            return self.layer.title("x")
        if self.mark.stat == "count":
            return "Count above" if self.mark.complement else "Cumulative count"
        return "Share above" if self.mark.complement else "Cumulative share"

    def legend(self) -> tuple[Key, ...]:
        return self.layer.swatches(self.series, Entry("", self.theme.text, symbol="line", dash=self.dash))

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        if self.mark.quantiles and len(self.series) <= _GUIDED_UP_TO:
            yield from self._guides(area)
        for series, values, heights in self.lines:
            start = self._height(np.zeros(1), len(self.known(series)))
            x = np.concatenate([values[:1], values])
            y = np.concatenate([start, heights])
            across, up = area.x(x), area.y(y)
            seen = np.isfinite(across) & np.isfinite(up)
            across, up = across[seen], up[seen]
            kept = thin_line(across, up)
            yield Path(
                role="line",
                points=_stairs(across[kept], up[kept]),
                stroke=Stroke(
                    with_alpha(self.theme.line_color(series.color), self.opacity),
                    self.width,
                    self.dash,
                    cap="butt" if self.dash else "round",
                ),
                values=heights,
                name=series.name,
                clip=area.clip(self.width),
            )
        for series in self.series:
            yield from self._dots(area, series)

    def _marked(self, area: Area, series: Series) -> tuple[Floats, Floats]:
        """The quantiles' values, and their points."""
        known = self.known(series)
        values = np.array([self.quantile(known, share) for share in self.mark.quantiles])
        whole = 1 if self.mark.stat == "percent" else len(known)
        heights = self._height(np.array(self.mark.quantiles) * whole, len(known))
        return values, area.points(area.x(values), area.y(heights))

    def _guides(self, area: Area) -> Iterator[Primitive]:
        """From the axis to each quantile, and down to its value."""
        for series in self.series:
            _, points = self._marked(area, series)
            left, foot = np.full(len(points), area.box.x0), np.full(len(points), area.box.y1)
            across = np.column_stack([left, points[:, 1], points[:, 0], points[:, 1]])
            down = np.column_stack([points[:, 0], points[:, 1], points[:, 0], foot])
            yield Segments(
                role="guide",
                ends=np.concatenate([across, down]),
                stroke=Stroke(self.theme.axis, 1.0, (3.0, 3.0)),
                name=series.name,
                clip=area.clip(),
            )

    def _dots(self, area: Area, series: Series) -> Iterator[Primitive]:
        if not self.mark.quantiles:
            return
        values, points = self._marked(area, series)
        yield Markers(
            role="quantile",
            points=points,
            size=_DOT,
            fill=self.theme.line_color(series.color),
            stroke=Stroke(self.theme.background, 1.5),
            values=values,
            name=series.name,
            clip=area.clip(_DOT),
        )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        left_out = 0
        marked = [(series, *self._marked(area, series)) for series in self.series]
        written = iter(self._written([value for _, values, _ in marked for value in values.tolist()]))
        for series, _, points in marked:
            color = self.theme.text if len(self.series) == 1 else self.theme.text_color(series.color)
            for x, y in points.tolist():
                words = next(written)
                for label in self._beside(words, x, y, color):
                    if label.box.inside(area.clip(3.0)) and crowd.claim(label.box, 1.0):
                        yield label
                        break
                else:
                    left_out += 1
        if left_out:
            noun = "quantile has" if left_out == 1 else "quantiles have"
            self.layer.warn(f"{left_out} {noun} no room for a label.")

    def _beside(self, words: str, x: float, y: float, color: Color) -> Iterator[Text]:
        """The two sides of a point that its line leaves free: below on the right, or above on the left."""
        for side in (1.0, -1.0):
            drop = _PAD * side * (-1.0 if self.mark.complement else 1.0)
            yield text.place(
                "quantile-label",
                words,
                x + _PAD * side,
                y + drop,
                size=_LABEL,
                weight=500,
                color=color,
                align="left" if side > 0 else "right",
                valign="middle",
                halo=self.theme.background,
            )

    def _written(self, values: list[float]) -> list[str]:
        style = self.layer.formats.get("x") or self.mark.x.format
        if self.x.type == "time":
            return self.layer.writer.dates(values, style)
        return self.layer.writer.numbers(values, style)

    def facts(self) -> str:
        title = self.layer.title("x")
        if not self.series:
            return f"Cumulative distribution of {title} without values."
        known = np.sort(self.values[np.isfinite(self.values)])
        names = [series.name for series in self.series if series.name]
        sentence = f"Cumulative distribution of {self.layer.writer.number(float(len(known)))} values of {title}"
        if names:
            sentence += f", one line for each of {listing(names)}"
        low, high = self._written([float(known[0]), float(known[-1])])
        sentence += f". They range from {low} to {high}"
        if len(self.series) == 1:
            return f"{sentence}; half are at most {self._written([self.quantile(known, 0.5)])[0]}."
        halves = self._written([self.quantile(self.known(series), 0.5) for series in self.series])
        told = [f"{half} for {series.name}" for series, half in zip(self.series, halves, strict=True)][:6]
        return f"{sentence}. Half are at most {listing(told)}."


def _stairs(x: Floats, y: Floats) -> Floats:
    """A height holds until the next value."""
    points = np.empty((max(0, 2 * len(x) - 1), 2))
    points[0::2] = np.column_stack([x, y])
    points[1::2] = np.column_stack([x[1:], y[:-1]])
    return points


KIND = ECDFKind
