"""Pies. Channels: label (categories), value (numbers of zero and more)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from renderer.data.crowded import parts_message, zero_message
from renderer.drawing import arcs, legend, text
from renderer.drawing.alt import listing
from renderer.drawing.crowd import spread
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Path, Primitive, Stroke, Text
from renderer.drawing.shares import write_shares
from renderer.spec.marks.pie import Slices

_REACH = 9.0  # pixels from the rim to the bend of a leader
_RUN = 14.0  # from there to the words
_AIR = 5.0  # between a leader and its words
_COLUMN = 0.3  # of the width, at most, for the words on one side
_LEAST = 0.28  # of the panel's shorter side: a smaller radius leaves the names to a legend
_PIXELS = 22.0  # the same, at least
_RIM = 1.5  # between slices
_DOUBLE = 6  # slices of one side, at most, whose sizes stand below their names


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of the whole, from one angle to another (degrees clockwise from twelve o'clock)."""

    name: str
    value: float
    share: float
    written: str
    color: Color
    start: float
    stop: float

    @property
    def middle(self) -> float:
        """Where its words point to; the whole circle's to the right."""
        return (self.start + self.stop) / 2 if self.stop - self.start < 360.0 - 1e-9 else 90.0

    @property
    def right(self) -> bool:
        return math.sin(math.radians(self.middle)) >= -1e-9


@dataclass(frozen=True, slots=True)
class Circle:
    center: arcs.Point
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The slices that are named on one side, from the top down, and where their words stand."""

    slices: list[_Slice]
    places: list[float]
    double: bool  # the size below the name, not beside it


class PieKind(FreeKind[Slices]):
    """Sectors, and their names in columns beside them, joined by leaders that follow the rim."""

    hole = 0.0

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.amount, self.slices = self._sliced()
        wish = self.mark.label.legend
        self.direct = self.mark.labels is not None and wish in ("auto", "direct")
        self.keyed = wish in ("right", "top", "bottom") or (self.mark.labels is None and wish == "auto")

    # The data ---------------------------------------------------------------------------------------------------------

    def _sliced(self) -> tuple[float, list[_Slice]]:
        """The sum of all, and the slices in the order in which they are drawn."""
        amounts = self._amounts()
        values = np.array(list(amounts.values()))
        largest = float(values.max(initial=0.0))
        if not largest > 0:
            raise self.layer.error("value", zero_message("slices", self.mark.kind))
        whole = math.fsum((values / largest).tolist())  # of huge amounts, the sum itself overflows
        parts = {name: value / largest / whole for name, value in amounts.items()}
        kept = {name: (value, parts[name]) for name, value in amounts.items() if value > 0}
        kept, collected = self._collected(kept)
        most = self.layer.limits.wedges
        if len(kept) > most:
            raise self.layer.error("label", parts_message(len(kept), most, self.mark.kind))
        named = [name for name in kept if name not in collected]
        colors = self.layer.colors(named, "label") | dict.fromkeys(collected, self.theme.axis)
        if len(named) > self.layer.hues.distinct:
            self.layer.warn(
                f"{len(kept)} slices are hard to compare; collect the smallest with 'group_below', or draw bars"
            )
        span, start = (180.0, -90.0) if self.mark.half else (360.0, self.mark.start)
        ends = np.cumsum([0.0, *(share for _, share in kept.values())])
        ends = start + span * ends / ends[-1]
        written = self._written([value for value, _ in kept.values()], [share for _, share in kept.values()])
        return min(whole * largest, self.layer.limits.magnitude), [
            _Slice(name, value, share, said, colors[name], float(low), float(high))
            for (name, (value, share)), said, low, high in zip(kept.items(), written, ends[:-1], ends[1:], strict=True)
        ]

    def _amounts(self) -> dict[str, float]:
        """The value of each name, in order."""
        table = self.layer.resolved.table
        values = numbers_of(table["value"])
        negative = np.flatnonzero(values < 0)
        if len(negative):
            row = int(negative[0])
            raise self.layer.error(
                "value",
                f"a {self.mark.kind} shows parts of a whole, and {self.layer.place('label', row)!r} is"
                f" {self.layer.writer.number(float(values[row]))}; draw bars instead",
            )
        found = dict(zip(table["label"].values.tolist(), values.tolist(), strict=True))
        known = {name: found[name] for name in self.layer.names("label") if found[name] == found[name]}
        if len(known) < len(found):
            self.layer.warn(f"{_count(len(found) - len(known), 'slice')} without a value left out")
        channel = self.mark.label
        if channel.sort is None and channel.unit is None and channel.bin is None:
            known = dict(sorted(known.items(), key=lambda item: (item[0] == channel.other, -item[1])))
        return known

    def _collected(
        self, amounts: dict[str, tuple[float, float]]
    ) -> tuple[dict[str, tuple[float, float]], tuple[str, ...]]:
        """The slices with the smallest as one, and the names of those that stand for several."""
        others = (self.mark.label.other,) if self.mark.label.other in amounts else ()
        small = [name for name, (_, share) in amounts.items() if share < self.mark.group_below]
        name = self.mark.label.other or self.mark.other
        if len(set(small) | set(others)) < 2 or not small:
            return amounts, tuple(other for other in others if other)
        small = list(dict.fromkeys([*small, *(other for other in (name,) if other in amounts)]))
        sums = (math.fsum(amounts[one][0] for one in small), math.fsum(amounts[one][1] for one in small))
        return {one: both for one, both in amounts.items() if one not in small} | {name: sums}, (name,)

    def _written(self, values: Sequence[float], shares: Sequence[float]) -> list[str]:
        write, style = self.layer.writer, self.mark.labels.format if self.mark.labels else None
        own = self.mark.value.format
        match self.mark.show:
            case "percent":
                return write_shares(shares, write, style)
            case "value":
                return write.numbers(values, style or own)
            case "both":
                amounts = write.numbers(values, style or own)
                return [f"{a} ({b})" for a, b in zip(amounts, write_shares(shares, write), strict=True)]

    # Layout -----------------------------------------------------------------------------------------------------------

    def legend(self) -> tuple[Key, ...]:
        return (self._key(),) if self.keyed else ()

    def _key(self, *, sized: bool = False) -> Swatches:
        entries = tuple(Entry(f"{one.name}  {one.written}" if sized else one.name, one.color) for one in self.slices)
        return Swatches(self.layer.title("label"), entries, "right" if sized else self.mark.label.legend)

    def marks(self, area: Area) -> Iterator[Primitive]:
        circle, inside, sides = self._laid_out(area.box)
        words: list[Primitive] = []
        if sides is None and self.direct:
            # No room for columns: a legend that says the sizes, too.
            placed = legend.place([self._key(sized=True)], area.box, self.theme)
            words += placed.primitives
            circle = self._circle(placed.box, 0.0, 0.0)
            if placed.left_out:
                self.layer.warn(f"{_count(placed.left_out, 'slice')} of {len(self.slices)} without room for a label")
        rim = min(_RIM, _RIM * 20 / len(self.slices))
        for one in self.slices:
            yield Path(
                role="slice",
                points=arcs.sector(circle.center, self.hole * circle.radius, circle.radius, one.start, one.stop),
                fill=self._fill(one.color),
                stroke=Stroke(self.theme.background, rim, cap="round") if len(self.slices) > 1 else None,
                curve=True,
                closed=True,
                values=np.array([one.value]),
                name=one.name,
            )
        for side in sides or ():
            yield from self._leaders(side, circle)
        for side in sides or ():
            yield from self._column(side, circle, area.box)
        yield from words
        yield from inside
        yield from self._center(circle)

    def _fill(self, color: Color) -> Color:
        style = self.mark.style
        return (*color[:3], color[3] * (style.opacity if style and style.opacity is not None else 1.0))

    def _laid_out(self, box: Box) -> tuple[Circle, list[Text], list[_Side] | None]:
        """The circle, the words in it, and the columns beside it; None where they have no room."""
        outside = list(self.slices) if self.direct else []
        circle = self._circle(box, 0.0, 0.0)
        columns: list[_Side] = []
        within: dict[str, list[Text]] = {}
        inner = self.mark.labels is not None and (self.mark.labels.position == "inside" or not self.direct)
        for _ in range(3 if inner else 1):  # the columns make the circle smaller, and less fits into it
            if inner:
                within = {one.name: words for one in self.slices if (words := self._inside(one, circle))}
                outside = [one for one in self.slices if one.name not in within] if self.direct else []
            beside = self._sides(outside, box)
            if beside is None:
                return circle, [], None
            before = circle
            circle, columns = beside
            if before == circle:
                break
        if not self.direct and self.mark.labels is not None and len(within) < len(self.slices) and not self.keyed:
            self.layer.warn(
                f"{_count(len(self.slices) - len(within), 'slice')} of {len(self.slices)} without room for a label"
            )
        return circle, [word for words in within.values() for word in words], columns

    def _sides(self, slices: list[_Slice], box: Box) -> tuple[Circle, list[_Side]] | None:
        """The circle between two columns of words."""
        if not slices:
            return self._circle(box, 0.0, 0.0), []
        right = sorted((one for one in slices if one.right), key=lambda one: _height(one.middle))
        left = sorted((one for one in slices if not one.right), key=lambda one: _height(one.middle))
        doubles = [len(side) <= _DOUBLE for side in (left, right)]
        for double in (doubles, [False, False]):
            sides = list(zip((left, right), double, strict=True))
            widths = [self._width(side, box.width * _COLUMN, double=below) for side, below in sides]
            circle = self._circle(box, *widths)
            if circle.radius < max(_PIXELS, min(box.width, box.height) * _LEAST):
                return None
            found = [self._placed(side, circle, box, double=below) for side, below in sides]
            placed = [side for side in found if side is not None]
            if len(placed) == 2:
                return circle, placed
        kept = sorted(slices, key=lambda one: one.share)[max(1, len(slices) // 12) :]
        if not kept:
            return None
        smaller = self._sides(kept, box)
        if smaller is not None:
            named = sum(len(side.slices) for side in smaller[1])
            self._without_room(len(self.slices) - named)
        return smaller

    def _without_room(self, count: int) -> None:
        warnings = self.layer.warnings
        tail = f" of {len(self.slices)} without room for a label; collect the smallest with 'group_below'"
        if not any(warning.endswith(tail) for warning in warnings):
            self.layer.warn(_count(count, "slice") + tail)

    def _circle(self, box: Box, left: float, right: float) -> Circle:
        """The largest circle between columns of these widths; all together stand in the middle of the box."""
        beside = [width + _REACH + _RUN + _AIR if width else 1.0 for width in (left, right)]
        over = self.theme.label * 0.6 if left or right else 1.0
        across = (box.width - sum(beside)) / 2
        if self.mark.half:
            under = self.theme.label * 0.6 if left or right else 1.0
            radius = max(1.0, min(across, box.height - over - under))
            middle = box.y0 + (box.height - radius - over - under) / 2 + over + radius
        else:
            radius = max(1.0, min(across, box.height / 2 - over))
            middle = box.center[1]
        x = box.x0 + (box.width - 2 * radius - sum(beside)) / 2 + beside[0] + radius
        return Circle((x, middle), radius)

    def _width(self, side: Sequence[_Slice], most: float, *, double: bool) -> float:
        size = self.theme.label
        if double:
            widest = max(
                text.widest((one.name for one in side), size, 500), text.widest((one.written for one in side), size)
            )
        else:
            space = size * 0.5
            widest = max(
                (text.width(one.name, size, 500) + space + text.width(one.written, size) for one in side), default=0.0
            )
        return min(widest, most)

    def _placed(self, side: list[_Slice], circle: Circle, box: Box, *, double: bool) -> _Side | None:
        size = self.theme.label
        pitch = text.line_height(size) * (2 if double else 1) + (size * 0.35 if double else size * 0.15)
        reach = circle.radius + _REACH
        wanted = [circle.center[1] + reach * _height(one.middle) for one in side]
        places = spread(wanted, pitch, box.y0, box.y1)
        return None if places is None else _Side(side, places, double)

    # Words ------------------------------------------------------------------------------------------------------------

    def _leaders(self, side: _Side, circle: Circle) -> Iterator[Path]:
        """From the rim around to the height of the words, then straight to them."""
        for one, place in zip(side.slices, side.places, strict=True):
            turn = 1.0 if one.right else -1.0
            reach = circle.radius + _REACH
            height = (place - circle.center[1]) / reach
            start = one.middle % 360.0
            # Its own way round: up to half a turn to either side.
            start = start - 360.0 if start > 180.0 + (1e-6 if one.right else -1e-6) else start
            # Words above or below the circle are reached without going around it.
            bend = turn * math.degrees(math.acos(-height)) if abs(height) < 1.0 else start
            angles = np.linspace(start, bend, max(2, math.ceil(abs(bend - start) / 3.0)))
            radii = np.linspace(circle.radius + 2.0, reach, len(angles))
            turns = np.radians(angles)
            points = circle.center + np.column_stack([radii * np.sin(turns), -radii * np.cos(turns)])
            end = (circle.center[0] + turn * (reach + _RUN), place)
            yield Path(
                role="leader",
                points=np.concatenate([points, [end]]),
                stroke=Stroke(self.theme.axis, 1.0),
                name=one.name,
            )

    def _column(self, side: _Side, circle: Circle, box: Box) -> Iterator[Text]:
        size, theme = self.theme.label, self.theme
        for one, place in zip(side.slices, side.places, strict=True):
            turn = 1.0 if one.right else -1.0
            x = circle.center[0] + turn * (circle.radius + _REACH + _RUN + _AIR)
            room = (box.x1 - x if one.right else x - box.x0) + 0.01  # sums of floats
            if side.double:
                name = text.shorten(one.name, room, size, 500)
                half = text.line_height(size) / 2
                for words, weight, color, y in (
                    (name, 500, theme.text, place - half),
                    (text.shorten(one.written, room, size), 400, theme.muted, place + half),
                ):
                    if words:
                        yield text.place(
                            "slice-label", words, x, y, size=size, weight=weight, color=color, valign="middle",
                            align="left" if one.right else "right",
                        )  # fmt: skip
                continue
            said = text.width(one.written, size)
            name = text.shorten(one.name, room - said - size * 0.5, size, 500)
            named = text.width(name, size, 500) + size * 0.5 if name else 0.0
            first = x if one.right else x - named - said
            if name:
                yield text.place(
                    "slice-label", name, first, place, size=size, weight=500, color=theme.text, valign="middle"
                )
            yield text.place(
                "slice-label", one.written, first + named, place, size=size, color=theme.muted, valign="middle"
            )

    def _inside(self, one: _Slice, circle: Circle) -> list[Text]:
        """Its words in the middle of a slice; [] where they do not fit."""
        size, ink = self.theme.label, self.theme.ink_on(one.color)
        inner = self.hole * circle.radius
        middle = (inner + circle.radius) / 2 if inner else circle.radius * (0.62 if len(self.slices) > 1 else 0.0)
        x, y = arcs.on_circle(circle.center, middle, one.middle)
        lines = [(one.written, 400)] if not self.direct else [(one.name, 500), (one.written, 400)]
        pitch = text.line_height(size)
        top = y - pitch * (len(lines) - 1) / 2
        words = [
            text.place(
                "slice-label", line, x, top + pitch * index, size=size, weight=weight, color=ink, align="center",
                valign="middle",
            )
            for index, (line, weight) in enumerate(lines)
        ]  # fmt: skip
        fits = all(
            arcs.holds(circle.center, inner, circle.radius, one.start, one.stop, word.box.grown(2.5)) for word in words
        )
        return words if fits else []

    def _center(self, circle: Circle) -> Iterator[Text]:
        return iter(())

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        value, label = self.layer.title("value"), self.layer.title("label")
        shares = write_shares([one.share for one in self.slices], self.layer.writer)
        parts = [f"{one.name} {share}" for one, share in zip(self.slices, shares, strict=True)]
        total = self.layer.writer.number(self.amount, self.mark.value.format)
        return f"{self.mark.kind.capitalize()} chart of {value} by {label}: {listing(parts)}. The total is {total}."


def _height(angle: float) -> float:
    """How far below the middle a point of the unit circle lies."""
    return -math.cos(math.radians(angle))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


KIND = PieKind
