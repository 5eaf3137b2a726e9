"""Annotations: rules, bands, words and points at places of the axes, drawn around and over the marks.

Words look for a place: never on other words, within the plot, and where they cover little of the marks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from renderer.data.places import Written
from renderer.drawing import dashes, text
from renderer.drawing.color import mix, parse_color, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent
from renderer.drawing.ink import Ink
from renderer.drawing.kind import Area
from renderer.drawing.places import place_on, stretch_on
from renderer.drawing.scene import Box, Color, Markers, Path, Primitive, Rects, Segments, Stroke, Text
from renderer.drawing.theme import Theme
from renderer.spec.annotation import BandNote, Note, PointNote, RuleNote, TextNote
from renderer.spec.style import Style

Side = Literal["x", "y", "right"]

_RULE = 1.25  # pixels
_BAND_OPACITY = 0.09
_RING = 11.0  # diameter
_NEAR = 5.0  # pixels between words and what they belong to
_ARROW = (34.0, 52.0, 76.0, 104.0)  # pixels from the words to the place, the first that does
_HEAD = 7.0  # length of an arrow's head
_NARROW = 0.36  # of the plot's width: longer words wrap
_CLEAR = 4.0  # pixels between words and marks, if there is a choice
_OVERHANG = 1.7  # times its width may the words of a band be wide
_LINES = 4
_ANGLES = (-45.0, -135.0, 45.0, 135.0, -90.0, 90.0, 0.0, 180.0)  # clockwise from the right, as y points down


@dataclass(frozen=True, slots=True)
class _Words:
    """A text in lines, and how large it is."""

    lines: tuple[str, ...]
    width: float
    height: float

    def at(self, x: float, y: float) -> Box:
        """Its box, with the top left corner at a point."""
        return Box(x, y, x + self.width, y + self.height)


_Spots = Callable[[_Words], Iterator[Box]]
"""Where words may stand, the best place first."""


class Notes:
    """The annotations of one panel. ``zone`` is that of dates which name none."""

    def __init__(self, notes: Sequence[Note], theme: Theme, zone: str, warnings: list[str]) -> None:
        self.notes = notes
        self.theme = theme
        self.zone = zone
        self.warnings = warnings

    def __bool__(self) -> bool:
        return bool(self.notes)

    def reach(self, side: Side, extent: Extent) -> Extent:
        """The extent with the places of rules, points and words in it; bands are cut off where the axis ends."""
        if extent.type == "category":
            return extent
        places = [
            place_on(value, extent.type, self.zone)
            for note in self.notes
            if not isinstance(note, BandNote) and (side == "x" or (side == "right") == (note.y_axis == "right"))
            and (value := getattr(note, "x" if side == "x" else "y", None)) is not None
        ]  # fmt: skip
        known = [place for place in places if math.isfinite(place)]
        if not known:
            return extent
        return replace(extent, low=min(extent.low, *known), high=max(extent.high, *known))

    # Shapes -----------------------------------------------------------------------------------------------------------

    def behind(self, left: Area, right: Area) -> list[Primitive]:
        """The bands, which lie under the marks."""
        items: list[Primitive] = []
        for note in self.notes:
            if not isinstance(note, BandNote):
                continue
            box = self._band(note, right if note.y_axis == "right" else left)
            if box is None:
                self._warn(note, "lies outside of the chart")
                continue
            items.append(Rects(role="note-band", boxes=np.array([box]), fill=self._tint(note), name=note.text or ""))
        return items

    def _tint(self, note: BandNote) -> Color:
        style = note.style
        color = self._color(style, self.theme.text)
        if style and style.opacity is not None:
            return with_alpha(color, style.opacity)
        return with_alpha(color, _BAND_OPACITY * (1.6 if style and style.color else 1.0))

    def _band(self, note: BandNote, area: Area) -> Box | None:
        """What a band covers of the plot; None where that is nothing."""
        plot = area.box
        ends = []
        for first, second, scale in ((note.x, note.x2, area.x), (note.y, note.y2, area.y)):
            if first is None or second is None:
                ends.append(sorted((scale.start, scale.end)))
            else:
                pixels = [*stretch_on(first, scale, self.zone), *stretch_on(second, scale, self.zone)]
                ends.append([min(pixels), max(pixels)])
        (x0, x1), (y0, y1) = ends[::-1] if area.lying else ends
        box = Box(max(x0, plot.x0), max(y0, plot.y0), min(x1, plot.x1), min(y1, plot.y1))
        return box if box.width > 0 and box.height > 0 else None

    def above(self, left: Area, right: Area, crowd: Crowd, ink: Ink) -> list[Primitive]:
        """Rules, rings and arrows, and all words, each where it has room; what has none is a warning."""
        shapes: list[Primitive] = []
        words: list[Primitive] = []
        for note in self.notes:
            area = right if note.y_axis == "right" else left
            drawn: tuple[list[Primitive], list[Primitive]] | None
            match note:
                case RuleNote():
                    drawn = self._rule(note, area, crowd, ink)
                case BandNote():
                    drawn = [], self._band_words(note, area, crowd, ink)
                case PointNote():
                    drawn = self._point(note, area, crowd, ink)
                case TextNote():
                    drawn = [], self._text(note, area, crowd, ink)
                case _:
                    continue
            shapes += drawn[0]
            words += drawn[1]
        return [*shapes, *words]

    def _rule(self, note: RuleNote, area: Area, crowd: Crowd, ink: Ink) -> tuple[list[Primitive], list[Primitive]]:
        value, scale = (note.x, area.x) if note.x is not None else (note.y, area.y)
        plot, style = area.box, note.style
        place = sum(stretch_on(value if value is not None else "", scale, self.zone)) / 2
        level = (note.y is not None) != area.lying
        first, last = (plot.y0, plot.y1) if level else (plot.x0, plot.x1)
        if not first - 0.5 <= place <= last + 0.5:
            self._warn(note, "lies outside of the chart")
            return [], []
        color = self._color(style, self.theme.muted)
        width = (style.width if style else None) or _RULE
        dash = dashes.named(style.dash, width) if style and style.dash else (5.0, 3.0)
        ends = (plot.x0, place, plot.x1, place) if level else (place, plot.y0, place, plot.y1)
        line = Segments(
            role="note-rule",
            ends=np.array([ends]),
            stroke=Stroke(self._faded(self.theme.line_color(color), style), width, dash),
            name=note.text or "",
        )
        wanted = self._spots_at_level(place, plot) if level else self._spots_upright(place, plot)
        ink_color = self.theme.text_color(color) if style and style.color else self.theme.text
        return [line], self._write(note, wanted, plot, crowd, ink, ink_color)

    def _band_words(self, note: BandNote, area: Area, crowd: Crowd, ink: Ink) -> list[Primitive]:
        box = self._band(note, area)
        if box is None or not note.text:
            return []
        color = self.theme.text_color(self._color(note.style, self.theme.muted))
        # From edge to edge of the plot it is a row, and its words begin where rows are read from.
        row = box.width >= area.box.width - 1.0

        def spots(words: _Words) -> Iterator[Box]:
            x = box.x0 + _NEAR if row else (box.x0 + box.x1 - words.width) / 2
            if words.width <= box.width - 4.0 and words.height <= box.height - 4.0:
                yield words.at(x, box.y0 + _NEAR)
                yield words.at(box.x1 - _NEAR - words.width if row else x, box.y0 + _NEAR)
                yield words.at(x, box.y1 - _NEAR - words.height)
                yield words.at(x, (box.y0 + box.y1 - words.height) / 2)
            elif not row and words.width <= box.width * _OVERHANG:
                yield words.at(x, box.y0 + _NEAR)
                yield words.at(x, box.y1 - _NEAR - words.height)
            for y in (box.y0 + _NEAR, box.y1 - _NEAR - words.height):
                yield words.at(box.x1 + _NEAR, y)
                yield words.at(box.x0 - _NEAR - words.width, y)
            for side in (box.y0 - _NEAR - words.height, box.y1 + _NEAR):
                yield words.at(x, side)

        tint = self._tint(note)
        behind = mix(self.theme.background, (*tint[:3], 1.0), tint[3])
        room = box.width - 8.0 if box.width > 60.0 else area.box.width * _NARROW
        return self._write(note, spots, area.box, crowd, ink, color, room=room, behind=behind)

    def _text(self, note: TextNote, area: Area, crowd: Crowd, ink: Ink) -> list[Primitive]:
        x, y = self._pixels(note.x, note.y, area)
        color = self.theme.text_color(self._color(note.style, self.theme.text))

        def spots(words: _Words) -> Iterator[Box]:
            middle = words.at(x - words.width / 2, y - words.height / 2)
            yield _moved_into(middle, area.box)
            for step in (0.75, 1.5, 2.5):
                for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0)):
                    along, across = dx * words.width * 0.6 * step, dy * words.height * step
                    yield _moved_into(words.at(middle.x0 + along, middle.y0 + across), area.box)

        # Where the author puts words, they may lie on marks.
        return self._write(note, spots, area.box, crowd, None, color)

    def _point(self, note: PointNote, area: Area, crowd: Crowd, ink: Ink) -> tuple[list[Primitive], list[Primitive]]:
        x, y = self._pixels(note.x, note.y, area)
        if not (math.isfinite(x) and math.isfinite(y) and area.box.grown(1.0).overlaps(Box(x, y, x, y), 0.01)):
            self._warn(note, "lies outside of the chart")
            return [], []
        style = note.style
        color = self._color(style, self.theme.text)
        size = (style.size if style else None) or _RING
        ring = Markers(
            role="note-point",
            points=np.array([[x, y]]),
            size=size,
            fill=None,
            marker=(style.marker if style else None) or "circle",
            stroke=Stroke(self._faded(self.theme.line_color(color), style), 1.75),
            name=note.text or "",
            clip=area.clip(size),
        )
        if not note.text:
            return [ring], []
        reaches = _ARROW if note.arrow else (0.0, 8.0, 16.0)
        ways = tuple(product(reaches, _ANGLES))

        def spots(words: _Words) -> Iterator[Box]:
            for reach, angle in ways:
                dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
                away = size / 2 + 3.0 + reach
                # The corner or the middle of the side that looks at the place, so that short words stay near it.
                yield words.at(
                    x + dx * away - (words.width if dx < -0.1 else words.width / 2 if abs(dx) <= 0.1 else 0.0),
                    y + dy * away - (words.height if dy < -0.1 else words.height / 2 if abs(dy) <= 0.1 else 0.0),
                )

        kept = Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
        ink_color = self.theme.text_color(color)
        written = self._write(note, spots, area.box, crowd, ink, ink_color, apart=kept)
        boxes = [item.box for item in written]
        if not note.arrow or not boxes:
            return [ring], written
        around = Box(
            min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes)
        )
        return [ring, *self._arrow(around, (x, y), size / 2 + 2.0, color)], written

    def _arrow(self, words: Box, target: tuple[float, float], short: float, color: Color) -> list[Primitive]:
        """From the edge of the words to just before the target."""
        start = np.array([min(max(target[0], words.x0), words.x1), min(max(target[1], words.y0), words.y1)])
        way = np.array(target) - start
        length = float(np.hypot(*way))
        if length < short + _HEAD + 4.0:
            return []
        along = way / length
        across = np.array([-along[1], along[0]])
        tail, tip = start + along * 4.0, np.array(target) - along * short
        neck = tip - along * _HEAD
        shaft = Segments(
            role="note-arrow",
            ends=np.array([[*tail, *(tip - along * _HEAD * 0.6)]]),
            stroke=Stroke(self.theme.line_color(color), _RULE),
            crisp=False,
        )
        head = Path(
            role="note-arrow",
            points=np.array([tip, neck + across * _HEAD * 0.42, neck - across * _HEAD * 0.42]),
            fill=self.theme.line_color(color),
            closed=True,
        )
        return [shaft, head]

    # Words ------------------------------------------------------------------------------------------------------------

    def _write(
        self,
        note: Note,
        spots: _Spots,
        plot: Box,
        crowd: Crowd,
        ink: Ink | None,
        color: Color,
        *,
        room: float | None = None,
        apart: Box | None = None,
        behind: Color | None = None,
    ) -> list[Primitive]:
        """The words of a note in the best of its spots; [] and a warning where all are taken."""
        if not note.text:
            return []
        within = Box(plot.x0, plot.y0, plot.x1, plot.y1).grown(0.5)
        best: tuple[float, _Words, Box] | None = None
        for turn, words in enumerate(self._wrapped(note.text, room or plot.width * _NARROW)):
            for number, box in enumerate(spots(words)):
                if not box.inside(within) or not crowd.free(box, 2.0) or (apart and box.overlaps(apart)):
                    continue
                covered = ink.under(box.grown(_CLEAR)) if ink is not None else 0
                cost = covered * 10.0 + number + turn * 30.0
                if best is None or cost < best[0]:
                    best = (cost, words, box)
                if not covered:
                    break
            if best is not None and best[0] < 30.0:
                break
        if best is None:
            self._warn(note, "has no room for its text")
            return []
        _, words, box = best
        crowd.add(box)
        return [*self._lines(words, box, color, behind or self.theme.background)]

    def _wrapped(self, words: str, room: float) -> Iterator[_Words]:
        """The words in as few lines as the room allows, then in more and narrower ones."""
        size = self.theme.label
        given = words.split("\n")
        seen: set[tuple[str, ...]] = set()
        for share in (1.0, 0.6, 0.4):
            lines = tuple(
                line for part in given for line in text.balance(part, max(room * share, 40.0), size, 500, lines=_LINES)
            )
            if lines in seen or (seen and any(line.endswith(text.ELLIPSIS) for line in lines)):
                continue
            seen.add(lines)
            height = text.cap_height(size) + (len(lines) - 1) * text.line_height(size) + text.descent(size)
            yield _Words(lines, text.widest(lines, size, 500), height)

    def _lines(self, words: _Words, box: Box, color: Color, halo: Color) -> Iterator[Text]:
        size = self.theme.label
        for row, line in enumerate(words.lines):
            if line:
                yield text.place(
                    "note",
                    line,
                    box.x0,
                    box.y0 + text.cap_height(size) + row * text.line_height(size),
                    size=size,
                    weight=500,
                    color=color,
                    halo=halo,
                )

    @staticmethod
    def _spots_at_level(place: float, plot: Box) -> _Spots:
        def spots(words: _Words) -> Iterator[Box]:
            sides = (plot.x1 - words.width - 2.0, plot.x0 + 4.0, (plot.x0 + plot.x1 - words.width) / 2)
            more = tuple(plot.x0 + (plot.width - words.width) * share for share in (0.85, 0.7, 0.3, 0.15))
            for x in (*sides, *more):
                yield words.at(x, place - _NEAR - words.height + 2.0)
                yield words.at(x, place + _NEAR)

        return spots

    @staticmethod
    def _spots_upright(place: float, plot: Box) -> _Spots:
        def spots(words: _Words) -> Iterator[Box]:
            for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
                y = plot.y0 + 2.0 + (plot.height - words.height - 4.0) * share
                yield words.at(place + _NEAR, y)
                yield words.at(place - _NEAR - words.width, y)

        return spots

    # Small things -----------------------------------------------------------------------------------------------------

    def _pixels(self, x: Written, y: Written, area: Area) -> tuple[float, float]:
        """The place of a point on the sheet."""
        along = sum(stretch_on(x, area.x, self.zone)) / 2
        across = sum(stretch_on(y, area.y, self.zone)) / 2
        return (across, along) if area.lying else (along, across)

    def _color(self, style: Style | None, usual: Color) -> Color:
        return parse_color(style.color) if style and style.color else usual

    @staticmethod
    def _faded(color: Color, style: Style | None) -> Color:
        return with_alpha(color, style.opacity) if style and style.opacity is not None else color

    def _warn(self, note: Note, what: str) -> None:
        name = f"'{note.text}'" if note.text else f"a {note.model_dump()['kind']}"
        warning = f"The annotation {name} {what}."
        if warning not in self.warnings:
            self.warnings.append(warning)


def _moved_into(box: Box, plot: Box) -> Box:
    """The box moved as little as brings it into the plot."""
    dx = max(plot.x0 - box.x0, 0.0) - max(box.x1 - plot.x1, 0.0)
    dy = max(plot.y0 - box.y0, 0.0) - max(box.y1 - plot.y1, 0.0)
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)
