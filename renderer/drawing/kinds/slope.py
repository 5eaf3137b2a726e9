"""Slopes. Channels: x (categories), y (numbers), label (categories; one line for each), color (categories)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from renderer.drawing.color import with_alpha
from renderer.drawing.kind import Area
from renderer.drawing.kinds._compared import Caption, ComparedKind, Side, Strand
from renderer.drawing.scene import Color, Floats, Markers, Path, Primitive, Segments, Stroke
from renderer.spec.marks.slope import Slope

_DOT = 8.0
_HUED = 6  # lines that get a colour each, if the author says nothing


class SlopeKind(ComparedKind[Slope]):
    """A straight line for each label, and amounts at both of its ends."""

    @cached_property
    def heights(self) -> Floats:
        return self.y

    def order(self, names: Sequence[str]) -> list[str]:
        return list(names)

    def _colors(self, names: list[str]) -> dict[str, Color]:
        if self.mark.highlight or self.mark.color is not None or len(names) <= _HUED:
            return super()._colors(names)
        one = self.layer.hues.of_layer(self.mark.style.color if self.mark.style else None)
        return dict.fromkeys(names, one)

    @cached_property
    def _amounts(self) -> list[str]:
        style = self.mark.y.format or self.layer.formats.get("y")
        return self.layer.writer.numbers(self.y.tolist(), style)

    def caption(self, strand: Strand, row: int, side: Side, *, named: bool) -> Caption:
        name = ((strand.name, 500 if strand.strong else 400),) if named and strand.name else ()
        if not self.mark.values:
            return name
        amount = ((self._amounts[row], 400),)
        return (*name, *amount) if side == "left" else (*amount, *name)

    def marks(self, area: Area) -> Iterator[Primitive]:
        x, y = area.x.column(self.x), area.y(self.y)
        guides = [[place, area.box.y0, place, area.box.y1] for place in np.unique(x[np.isfinite(x)]).tolist()]
        yield Segments(role="grid", ends=np.array(guides).reshape(-1, 4), stroke=Stroke(self.theme.grid, 1.0))
        style = self.mark.style
        width = (style.width if style and style.width else None) or self.theme.line
        size = (style.size if style and style.size else None) or _DOT
        clip = area.clip(size / 2 + 1.0)
        for strand in self.strands:
            color = with_alpha(strand.color, self.opacity)
            rows = strand.rows[np.isfinite(x[strand.rows])]
            yield Path(
                role="line",
                points=np.column_stack([x[rows], y[rows]]),
                stroke=Stroke(color, width if strand.strong else width * 0.75, cap="round"),
                values=self.y[rows],
                name=strand.name,
                clip=clip,
            )
            marked = rows[np.isfinite(y[rows])]
            yield Markers(
                role="point",
                points=np.column_stack([x[marked], y[marked]]),
                size=size if strand.strong else size * 0.75,
                fill=color,
                marker=(style.marker if style and style.marker else None) or "circle",
                stroke=Stroke(self.theme.background, 1.5),
                values=self.y[marked],
                name=strand.name,
                clip=clip,
            )
        yield from self.threads(area)

    def facts(self) -> str:
        first = {strand.name: row for strand, row, _ in self._captions("left")}
        last = {strand.name: row for strand, row, _ in self._captions("right")}
        both = [name for name in first if name in last]
        count = self.layer.writer.number(float(len(self.strands)))
        sentence = f"Slope chart of {self.layer.subject}, with {count} {'line' if count == '1' else 'lines'}"
        if not both:
            return sentence + "."
        changes = {name: float(self.y[last[name]] - self.y[first[name]]) for name in both}
        rising = sum(change > 0 for change in changes.values())
        verb = "rises" if rising == 1 else "rise"
        names = self.layer.names("x")
        sentence += (
            f", from {names[0]} to {names[-1]}. {self.layer.writer.number(float(rising))} of"
            f" {self.layer.writer.number(float(len(both)))} {verb}"
        )
        highest, lowest = max(both, key=changes.__getitem__), min(both, key=changes.__getitem__)
        if changes[highest] > 0:
            sentence += f". {highest or 'It'} rises most, from {self._ends(first[highest], last[highest])}"
        if changes[lowest] < 0:
            sentence += f". {lowest or 'It'} falls most, from {self._ends(first[lowest], last[lowest])}"
        return sentence + "."

    def _ends(self, first: int, last: int) -> str:
        return f"{self._amounts[first]} to {self._amounts[last]}"


KIND = SlopeKind
