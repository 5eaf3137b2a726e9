"""Waffles. Channels: label (categories), value (numbers of zero and more)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from renderer.data.crowded import zero_message
from renderer.drawing import legend, text
from renderer.drawing.alt import listing
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Floats, Markers, Primitive, Rects
from renderer.drawing.shares import apportion, write_shares
from renderer.spec.marks.waffle import Waffle

_SQUARES = 100  # of a whole
_SHAPES = ((10, 10), (5, 20), (4, 25), (20, 5))  # rows and columns of a hundred
_GAP = 0.12  # of a square's place
_LARGEST = 46.0  # pixels of a square's place
_NAMES, _NAMES_SMALL = 0.42, 0.56  # of the width, at most, for names; in small pictures squares may be small
_BESIDE = 22.0  # pixels between the squares and the names


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    value: float
    squares: int
    written: str
    color: Color


class WaffleKind(FreeKind[Waffle]):
    """Squares in rows, the largest part first, and the names beside them in the same order."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.whole = 0.0
        self.parts = self._read()

    def _read(self) -> list[_Part]:
        layer, mark = self.layer, self.mark
        amounts = self._amounts()
        values = np.array(list(amounts.values()))
        largest = float(values.max(initial=0.0))
        if not largest > 0:
            raise layer.error("value", zero_message("parts", "waffle"))
        scaled = math.fsum((values / largest).tolist())
        self.whole = min(scaled * largest, layer.limits.magnitude)
        most = layer.limits.tiles
        if mark.per_square is not None:
            exact = values / mark.per_square
            if not exact.sum() <= most:
                count = layer.writer.number(float(min(exact.sum(), layer.limits.magnitude)))
                raise layer.error("per_square", f"that makes {count} squares; at most {most:,} can be shown")
            squares = np.floor(exact + 0.5).astype(np.intp)
        else:
            rows, columns = mark.rows or 10, mark.columns or 10
            if mark.rows and not mark.columns:
                columns = max(1, round(_SQUARES / rows))
            if mark.columns and not mark.rows:
                rows = max(1, round(_SQUARES / columns))
            if rows * columns > most:
                raise layer.error("rows", f"{rows} x {columns} squares are more than the {most:,} that can be shown")
            squares = apportion(values, rows * columns)
        if int(squares.sum()) == 0:
            raise layer.error("per_square", "no part is large enough for one square")
        shares = (values / largest / scaled).tolist()
        if len(amounts) > layer.hues.distinct:
            layer.warn(f"{len(amounts)} colours cannot be told apart; keep the largest with 'top' and 'other'")
        if len(amounts) > layer.limits.legend_entries:
            message = f"{len(amounts)} parts are more than the {layer.limits.legend_entries} that can be named"
            raise layer.error("label", f"{message}; use 'top' and 'other'")
        without = [name for name, count, value in zip(amounts, squares, values, strict=True) if not count and value > 0]
        if without:
            layer.warn(f"Too small for a square: {listing(without)}.")
        collected = mark.label.other
        colors = layer.colors([name for name in amounts if name != collected], "label")
        written = self._written(values.tolist(), shares)
        return [
            _Part(name, value, int(count), said, colors.get(name, self.theme.axis))
            for (name, value), count, said in zip(amounts.items(), squares, written, strict=True)
        ]

    def _amounts(self) -> dict[str, float]:
        layer = self.layer
        table = layer.resolved.table
        values = numbers_of(table["value"])
        negative = np.flatnonzero(values < 0)
        if len(negative):
            row = int(negative[0])
            value = layer.writer.number(float(values[row]))
            name = layer.place("label", row)
            raise layer.error("value", f"a waffle shows parts of a whole, and {name!r} is {value}")
        found = dict(zip(table["label"].values.tolist(), values.tolist(), strict=True))
        known = {name: found[name] for name in layer.names("label") if math.isfinite(found[name])}
        if len(known) < len(found):
            missing = len(found) - len(known)
            layer.warn(f"{missing} {'part' if missing == 1 else 'parts'} without a value left out")
        channel = self.mark.label
        if channel.sort is None and channel.unit is None and channel.bin is None:
            known = dict(sorted(known.items(), key=lambda item: (item[0] == channel.other, -item[1])))
        return known

    def _written(self, values: list[float], shares: list[float]) -> list[str]:
        labels, write = self.mark.labels, self.layer.writer
        if labels is None:
            return [""] * len(values)
        style = labels.format or self.mark.value.format
        match self.mark.show:
            case "percent":
                return write_shares(shares, write, labels.format)
            case "value":
                return write.numbers(values, style)
            case "both":
                amounts = write.numbers(values, style)
                return [f"{a} ({b})" for a, b in zip(amounts, write_shares(shares, write), strict=True)]

    # Layout -----------------------------------------------------------------------------------------------------------

    def _key(self, wish: str) -> Swatches:
        entries = tuple(Entry(f"{one.name}  {one.written}".rstrip(), one.color) for one in self.parts)
        return Swatches(self.layer.title("label"), entries, wish)

    def legend(self) -> tuple[Key, ...]:
        wish = self.mark.label.legend
        return (self._key(wish),) if wish in ("right", "top", "bottom") else ()

    def marks(self, area: Area) -> Iterator[Primitive]:
        box = area.box
        direct = self.mark.label.legend in ("auto", "direct")
        room = box
        column = 0.0
        size = self.theme.label
        sample = size * 0.95
        if direct:
            named = max(
                text.width(one.name, size, 500) + size * 0.6 + text.width(one.written, size) for one in self.parts
            )
            column = min(sample + size * 0.6 + named, box.width * (_NAMES if box.width > 400.0 else _NAMES_SMALL))
            note = self._note()
            lines = len(self.parts) + (1.6 if note else 0.0)
            if lines * size * 1.75 > box.height or box.width < 180.0:
                placed = legend.place([self._key("auto")], box, self.theme)
                yield from placed.primitives
                room, direct = placed.box, False
            else:
                room = box.inset(right=column + _BESIDE)
        rows, columns, pitch = self._grid(room)
        wide = columns * pitch
        left = room.x0 + (room.width - wide) / 2 if not direct else box.x0 + (box.width - wide - _BESIDE - column) / 2
        top = room.y0 + (room.height - rows * pitch) / 2
        yield from self._squares(left, top, rows, columns, pitch)
        if direct:
            yield from self._names(left + wide + _BESIDE, box, column, sample)

    def _grid(self, room: Box) -> tuple[int, int, float]:
        """Rows, columns and the pixels from one square to the next: the largest squares that fit."""
        count = sum(one.squares for one in self.parts)
        if self.mark.rows or self.mark.columns:
            rows = self.mark.rows or math.ceil(count / (self.mark.columns or 1))
            columns = max(math.ceil(count / rows), self.mark.columns or 1)
            shapes = [(rows, columns)]
        elif self.mark.per_square is None:
            shapes = list(_SHAPES)
        else:
            # So many rows that squares fill the room, in whole columns of 5 or 10 where that makes them countable.
            aspect = max(0.05, room.height / max(1.0, room.width))
            best = max(1, round(math.sqrt(count * aspect)))
            options = {best, *(step for step in (5, 10, 20) if 0.6 * best <= step <= 1.7 * best)}
            shapes = [(rows, math.ceil(count / rows)) for rows in sorted(options)]
        found = [(min(room.width / columns, room.height / rows, _LARGEST), rows, columns) for rows, columns in shapes]
        # The first shape is the usual one: another must have clearly larger squares.
        best_pitch, rows, columns = found[0]
        for pitch, more, across in found[1:]:
            if pitch > best_pitch * 1.25:
                best_pitch, rows, columns = pitch, more, across
        return rows, columns, max(best_pitch, 0.5)

    def _squares(self, left: float, top: float, rows: int, columns: int, pitch: float) -> Iterator[Primitive]:
        """Filled row by row from the top if the grid is as high as wide, else column by column from the left."""
        by_column = columns > rows or self.mark.per_square is not None
        opacity = self.mark.style.opacity if self.mark.style and self.mark.style.opacity is not None else 1.0
        gap = min(max(_GAP * pitch, 0.5 if pitch > 3 else 0.0), 4.0)
        start = 0
        for one in self.parts:
            places = np.arange(start, start + one.squares)
            start += one.squares
            if not one.squares:
                continue
            row, column = (places % rows, places // rows) if by_column else (places // columns, places % columns)
            x, y = left + column * pitch, top + row * pitch
            color = (*one.color[:3], one.color[3] * opacity)
            values = np.full(one.squares, one.value)
            if self.mark.shape == "circle":
                points: Floats = np.column_stack([x + pitch / 2, y + pitch / 2])
                yield Markers(role="square", points=points, size=pitch - gap, fill=color, values=values, name=one.name)
            else:
                boxes = np.column_stack([x, y, x + pitch, y + pitch]) + np.array([gap, gap, -gap, -gap]) / 2
                yield Rects(role="square", boxes=boxes, fill=color, values=values, name=one.name)

    def _note(self) -> str:
        """What one square stands for."""
        unit = self.mark.per_square
        if unit is None:
            return ""
        return (
            f"= {self.layer.writer.number(unit, self.mark.value.format)} {self.layer.title('value').lower()}".rstrip()
        )

    def _names(self, x: float, box: Box, width: float, sample: float) -> Iterator[Primitive]:
        theme, size = self.theme, self.theme.label
        pitch, note = size * 1.75, self._note()
        high = len(self.parts) * pitch + (pitch * 1.6 if note else 0.0)
        y = box.y0 + (box.height - high) / 2 + pitch / 2
        for one in self.parts:
            yield self._sample(x, y, sample, one.color)
            at = x + sample + size * 0.6
            said = text.width(one.written, size)
            name = text.shorten(one.name, width - sample - size * 1.2 - said + 0.01, size, 500)
            if name:
                label = text.place("part-name", name, at, y, size=size, weight=500, color=theme.text, valign="middle")
                yield label
                at = label.box.x1 + size * 0.6
            if one.written and at + said <= box.x1 + 0.5:
                yield text.place("part-size", one.written, at, y, size=size, color=theme.muted, valign="middle")
            y += pitch
        if note:
            y += pitch * 0.6
            yield self._sample(x, y, sample, theme.axis)
            words = text.shorten(note, width - sample - size * 0.6, size)
            if words:
                yield text.place(
                    "part-note", words, x + sample + size * 0.6, y, size=size, color=theme.muted, valign="middle"
                )

    def _sample(self, x: float, y: float, size: float, color: Color) -> Primitive:
        if self.mark.shape == "circle":
            return Markers(role="legend-sample", points=np.array([[x + size / 2, y]]), size=size, fill=color)
        boxes = np.array([[x, y - size / 2, x + size, y + size / 2]])
        return Rects(role="legend-sample", boxes=boxes, fill=color)

    def facts(self) -> str:
        shares = write_shares([one.value / self.whole for one in self.parts], self.layer.writer)
        parts = [f"{one.name} {share}" for one, share in zip(self.parts, shares, strict=True)]
        total = self.layer.writer.number(self.whole, self.mark.value.format)
        subject = f"{self.layer.title('value')} by {self.layer.title('label')}"
        return f"Waffle chart of {subject}: {listing(parts)}. The total is {total}."


KIND = WaffleKind
