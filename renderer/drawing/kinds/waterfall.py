"""Waterfalls. Channels: label (categories), value (numbers; missing for totals that are to be added up)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from renderer.drawing import senses, text
from renderer.drawing.axes import LABEL_SHARE, fits_below
from renderer.drawing.color import parse_color, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Bools, Box, Color, Floats, Primitive, Rects, Segments, Stroke, Text
from renderer.spec.marks.waterfall import Waterfall

_AIR = 0.06  # of the axis, for labels beyond the bars' ends
_LABEL = 11.5
_PAD = 5.0  # pixels between a bar's end and its label
_LEAST_ROW = 15.0  # pixels that a lying bar and its name need
_NOTHING = 1e-12  # of what was added and taken away
_THIN = 2.0  # pixels of a bar that changes nothing, so that it is there

Sense = Literal["up", "down", "total"]


@dataclass(frozen=True, slots=True)
class _Step:
    """One bar, from where the amount was to where it is; a total's value is the amount itself."""

    name: str
    value: float
    start: float
    end: float
    sense: Sense


class WaterfallKind(Kind[Waterfall]):
    """Bars that hang in the air, each beginning where the one before ends."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.steps = self._added_up()
        if len(self.steps) > self.layer.limits.bars:
            raise layer.error("label", f"{len(self.steps):,} bars are more than the {layer.limits.bars:,} of a chart")
        self.colors = self._colors()

    def _added_up(self) -> list[_Step]:
        layer, mark = self.layer, self.mark
        table = layer.resolved.table
        names = layer.names("label")
        values = dict(zip(table["label"].values.tolist(), numbers_of(table["value"]).tolist(), strict=True))
        for place, name in enumerate(mark.totals):
            if name not in values:
                raise layer.error(f"totals/{place}", f"no step is called {name!r}")
        if mark.final is not None and mark.final in values:
            raise layer.error("final", f"there is a step called {mark.final!r} already; name it in 'totals'")
        steps: list[_Step] = []
        amount = 0.0
        for name in names:
            value = values[name]
            if name in mark.totals:
                if not math.isfinite(value):
                    value = amount
                elif steps and not math.isclose(value, amount, rel_tol=1e-6, abs_tol=1e-9 * self._largest(values)):
                    given, sum_ = layer.writer.numbers([value, amount], self._style)
                    layer.warn(f"{name!r} is {given}, and the steps before it add up to {sum_}")
                amount = value
                steps.append(_Step(name, value, 0.0, value, "total"))
                continue
            if not math.isfinite(value):
                layer.warn(f"{name!r} has no value: it changes nothing")
                value = 0.0
            after = amount + value
            if abs(after) < _NOTHING * max(abs(amount), abs(value)):
                after = 0.0  # 0.3 less 0.1 less 0.2 is nothing
            steps.append(_Step(name, value, amount, after, "up" if value >= 0 else "down"))
            amount = after
        if mark.final is not None:
            steps.append(_Step(mark.final, amount, 0.0, amount, "total"))
        if any(abs(step.end) > self.layer.limits.magnitude for step in steps):
            raise layer.error("value", "the steps add up to too large a number")
        return steps

    @staticmethod
    def _largest(values: dict[str, float]) -> float:
        return max((abs(value) for value in values.values() if math.isfinite(value)), default=1.0)

    @property
    def _style(self) -> str | None:
        labels = self.mark.labels
        return (labels.format if labels else None) or self.mark.value.format or self.layer.formats.get("y")

    def _colors(self) -> dict[Sense, Color]:
        """The author's, or the palette's if there is one, or those of more, less and neither."""
        own, hues, theme = self.mark.colors, self.layer.hues, self.theme
        fixed: dict[Sense, str | None] = {"up": own.up, "down": own.down, "total": own.total}
        usual: dict[Sense, Color] = {
            "up": senses.good(theme),
            "down": senses.bad(theme),
            "total": senses.neutral(theme),
        }
        if hues.chosen:
            usual = {sense: hues.of_layer() for sense in usual}
        opacity = self.mark.style.opacity if self.mark.style and self.mark.style.opacity is not None else 1.0
        found = {sense: parse_color(name) if (name := fixed[sense]) else usual[sense] for sense in usual}
        return {sense: with_alpha(color, opacity) for sense, color in found.items()}

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return Extent("category", categories=tuple(step.name for step in self.steps))
        ends = np.array([end for step in self.steps for end in (step.start, step.end)])
        return extent_of_values(ends, zero=True, anchored=True, air=_AIR if self.mark.labels else 0.0, nice=True)

    def title(self, axis: AxisName) -> str:
        return self.layer.title("label" if axis == "x" else "value")

    def lies(self, box: Box) -> bool:
        if self.mark.horizontal is not None:
            return self.mark.horizontal
        names = [step.name for step in self.steps]
        if box.height < len(names) * _LEAST_ROW:
            return False
        return not fits_below(names, box.width * (1 - LABEL_SHARE / 4), self.theme)

    @cached_property
    def _ends(self) -> tuple[Floats, Floats]:
        return np.array([step.start for step in self.steps]), np.array([step.end for step in self.steps])

    def _across(self, area: Area) -> tuple[Floats, Floats]:
        """The two sides of each bar, in pixels along the steps."""
        assert isinstance(area.x, CategoryScale)
        places = {name: place for place, name in enumerate(area.x.names)}
        middle = area.x(np.array([places[step.name] for step in self.steps], dtype=float))
        return middle - area.x.band / 2, middle + area.x.band / 2

    def marks(self, area: Area) -> Iterator[Primitive]:
        x0, x1 = self._across(area)
        starts, ends = self._ends
        start, end = area.y(starts), area.y(ends)
        start = np.where(np.isfinite(start), start, area.y.one(area.y.baseline))
        end = np.where(np.isfinite(end), end, area.y.one(area.y.baseline))
        flat = np.abs(end - start) < _THIN
        low, high = np.where(flat, end - _THIN / 2, start), np.where(flat, end + _THIN / 2, end)
        boxes = area.boxes(x0, x1, low, high)
        if self.mark.connectors and len(self.steps) > 1:
            # From one bar's far side to the next one's near side, at the height where both meet.
            first, second = area.points(x1[:-1], end[:-1]), area.points(x0[1:], end[:-1])
            joined = np.isclose(ends[:-1], np.where(self._total()[1:], ends[1:], starts[1:]), rtol=1e-6)
            yield Segments(
                role="connector",
                ends=np.concatenate([first, second], axis=1)[joined],
                stroke=Stroke(self.theme.axis, 1.0),
                clip=area.clip(),
            )
        for sense, color in self.colors.items():
            rows = [row for row, step in enumerate(self.steps) if step.sense == sense]
            if rows:
                yield Rects(
                    role="bar",
                    boxes=boxes[rows],
                    fill=color,
                    values=np.array([self.steps[row].value for row in rows]),
                    name=sense,
                    clip=area.clip(),
                )

    def _total(self) -> Bools:
        return np.array([step.sense == "total" for step in self.steps])

    # Value labels -----------------------------------------------------------------------------------------------------

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        most = self.layer.limits.value_labels
        if len(self.steps) > most:
            self.layer.warn(f"{len(self.steps):,} value labels are more than the {most:,} of a chart: there are none.")
            return
        written = self._written()
        x0, x1 = self._across(area)
        starts, ends = self._ends
        boxes = area.boxes(x0, x1, area.y(starts), area.y(ends))
        left_out = 0
        for step, words, box in zip(self.steps, written, boxes.tolist(), strict=True):
            if not math.isfinite(sum(box)):
                continue
            label = self._label(step, words, Box(*box), area, options.position)
            if label is not None and label.box.inside(area.sheet) and crowd.claim(label.box, 1.0):
                yield label
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(self.steps)} value labels have no room.")

    def _written(self) -> list[str]:
        """Changes with their sign; totals as the author's format has them, without one."""
        style = self._style
        plain = style.removeprefix("+") if style else None
        written = self.layer.writer.numbers([step.value for step in self.steps], plain or None)
        return [
            f"+{words}" if step.sense == "up" and step.value > 0 else words
            for step, words in zip(self.steps, written, strict=True)
        ]

    def _label(self, step: _Step, words: str, box: Box, area: Area, wish: str) -> Text | None:
        """Beyond the bar's end; inside only if that is wished, and there is room."""
        weight = 700 if step.sense == "total" else 400
        width, capital = text.width(words, _LABEL, weight), text.cap_height(_LABEL, weight)
        if wish == "inside":
            if box.width < width + 2 * _PAD or box.height < capital + 2 * _PAD:
                return None
            ink = self.theme.ink_on(self.colors[step.sense])
            x, y = box.center
            return text.place(
                "value-label", words, x, y, size=_LABEL, weight=weight, color=ink, align="center", valign="middle"
            )
        color = self.theme.text
        forward = (step.end >= step.start) is not self._turned(area)
        if area.lying:
            x = box.x1 + _PAD if forward else box.x0 - _PAD
            label = text.place(
                "value-label",
                words,
                x,
                box.center[1],
                size=_LABEL,
                weight=weight,
                color=color,
                halo=self.theme.background,
                align="left" if forward else "right",
                valign="middle",
            )
            room = box.height >= capital
        else:
            y = box.y0 - _PAD if forward else box.y1 + _PAD
            label = text.place(
                "value-label",
                words,
                box.center[0],
                y,
                size=_LABEL,
                weight=weight,
                color=color,
                halo=self.theme.background,
                align="center",
                valign="baseline" if forward else "top",
            )
            room = area.x.one(1.0) - area.x.one(0.0) >= width + 2.0 if len(self.steps) > 1 else True
        return label if room and label.box.inside(area.box.grown(_PAD), 1.0) else None

    @staticmethod
    def _turned(area: Area) -> bool:
        """Whether the axis runs from high to low."""
        low, high = area.y.one(area.y.low), area.y.one(area.y.high)
        return low > high if area.lying else low < high

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        write, style = self.layer.writer, self._style
        plain = (style.removeprefix("+") or None) if style else None
        subject = f"Waterfall chart of {self.layer.title('value')} by {self.layer.title('label')}"
        changes = [step for step in self.steps if step.sense != "total"]
        first, last = self.steps[0], self.steps[-1]
        begin, end = write.numbers([first.end if first.sense == "total" else first.start, last.end], plain)
        sentence = f"{subject}, from {begin} to {end} in {len(changes)} {'step' if len(changes) == 1 else 'steps'}."
        said = dict(zip((step.name for step in self.steps), self._written(), strict=True))
        highest = max(changes, key=lambda step: step.value, default=None)
        lowest = min(changes, key=lambda step: step.value, default=None)
        parts = []
        if highest is not None and highest.value > 0:
            parts.append(f"the largest increase is {highest.name} ({said[highest.name]})")
        if lowest is not None and lowest.value < 0:
            parts.append(f"the largest decrease is {lowest.name} ({said[lowest.name]})")
        extremes = ", ".join(parts)
        return f"{sentence} {extremes[0].upper()}{extremes[1:]}." if extremes else sentence


KIND = WaterfallKind
