"""Bumps. Channels: x (dates, numbers, categories), y (numbers), label or color (categories; one line for each)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent
from renderer.drawing.kind import Area, AxisName
from renderer.drawing.kinds._compared import Caption, ComparedKind, Side, Strand
from renderer.drawing.scene import Floats, Markers, Path, Primitive, Stroke, Text
from renderer.spec.marks.bump import Bump

_LARGEST = 22.0  # diameter of a marker
_NUMBERED_FROM = 15.0  # diameter of one that holds its rank
_LEAST = 4.0
_WIDTH = 3.0
_HUED = 8


class BumpKind(ComparedKind[Bump]):
    """A smooth line for each label through its ranks, with the ranks in its markers."""

    gap = 16.0

    @cached_property
    def ranks(self) -> Floats:
        """The rank of each row among those at its place; of two that are equal, the one that comes first leads."""
        if self.mark.rank == "given":
            return self.y
        keys = -self.y if self.mark.rank == "high" else self.y
        order = {name: place for place, name in enumerate(self.layer.names(self.identity))}
        column = self.layer.column(self.identity)
        index = np.array([order.get(name, 0) for name in column.values.tolist()]) if column else np.zeros(len(keys))
        ranks = np.full(len(keys), np.nan)
        for place in np.unique(self.places[np.isfinite(self.places)]):
            rows = np.flatnonzero((self.places == place) & np.isfinite(keys))
            ranks[rows[np.lexsort((index[rows], keys[rows]))]] = np.arange(1.0, len(rows) + 1.0)
        return ranks

    @cached_property
    def heights(self) -> Floats:
        return -self.ranks

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return super().extent(axis)
        known = self.ranks[np.isfinite(self.ranks)]
        if not len(known):
            return Extent("number")
        return Extent("number", -float(known.max()) - 0.5, 0.5 - float(known.min()))

    def order(self, names: Sequence[str]) -> list[str]:
        """The winners at the end come first; beyond eight, nobody can tell the colours."""
        last: dict[str, float] = {}
        column = self.layer.column(self.identity)
        if column is None:
            return list(names)
        for row in np.argsort(self.places, kind="stable").tolist():
            if np.isfinite(self.ranks[row]):
                last[column.values[row]] = float(self.ranks[row])
        ordered = sorted(names, key=lambda name: last.get(name, np.inf))
        return ordered if self.mark.highlight or self.mark.color is not None else ordered[:_HUED]

    def caption(self, strand: Strand, row: int, side: Side, *, named: bool) -> Caption:
        return ((strand.name, 500 if strand.strong else 400),) if named and strand.name else ()

    def _size(self, area: Area) -> float:
        places = area.x(np.unique(self.places[np.isfinite(self.places)]))
        step = float(np.abs(np.diff(places)).min()) if len(places) > 1 else area.box.width
        row = abs(area.y.one(1.0) - area.y.one(0.0))
        size = min(_LARGEST, row * 0.72, step * 0.6)
        return size if size >= _LEAST else 0.0

    def marks(self, area: Area) -> Iterator[Primitive]:
        x, y = area.x.column(self.x), area.y(self.heights)
        size = self._size(area)
        style = self.mark.style
        width = (style.width if style and style.width else None) or min(_WIDTH, max(1.0, size / 3))
        clip = area.clip(_LARGEST / 2 + 2.0)
        for strand in self.strands:
            color = with_alpha(strand.color, self.opacity)
            rows = strand.rows[np.isfinite(x[strand.rows])]
            yield Path(
                role="line",
                points=_waves(x[rows], y[rows]),
                stroke=Stroke(color, width if strand.strong else width * 0.75, cap="round"),
                curve=True,
                values=self.ranks[rows],
                name=strand.name,
                clip=clip,
            )
            marked = rows[np.isfinite(y[rows])]
            if size or len(marked) == 1:
                yield Markers(
                    role="point",
                    points=np.column_stack([x[marked], y[marked]]),
                    size=size or _LEAST,
                    fill=color,
                    stroke=Stroke(self.theme.background, min(1.5, size / 6)),
                    values=self.ranks[marked],
                    name=strand.name,
                    clip=clip,
                )
        yield from self.threads(area)

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        yield from super().labels(area, crowd)
        size = self._size(area)
        if size < _NUMBERED_FROM:
            return
        x, y = area.x.column(self.x), area.y(self.heights)
        words = self.layer.writer.numbers(self.ranks.tolist())
        letters = min(11.0, size * 0.6)
        for strand in self.strands:
            ink = self.theme.ink_on(strand.color)
            for row in strand.rows.tolist():
                if np.isfinite(x[row]) and np.isfinite(y[row]) and text.width(words[row], letters, 500) < size - 3.0:
                    number = text.place(
                        "value-label", words[row], float(x[row]), float(y[row]), size=letters, weight=500,
                        color=ink, align="center", valign="middle",
                    )  # fmt: skip
                    if number.box.inside(area.sheet) and crowd.claim(number.box):
                        yield number

    def facts(self) -> str:
        names = self.layer.names(self.identity)
        sentence = f"Bump chart of the ranks of {self.layer.writer.number(float(max(1, len(names))))}"
        sentence += f" by {self.layer.title('y')}: {listing(names)}" if names else f" by {self.layer.title('y')}"
        first, last = ({strand.name: row for strand, row, _ in self._captions(side)} for side in ("left", "right"))
        if not first or not last:
            return sentence + "."
        leader, winner = (min(ends, key=lambda name: float(self.ranks[ends[name]])) for ends in (first, last))
        start, end = self.layer.place("x", first[leader]), self.layer.place("x", last[winner])
        if leader == winner:
            return f"{sentence}. {winner or 'It'} comes first both at {start} and at {end}."
        return f"{sentence}. {leader} comes first at {start}, {winner} at {end}."


def _waves(x: Floats, y: Floats) -> Floats:
    """Cubic Bezier points that leave and reach each place level; a missing one lifts the pen."""
    points: list[tuple[float, float]] = []
    before: tuple[float, float] | None = None
    for here in zip(x.tolist(), y.tolist(), strict=True):
        if not np.isfinite(here[1]):
            before = None
            continue
        if before is None:
            points += [(np.nan, np.nan), here] if points else [here]
        else:
            middle = (before[0] + here[0]) / 2
            points += [(middle, before[1]), (middle, here[1]), here]
        before = here
    return np.array(points, dtype=float).reshape(-1, 2)


KIND = BumpKind
