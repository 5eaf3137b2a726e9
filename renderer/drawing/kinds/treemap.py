"""Treemaps. Channels: path (categories; groups and tiles, or tiles), value (numbers of zero and more), color
(categories or numbers).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.data.crowded import zero_message
from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import mix, with_alpha
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Primitive, Rects, Rows, Text
from renderer.drawing.shades import Shades
from renderer.drawing.shares import write_shares
from renderer.drawing.squarify import squarify
from renderer.spec.marks.treemap import Treemap

_GAP = 1.0  # pixels between tiles, at each side
_GROUP_GAP = 3.0  # and between groups
_PAD = 7.0  # between a tile's edge and its words
_HEAD = 1.65  # of the label size, the height of a group's name
_LARGEST = 20.0  # of words on tiles
_FADE = 0.5  # of the background in the smallest tile of one colour


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """A level above the tiles; "" where there is none."""

    name: str
    rows: Rows
    amount: float


class TreemapKind(FreeKind[Treemap]):
    """Tiles in groups, the largest first, with the words that fit on them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.levels = [f"path/{level}" for level in range(len(self.mark.path))]
        self.names: list[str] = table[self.levels[-1]].values.tolist()
        self.values = numbers_of(table["value"])
        self._check()
        column = layer.column("color")
        self.amounts = numbers_of(column) if column is not None and column.type == "number" else None
        self.shades = (
            Shades(self.amounts, layer, self.mark.color, title=layer.title("color"))
            if self.amounts is not None
            else None
        )

    def _check(self) -> None:
        layer, values = self.layer, self.values
        negative = np.flatnonzero(values < 0)
        if len(negative):
            row = int(negative[0])
            value = layer.writer.number(float(values[row]))
            raise layer.error("value", f"a tile has an area, and {self.names[row]!r} is {value}")
        if not np.nanmax(values, initial=0.0) > 0:
            raise layer.error("value", zero_message("tiles", "treemap"))
        missing = int(np.isnan(values).sum())
        if missing:
            layer.warn(f"{missing:,} {'tile' if missing == 1 else 'tiles'} without a value left out")
        count = int((values > 0).sum())
        most = layer.limits.tiles
        if count > most:
            message = f"{count:,} tiles are more than the {most:,} that a treemap can show; use 'top' and 'other'"
            raise layer.error(self.levels[-1], message)

    @cached_property
    def groups(self) -> list[_Group]:
        """The groups from the largest down, and in each its rows from the largest down."""
        values = np.nan_to_num(self.values)
        largest = float(values.max())
        rows = np.arange(len(values))
        if len(self.levels) == 1:
            found = {"": rows}
        else:
            owners = np.array(self.layer.resolved.table[self.levels[0]].values, dtype=object)
            found = {name: rows[owners == name] for name in self.layer.names(self.levels[0])}
        groups = []
        for name, members in found.items():
            members = members[values[members] > 0]
            order = np.argsort(-values[members], kind="stable")
            amount = math.fsum((values[members] / largest).tolist())  # of the largest: sums may overflow
            groups.append(_Group(name, members[order], amount))
        return sorted((group for group in groups if group.amount > 0), key=lambda group: -group.amount)

    # Colours ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _fills(self) -> dict[int, Color]:
        """The colour of each row's tile."""
        if self.shades is not None and self.amounts is not None:
            fills = self.shades.fills(self.amounts)
            return {row: (float(r), float(g), float(b), float(a)) for row, (r, g, b, a) in enumerate(fills)}
        if self.mark.color is not None:
            return {row: series.color for series in self.layer.series() for row in series.rows.tolist()}
        if len(self.levels) == 2:
            colors = self.layer.colors([group.name for group in self.groups], "path")
            return {row: color for group in self.groups for row, color in self._shaded(group.rows, colors[group.name])}
        style = self.mark.style
        return dict(self._shaded(self.groups[0].rows, self.layer.hues.of_layer(style.color if style else None)))

    def _shaded(self, rows: Rows, color: Color) -> Iterator[tuple[int, Color]]:
        """One hue, paler from tile to tile."""
        for place, row in enumerate(rows.tolist()):
            share = place / max(3, len(rows) - 1) * _FADE
            yield row, mix(color, self.theme.background, share)

    def legend(self) -> tuple[Key, ...]:
        channel = self.mark.color
        if channel is None:
            return ()
        if self.shades is not None:
            return (self.shades.key(),)
        entries = tuple(Entry(one.name, one.color) for one in self.layer.series())
        return (Swatches(self.layer.title("color"), entries, channel.legend),)

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box = area.box
        grouped = len(self.levels) == 2
        places = squarify(np.array([group.amount for group in self.groups]), box)
        words: list[Text] = []
        opacity = self.mark.style.opacity if self.mark.style and self.mark.style.opacity is not None else 1.0
        written = self._written()
        unnamed = 0
        for group, place in zip(self.groups, places.tolist(), strict=True):
            room = Box(*place)
            if grouped:
                # Nothing at the panel's own edges: groups end where the title begins.
                room = room.inset(*(_GROUP_GAP / 2 * (edge != limit) for edge, limit in zip(room, box, strict=True)))
                head = self._head(group, room)
                words += head
                if head:
                    room = room.inset(top=self.theme.label * _HEAD)
            tiles = squarify(self.values[group.rows], room)
            gap = min(_GAP, 0.2 * min(room.width, room.height) / max(1.0, math.sqrt(len(tiles))))
            gaps = np.where(np.abs(tiles - np.array(room)) > 0.01, gap, 0.0) * np.array([1.0, 1.0, -1.0, -1.0])
            tiles = tiles + gaps
            tiles[:, 2:] = np.maximum(tiles[:, 2:], tiles[:, :2])
            for row, tile in zip(group.rows.tolist(), tiles, strict=True):
                fill = self._fills[row]
                yield Rects(
                    role="tile",
                    boxes=tile[None, :],
                    fill=with_alpha(fill, opacity),
                    values=self.values[row : row + 1],
                    name=self.names[row],
                )
                label = self._label(self.names[row], written[row], Box(*tile.tolist()), fill)
                words += label
                unnamed += not label
        if unnamed and self.mark.labels:
            count = sum(len(group.rows) for group in self.groups)
            self.layer.warn(f"{unnamed:,} of {count:,} tiles have no room for their names.")
        yield from words

    def _written(self) -> list[str]:
        labels, write = self.mark.labels, self.layer.writer
        if self.mark.show == "name" or labels is None:
            return [""] * len(self.values)
        if self.mark.show == "percent":
            values = np.nan_to_num(self.values / np.nanmax(self.values))
            return write_shares((values / values.sum()).tolist(), write, labels.format)
        return write.numbers(self.values.tolist(), labels.format or self.mark.value.format)

    def _head(self, group: _Group, room: Box) -> list[Text]:
        """The group's name above its tiles, and its amount at the right if there is room."""
        size = self.theme.label
        if self.mark.labels is None or room.height < size * _HEAD * 2.2:
            return []
        name = text.shorten(group.name, room.width, size, 700)
        if not name or (name != group.name and len(name) < 4):
            return []
        y = room.y0 + size * _HEAD / 2
        label = text.place(
            "group-label", name, room.x0, y, size=size, weight=700, color=self.theme.text, valign="middle"
        )
        style = self.mark.labels.format or self.mark.value.format
        amount = group.amount * float(np.nanmax(self.values))
        if self.mark.show == "percent":
            whole = sum(one.amount for one in self.groups)
            said = write_shares([group.amount / whole], self.layer.writer, self.mark.labels.format)[0]
        elif self.mark.show == "value" and abs(amount) <= self.layer.limits.magnitude:
            said = self.layer.writer.number(amount, style)
        else:
            return [label]
        if label.box.x1 + size + text.width(said, size) > room.x1:
            return [label]
        total = text.place(
            "group-label", said, label.box.x1 + size * 0.6, y, size=size, color=self.theme.muted, valign="middle"
        )
        return [label, total]

    def _label(self, name: str, value: str, tile: Box, fill: Color) -> list[Text]:
        """Name and size in the upper left corner, as large as the tile lets them; [] where the name does not fit."""
        if self.mark.labels is None:
            return []
        width = tile.width - 2 * _PAD
        small = self.theme.label - 1.0
        if width < small or tile.height < small + _PAD:
            return []
        largest = max(small, min(_LARGEST, math.sqrt(tile.width * tile.height) / 8))
        for size in (largest, (largest + small) / 2, small):
            for count in (1, 2, 3):
                lines = text.wrap(name, width, size, 500, lines=count)
                if " ".join(lines) == " ".join(name.split()):
                    found = self._lines(lines, value, tile, fill, size)
                    if found:
                        return found
        # Most of a long name is better than none.
        shortened = text.shorten(name, width, small, 500)
        if len(shortened) >= max(5, len(name) * 0.4):
            return self._lines([shortened], "", tile, fill, small)
        return []

    def _lines(self, lines: list[str], value: str, tile: Box, fill: Color, size: float) -> list[Text]:
        """[] if the lines are too high for the tile."""
        ink = self.theme.ink_on(fill)
        pitch = text.line_height(size)
        first = tile.y0 + _PAD + max(0.0, size - self.theme.label) * 0.3 + text.cap_height(size, 500)
        last = first + (len(lines) - 1) * pitch
        if last + text.descent(size) + 2.0 > tile.y1:
            return []
        found = [
            text.place("tile-label", line, tile.x0 + _PAD, first + index * pitch, size=size, weight=500, color=ink)
            for index, line in enumerate(lines)
        ]
        below = max(self.theme.label - 1.0, size * 0.8)
        base = last + text.line_height(below) + 1.0
        fits = text.width(value, below) <= tile.width - 2 * _PAD and base + text.descent(below) + 1.0 <= tile.y1
        if value and fits:
            found.append(text.place("tile-value", value, tile.x0 + _PAD, base, size=below, color=mix(ink, fill, 0.12)))
        return found

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        value = self.layer.title("value")
        by = " and ".join(self.layer.title(level) for level in self.levels)
        whole = sum(group.amount for group in self.groups)
        largest = float(np.nanmax(self.values))
        if len(self.levels) == 2:
            shares = write_shares([group.amount / whole for group in self.groups], self.layer.writer)
            parts = [f"{group.name} {share}" for group, share in zip(self.groups, shares, strict=True)]
        else:
            rows = self.groups[0].rows.tolist()
            shares = write_shares([float(self.values[row]) / largest / whole for row in rows], self.layer.writer)
            parts = [f"{self.names[row]} {share}" for row, share in zip(rows, shares, strict=True)]
        count = sum(len(group.rows) for group in self.groups)
        return f"Treemap of {value} by {by}, {count:,} {'tile' if count == 1 else 'tiles'}: {listing(parts)}."


KIND = TreemapKind
