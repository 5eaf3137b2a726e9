"""What slopes and bumps share: one line for each label, coloured where it matters, with its name at both ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Generic, Literal, TypeVar

import numpy as np

from renderer.drawing import text
from renderer.drawing.axes import line_pitch
from renderer.drawing.color import mix
from renderer.drawing.crowd import Crowd, spread
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, group_rows
from renderer.drawing.scene import Box, Color, Floats, Rows, Segments, Stroke, Text
from renderer.spec.errors import show, suggest
from renderer.spec.marks.slope import Compared

Side = Literal["left", "right"]
Caption = tuple[tuple[str, int], ...]
"""Words with their weight, from left to right."""

_SHARE = 0.3  # of the width, at most, for the captions of one side
_NARROW = 420.0  # pixels: below, the names stand at the right only
_SPACE = 6.0  # between the words of a caption
_FADED = 0.35  # of the background's colour in lines that are not the ones that matter


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """One line: its rows in the order of x. ``strong`` ones are coloured and drawn above the others."""

    name: str
    rows: Rows
    color: Color
    strong: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """A caption at its place: the point that it names, and the middle of its line."""

    strand: Strand
    caption: Caption
    x: float
    y: float
    place: float


MarkT = TypeVar("MarkT", bound=Compared)


class ComparedKind(Kind[MarkT], Generic[MarkT]):
    """Lines between places, whose captions stand beside the plot."""

    writes: ClassVar[tuple[AxisName, ...]] = ("y",)
    gap: ClassVar[float] = 10.0
    """Pixels between the end of a line and its caption."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.y = numbers_of(layer.resolved.table["y"])
        self.identity = "label" if self.mark.label is not None else "color"
        label, color = self.mark.label, self.mark.color
        self.series = layer.series() if label and color and label.field != color.field else []
        names = layer.names(self.identity)
        if len(names) > layer.limits.categories:
            raise layer.error(
                self.identity,
                f"{len(names)} lines are more than the {layer.limits.categories} that can be told apart; use 'top'",
            )
        for index, name in enumerate(self.mark.highlight or ()):
            if name not in names:
                near = suggest(name, names)
                hint = f"; did you mean {show(near[0])}?" if near else ""
                raise layer.error(f"highlight/{index}", f"there is no line {show(name)}{hint}")
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self._narrow = False
        self._box = Box(0.0, 0.0, 0.0, 0.0)  # what the plot and the captions share
        self._written: dict[tuple[Side, Box], tuple[_Written, ...]] = {}

    # What is to be said by each of the two ----------------------------------------------------------------------------

    @cached_property
    @abstractmethod
    def heights(self) -> Floats:
        """Where each row stands along y, upwards."""

    @abstractmethod
    def caption(self, strand: Strand, row: int, side: Side, *, named: bool) -> Caption:
        """What is written at an end of a line, with its name or without."""

    @abstractmethod
    def order(self, names: Sequence[str]) -> list[str]:
        """The names from the one that comes first in colours to the last."""

    # Lines ------------------------------------------------------------------------------------------------------------

    @cached_property
    def places(self) -> Floats:
        """Where along x each row stands."""
        if self.x.type == "category":
            index = {name: place for place, name in enumerate(self.layer.names("x"))}
            return np.array([index.get(name, np.nan) for name in self.x.values.tolist()], dtype=float)
        return numbers_of(self.x)

    @cached_property
    def strands(self) -> tuple[Strand, ...]:
        """The lines, in the order in which they are drawn: those that matter last."""
        column = self.layer.column(self.identity)
        if column is None:
            style = self.mark.style
            color = self.layer.hues.of_layer(style.color if style else None)
            return (Strand("", self._along(np.arange(len(self.y))), self.theme.line_color(color), strong=True),)
        grouped = group_rows(column, self.layer.names(self.identity))
        colors = self._colors(list(grouped))
        faded = mix(self.theme.axis, self.theme.background, _FADED)
        strands = [
            Strand(name, self._along(rows), self.theme.line_color(colors[name]) if name in colors else faded,
                   strong=name in colors)
            for name, rows in grouped.items()
        ]  # fmt: skip
        return tuple(sorted(strands, key=lambda strand: strand.strong))

    def _along(self, rows: Rows) -> Rows:
        ordered: Rows = rows[np.argsort(self.places[rows], kind="stable")]
        return ordered

    def _colors(self, names: list[str]) -> dict[str, Color]:
        """The colours of the lines that matter."""
        chosen = [name for name in names if name in self.mark.highlight] if self.mark.highlight else names
        if self.series:
            column = self.layer.resolved.table[self.identity].values.tolist()
            found = {column[row]: series.color for series in self.series for row in series.rows.tolist()}
            return {name: found[name] for name in chosen if name in found}
        fixed = (self.mark.color.map if self.mark.color else None) or {}
        return {name: self.layer.hues.of(name, fixed.get(name)) for name in self.order(chosen)}

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            return extent_of_values(self.heights, air=0.02)
        if self.x.type == "category":
            return Extent("category", categories=self.layer.names("x"), tight=True)
        return extent_of_values(self.places, self.x.type)

    def legend(self) -> tuple[Key, ...]:
        return self.layer.swatches(self.series, Entry("", self.theme.text, symbol="line")) if self.series else ()

    # Captions ---------------------------------------------------------------------------------------------------------

    def beside(self, box: Box) -> tuple[float, float]:
        self._narrow, self._box = box.width < _NARROW, box
        left, right = (
            max((self._wide(caption) for _, _, caption in self._captions(side)), default=0.0)
            for side in ("left", "right")
        )
        most = box.width * _SHARE
        return min(left, most) + self.gap, min(right, most) + self.gap

    def _wide(self, caption: Caption) -> float:
        widths = [text.width(words, self.theme.label, weight) for words, weight in caption]
        return sum(widths) + _SPACE * max(0, len(widths) - 1)

    def _captions(self, side: Side) -> list[tuple[Strand, int, Caption]]:
        """The lines that reach the first (or the last) place of all, the row that does, and what is written there."""
        known = np.isfinite(self.heights) & np.isfinite(self.places)
        if not known.any():
            return []
        edge = self.places[known].min() if side == "left" else self.places[known].max()
        captions = []
        for strand in self.strands:
            rows = strand.rows[known[strand.rows] & (self.places[strand.rows] == edge)]
            if len(rows):
                row = int(rows[0])
                named = side == "right" or not self._narrow
                captions.append((strand, row, self.caption(strand, row, side, named=named)))
        return captions

    def written(self, area: Area, side: Side) -> tuple[_Written, ...]:
        """The captions of one side, moved apart; those of lines that matter first, if there is no room for all."""
        key = (side, area.box)
        if key not in self._written:
            self._written[key] = self._write(area, side)
        return self._written[key]

    def _write(self, area: Area, side: Side) -> tuple[_Written, ...]:
        x, y = area.x.column(self.x), area.y(self.heights)
        low, high = area.box.y0 - self.theme.label / 2, area.box.y1 + self.theme.label / 2
        pitch = line_pitch(self.theme)
        captions = sorted((item for item in self._captions(side) if item[2]), key=lambda item: not item[0].strong)
        most = max(0, int((high - low) / pitch))
        if len(captions) > most:
            # Those that matter, and of the others those that can stand where their lines end.
            kept = [item for item in captions if item[0].strong][:most]
            for item in captions[len(kept) :]:
                if len(kept) < most and all(abs(y[item[1]] - y[other[1]]) >= pitch for other in kept):
                    kept.append(item)
            self.layer.warn(f"{len(captions) - len(kept)} of {len(captions)} names have no room.")
            captions = kept
        captions.sort(key=lambda item: float(y[item[1]]))
        places = spread([float(y[row]) for _, row, _ in captions], pitch, low, high) or []
        return tuple(
            _Written(strand, caption, float(x[row]), float(y[row]), place)
            for (strand, row, caption), place in zip(captions, places, strict=True)
        )

    def threads(self, area: Area) -> Iterator[Segments]:
        """From the end of a line to a caption that had to move away from it."""
        for side, sign in (("left", -1.0), ("right", 1.0)):
            ends = [
                (item.x + sign * (self.gap - 6.0), item.y, item.x + sign * (self.gap - 2.0), item.place)
                for item in self.written(area, "left" if side == "left" else "right")
                if abs(item.place - item.y) > 2.0
            ]
            if ends:
                yield Segments(
                    role="thread", ends=np.array(ends), stroke=Stroke(self.theme.axis, 1.0), crisp=False,
                    clip=area.sheet,
                )  # fmt: skip

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        for side in ("left", "right"):
            leftwards = side == "left"
            room = (area.box.x0 - self._box.x0 if leftwards else self._box.x1 - area.box.x1) - self.gap
            for item in self.written(area, "left" if leftwards else "right"):
                caption = self._shortened(item.caption, room)
                x = item.x - self.gap - self._wide(caption) if leftwards else item.x + self.gap
                parts = []
                for words, weight in caption:
                    color = self._ink(item.strand)
                    part = text.place(
                        "series-label", words, x, item.place, size=self.theme.label, weight=weight, color=color,
                        valign="middle",
                    )  # fmt: skip
                    x = part.box.x1 + _SPACE
                    parts.append(part)
                within = Box(self._box.x0, area.sheet.y0, self._box.x1, area.sheet.y1)
                if all(
                    part.box.inside(within, 1.0) and part.box.inside(area.sheet) and crowd.free(part.box)
                    for part in parts
                ):
                    for part in parts:
                        crowd.add(part.box)
                        yield part

    def _ink(self, strand: Strand) -> Color:
        """The colour of a caption: that of its line, where it says something."""
        colors = {other.color for other in self.strands if other.strong}
        if strand.strong and (len(colors) > 1 or self.mark.highlight):
            return self.theme.text_color(strand.color)
        return self.theme.muted

    def _shortened(self, caption: Caption, room: float) -> Caption:
        """The longest of the words gives way where there is no room for all."""
        over = self._wide(caption) - room
        if over <= 0.5 or not caption:
            return caption
        longest = max(range(len(caption)), key=lambda place: len(caption[place][0]))
        words, weight = caption[longest]
        width = text.width(words, self.theme.label, weight) - over
        shorter = text.shorten(words, width, self.theme.label, weight)
        kept = [*caption[:longest], *([(shorter, weight)] if shorter else []), *caption[longest + 1 :]]
        return tuple(kept)
