"""Donuts: pies with a hole. Channels: label (categories), value (numbers of zero and more)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from renderer.drawing import text
from renderer.drawing.kind import Layer
from renderer.drawing.kinds.pie import Circle, PieKind
from renderer.drawing.scene import Text
from renderer.spec.marks.donut import Donut

_LARGEST = 44.0  # size of the words in the middle


class DonutKind(PieKind):
    """A pie with a hole, and words in it."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        assert isinstance(self.mark, Donut)
        self.hole = self.mark.hole
        if self.mark.center is None:
            total = layer.writer.number(self.amount, self.mark.value.format)
            self.lines = [total, layer.title("value")]
        else:
            self.lines = [line.strip() for line in self.mark.center.split("\n")]

    def _center(self, circle: Circle) -> Iterator[Text]:
        lines = [line for line in self.lines if line]
        inner = self.hole * circle.radius - 4.0
        if not lines or inner < 10.0:
            return
        first, rest = lines[0], lines[1:]
        small = self.theme.label
        size = min(_LARGEST, inner * 0.5)
        size *= min(1.0, inner * 1.5 / max(1.0, text.width(first, size, 700)))
        while rest and not self._fits(first, rest, size, small, inner):
            rest.pop()
        if size < small * 0.9:
            return
        height = self._height(rest, size, small)
        top = circle.center[1] - (height if self.mark.half else height / 2)
        base = top + text.cap_height(size, 700)
        yield text.place(
            "center-label", first, circle.center[0], base, size=size, weight=700, color=self.theme.text, align="center"
        )
        for index, line in enumerate(rest):
            y = base + self._gap(size, small) + index * text.line_height(small)
            words = text.shorten(line, 1.7 * inner, small)
            yield text.place(
                "center-label", words, circle.center[0], y, size=small, color=self.theme.muted, align="center"
            )

    def _height(self, rest: Sequence[str], size: float, small: float) -> float:
        below = self._gap(size, small) + (len(rest) - 1) * text.line_height(small) if rest else 0.0
        return text.cap_height(size, 700) + below

    @staticmethod
    def _gap(size: float, small: float) -> float:
        """From the baseline of the large line to the next: commas reach below it."""
        return text.descent(size) + text.cap_height(small) + 3.0

    def _fits(self, first: str, rest: Sequence[str], size: float, small: float, inner: float) -> bool:
        """Whether the lowest line lies in the hole with its corners."""
        height = self._height(rest, size, small)
        if self.mark.half:
            return height <= inner * 0.8 and text.widest(rest, small) <= 1.7 * inner
        lowest = height / 2 + text.descent(small)
        return lowest < inner and text.width(rest[-1], small) / 2 <= math.sqrt(inner**2 - lowest**2)


KIND = DonutKind
