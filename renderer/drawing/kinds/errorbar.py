"""Error bars. Channels: x (anything), y (numbers; all rows to compute from, or the middles), low and high or margin
(numbers), color (categories; side by side).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from renderer.drawing import dashes, text
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Segments, Stroke, Text, finite_rows
from renderer.drawing.spreads import Spread, Spreads, series_of
from renderer.spec.marks.errorbar import ErrorBar

_WIDTH = 1.75  # of the stroke
_CAP = 9.0  # pixels across an end, at most
_POINT = 8.0  # diameter
_SHARE = 0.8  # of the distance between two numbers along x is for the bars of a group
_APART = 30.0  # pixels between the bars of a group, at most, where there are no bars to stand on
_DARKER = 0.55  # than the mark that a bar lies on
_LABEL = 11.5
_PAD = 6.0


class ErrorBarKind(Kind[ErrorBar]):
    """Strokes of one colour in one call, side by side as grouped bars are."""

    accompanies = True
    named_at_ends = True  # by the lines that they lie on

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.spreads = Spreads(layer, self.mark, series_of(layer))
        style = self.mark.style
        self.width = (style.width if style and style.width else None) or _WIDTH
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.dash = dashes.named(style.dash if style else None, self.width)
        self.size = (style.size if style else None) or _POINT
        count = sum(len(spread.places) for spread in self.spreads.of)
        if count > layer.limits.bars:
            raise layer.error(
                "x", f"{count:,} error bars are more than the {layer.limits.bars:,} that a chart can show"
            )

    def extent(self, axis: AxisName) -> Extent:
        return self.spreads.extent(axis)

    def title(self, axis: AxisName) -> str:
        return self.layer.title("x") if axis == "x" else self.spreads.title()

    def lies(self, box: Box) -> bool:
        return self.mark.horizontal

    def legend(self) -> tuple[Key, ...]:
        if not self.layer.alone and self.mark.color is None and self.mark.name is None:
            return ()
        series = [spread.series for spread in self.spreads.of]
        marker = (self.mark.style.marker if self.mark.style else None) or "circle"
        symbol = "point" if self._pointed else "line"
        return self.layer.swatches(
            series, Entry("", self.theme.text, symbol="point" if symbol == "point" else "line", marker=marker)
        )

    @property
    def _pointed(self) -> bool:
        wanted = self.mark.points if self.mark.points is not None else self.layer.alone
        return wanted and any(np.isfinite(spread.middle).any() for spread in self.spreads.of)

    def _color(self, spread: Spread) -> Color:
        """On other marks darker than they are, so that a stroke is seen on a bar of its own colour."""
        color = self.theme.line_color(spread.series.color)
        chosen = self.mark.style is not None and self.mark.style.color is not None
        if not self.layer.alone and not chosen:
            color = mix(color, self.theme.text, _DARKER if self.mark.color is not None else 1.0)
        return with_alpha(color, self.opacity)

    def _room(self, area: Area) -> float:
        """Pixels along x that the bars of one place share."""
        if isinstance(area.x, CategoryScale):
            return area.x.band
        places = np.unique(np.concatenate([spread.places for spread in self.spreads.of]))
        gaps = np.abs(np.diff(area.x(places)))
        return float(gaps.min(initial=area.box.width)) * _SHARE

    def _across(self, spread: Spread, area: Area) -> Floats:
        """Where along x: on categories, the bars of several colours stand side by side, as grouped bars do."""
        x = self.spreads.across(spread, area)
        count = len(self.spreads.of)
        if not isinstance(area.x, CategoryScale) or count == 1:
            return x
        step = min(area.x.band / count, _APART) if self.layer.alone else area.x.band / count
        return x + (self.spreads.of.index(spread) - (count - 1) / 2) * step

    def marks(self, area: Area) -> Iterator[Primitive]:
        count = len(self.spreads.of) if isinstance(area.x, CategoryScale) else 1
        cap = min(_CAP, self._room(area) / count * 0.6)
        for spread in self.spreads.of:
            x = self._across(spread, area)
            low, high, middle = area.y(spread.low), area.y(spread.high), area.y(spread.middle)
            color = self._color(spread)
            known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
            a, b = area.points(x, low)[known], area.points(x, high)[known]
            strokes = [np.concatenate([a, b], axis=1)]
            half = cap / 2 * np.array([[0.0, 1.0] if area.lying else [1.0, 0.0]])
            if self.mark.caps and cap > 2.0:
                strokes += [np.concatenate([end - half, end + half], axis=1) for end in (a, b)]
            yield Segments(
                role="error-bar",
                ends=np.concatenate(strokes),
                stroke=Stroke(color, self.width, self.dash),
                values=(spread.high - spread.low)[known],
                name=spread.series.name,
                crisp=False,
                clip=area.clip(self.width + cap / 2),
            )
            points = area.points(x, middle)
            if self._pointed and finite_rows(points).any():
                shown = finite_rows(points)
                yield Markers(
                    role="point",
                    points=points[shown],
                    size=self.size,
                    fill=color,
                    marker=(self.mark.style.marker if self.mark.style else None) or "circle",
                    stroke=Stroke(self.theme.background, 1.25),
                    values=spread.middle[shown],
                    name=spread.series.name,
                    clip=area.clip(self.size / 2 + 1.0),
                )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        style = options.format or self.layer.formats.get("y")
        strokes = Crowd(box for spread in self.spreads.of for box in self._boxes(spread, area))
        left_out = 0
        for spread in self.spreads.of:
            written = self.layer.writer.numbers(spread.middle.tolist(), style)
            points = area.points(self._across(spread, area), area.y(spread.middle))
            for words, (x, y) in zip(written, points.tolist(), strict=True):
                if not math.isfinite(x + y):
                    continue
                reach = self.size / 2 + _PAD
                places = ((x, y - reach), (x, y + reach + _LABEL)) if area.lying else ((x + reach, y), (x - reach, y))
                for place, align in zip(places, ("left", "right"), strict=True):
                    label = text.place(
                        "value-label",
                        words,
                        *place,
                        size=_LABEL,
                        color=self.theme.text,
                        align="center" if area.lying else "left" if align == "left" else "right",
                        valign="baseline" if area.lying else "middle",
                    )
                    if (
                        label.box.inside(area.box.grown(_PAD))
                        and label.box.inside(area.sheet)
                        and strokes.free(label.box)
                        and crowd.claim(label.box, 1.0)
                    ):
                        yield label
                        break
                else:
                    left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} value labels have no room.")

    def _boxes(self, spread: Spread, area: Area) -> list[Box]:
        x = self._across(spread, area)
        half = self.width / 2
        boxes = area.boxes(x - half, x + half, area.y(spread.low), area.y(spread.high))
        if self._pointed:
            points, reach = area.points(x, area.y(spread.middle)), self.size / 2
            boxes = np.concatenate([boxes, np.concatenate([points - reach, points + reach], axis=1)])
        return [Box(*box) for box in boxes.tolist() if math.isfinite(sum(box))]

    def facts(self) -> str:
        return self.spreads.facts("Error bars")


KIND = ErrorBarKind
