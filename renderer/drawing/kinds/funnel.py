"""Funnels. Channels: label (categories, in the order of the stages), value (numbers of zero and more)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import mix
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Path, Primitive, Rects, Text
from renderer.drawing.shares import write_shares
from renderer.spec.marks.funnel import Funnel

_NAMES = 0.3  # of the width, at most
_GAP = 14.0  # pixels between names, bars and parts
_STAGES = 50
_BETWEEN = 0.34  # of the way from one stage to the next
_HIGHEST = 84.0  # pixels from one stage to the next
_LEAST = 0.35  # of the width is for bars, or words go
_PALE = 0.8  # of the background, in what joins two bars


@dataclass(frozen=True, slots=True)
class _Stage:
    name: str
    value: float
    written: str
    of_first: str
    of_previous: str


class FunnelKind(FreeKind[Funnel]):
    """Bars one below the other, joined by what they pass on."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        style = self.mark.style
        self.color = layer.hues.of_layer(style.color if style else None)
        if style and style.opacity is not None:
            self.color = (*self.color[:3], self.color[3] * style.opacity)
        self.stages = self._read()

    def _read(self) -> list[_Stage]:
        layer, mark = self.layer, self.mark
        table = layer.resolved.table
        values = numbers_of(table["value"])
        negative = np.flatnonzero(values < 0)
        if len(negative):
            row = int(negative[0])
            value = layer.writer.number(float(values[row]))
            name = layer.place("label", row)
            raise layer.error("value", f"a stage is reached by some or none, and {name!r} is {value}")
        found = dict(zip(table["label"].values.tolist(), values.tolist(), strict=True))
        known = {name: found[name] for name in layer.names("label") if math.isfinite(found[name])}
        if len(known) < len(found):
            missing = len(found) - len(known)
            layer.warn(f"{missing} {'stage' if missing == 1 else 'stages'} without a value left out")
        if not known:
            raise layer.error("value", "no stage has a value")
        if len(known) > _STAGES:
            raise layer.error("label", f"{len(known)} stages are more than the {_STAGES} that a funnel can show")
        amounts = list(known.values())
        if not max(amounts) > 0:
            raise layer.error("value", "nobody reaches any stage: all values are zero")
        style = (mark.labels.format if mark.labels else None) or mark.value.format
        written = layer.writer.numbers(amounts, style)
        first = [amount / amounts[0] if amounts[0] else math.nan for amount in amounts]
        previous = [math.nan] + [after / before if before else math.nan for before, after in pairwise(amounts)]
        of_first, of_previous = (self._shares(shares) for shares in (first, previous))
        return [_Stage(*stage) for stage in zip(known, amounts, written, of_first, of_previous, strict=True)]

    def _shares(self, shares: list[float]) -> list[str]:
        """Percentages; "" for those of nothing."""
        known = iter(write_shares([share for share in shares if math.isfinite(share)], self.layer.writer))
        return [next(known) if math.isfinite(share) else "" for share in shares]

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box, theme, mark = area.box, self.theme, self.mark
        count = len(self.stages)
        size = theme.label
        # The last stage has nothing below it.
        pitch = min(box.height / (count - _BETWEEN) if count > 1 else box.height, _HIGHEST)
        high = pitch * (1 - _BETWEEN) if count > 1 else min(pitch, _HIGHEST * (1 - _BETWEEN))
        top = box.y0 + max(0.0, (box.height - pitch * (count - 1) - high) / 2) * 0.5
        names = [text.shorten(stage.name, box.width * _NAMES, size, 500) for stage in self.stages]
        parts = [stage.of_first if mark.percent in ("both", "first") else "" for stage in self.stages]
        if high < text.cap_height(size) + 2.0:
            names, parts = [""] * count, [""] * count
            self.layer.warn(f"The names of {count} stages have no room.")
        left, right = text.widest(names, size, 500), text.widest(parts, size, 500)
        if box.width - left - right - 2 * _GAP < box.width * _LEAST:
            parts, right = [""] * count, 0.0
        x0, x1 = box.x0 + (left + _GAP if left else 0.0), box.x1 - (right + _GAP if right else 0.0)
        if x1 - x0 < box.width * _LEAST:
            names, x0 = [""] * count, box.x0
        bars = self._bars(Box(x0, top, x1, box.y1), pitch, high)
        yield from self._joints(bars)
        yield Rects(
            role="stage",
            boxes=np.array(bars),
            fill=self.color,
            values=np.array([stage.value for stage in self.stages]),
        )
        for index, (stage, bar) in enumerate(zip(self.stages, bars, strict=True)):
            middle = bar.center[1]
            if names[index]:
                yield text.place(
                    "stage-name", names[index], box.x0, middle, size=size, weight=500, color=theme.text, valign="middle"
                )
            if parts[index]:
                yield text.place(
                    "stage-share", parts[index], box.x1, middle, size=size, color=theme.muted, align="right",
                    valign="middle",
                )  # fmt: skip
            if mark.labels is not None and high >= text.cap_height(size) + 2.0:
                yield from self._amount(stage, bar, Box(x0, bar.y0, x1, bar.y1))
            if index and mark.percent in ("both", "previous"):
                yield from self._passed(stage, bars[index - 1], bar, x0, x1)

    def _bars(self, room: Box, pitch: float, high: float) -> list[Box]:
        largest = max(stage.value for stage in self.stages)
        bars = []
        for index, stage in enumerate(self.stages):
            wide = max(stage.value / largest * room.width, 1.0 if stage.value else 0.0)
            start = room.x0 if self.mark.align == "left" else room.center[0] - wide / 2
            top = room.y0 + index * pitch
            bars.append(Box(start, top, start + wide, top + high))
        return bars

    def _joints(self, bars: list[Box]) -> Iterator[Path]:
        """A pale shape from each bar to the next."""
        for stage, above, below in zip(self.stages[1:], bars[:-1], bars[1:], strict=True):
            yield Path(
                role="passed",
                points=np.array(
                    [(above.x0, above.y1), (above.x1, above.y1), (below.x1, below.y0), (below.x0, below.y0)]
                ),
                fill=mix(self.color, self.theme.background, _PALE),
                closed=True,
                name=stage.name,
            )

    def _amount(self, stage: _Stage, bar: Box, room: Box) -> Iterator[Text]:
        """In the bar if it fits, else right of it."""
        size, words = self.theme.label, stage.written
        wide = text.width(words, size, 700)
        wish = self.mark.labels.position if self.mark.labels else "auto"
        if bar.width >= wide + 10.0 and wish != "outside":
            at = bar.center[0] if self.mark.align == "center" else bar.x0 + 7.0
            yield text.place(
                "stage-value", words, at, bar.center[1], size=size, weight=700, color=self.theme.ink_on(self.color),
                align="center" if self.mark.align == "center" else "left", valign="middle",
            )  # fmt: skip
        elif wish != "inside" and bar.x1 + 6.0 + wide <= room.x1 + 0.01:
            yield text.place(
                "stage-value", words, bar.x1 + 6.0, bar.center[1], size=size, weight=700, color=self.theme.text,
                valign="middle",
            )  # fmt: skip

    def _passed(self, stage: _Stage, above: Box, below: Box, x0: float, x1: float) -> Iterator[Text]:
        """The part that came through, between two bars."""
        size = self.theme.label - 1.0
        if not stage.of_previous or below.y0 - above.y1 < text.cap_height(size) + 5.0:
            return
        label = text.place(
            "stage-passed",
            f"↓ {stage.of_previous}",
            (above.x0 + above.x1) / 2 if self.mark.align == "center" else above.x0 + 7.0,
            (above.y1 + below.y0) / 2,
            size=size,
            color=self.theme.muted,
            align="center" if self.mark.align == "center" else "left",
            valign="middle",
        )
        if label.box.x0 >= x0 - 0.01 and label.box.x1 <= x1 + 0.01:
            yield label

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        parts = [
            f"{stage.name} {stage.written}" + (f" ({stage.of_first})" if stage.of_first and index else "")
            for index, stage in enumerate(self.stages)
        ]
        return f"Funnel of {self.layer.title('value')} by {self.layer.title('label')}: {listing(parts, most=8)}."


KIND = FunnelKind
