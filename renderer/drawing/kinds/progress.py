"""Progress bars. Channels: label (categories), value, max, target (numbers), color (categories)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from renderer.drawing import arcs, text
from renderer.drawing.alt import listing
from renderer.drawing.extent import numbers_of
from renderer.drawing.free import FreeKind
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, Layer
from renderer.drawing.scene import Box, Color, Floats, Path, Primitive, Segments, Stroke, Text
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.progress import Progress

_LEAST_ROW = 14.0  # pixels of height that a row needs
_LINE = 1.3  # of the label size, the least height that has room for words
_STACKED = 2.6  # of the label size, the least height of a row whose name stands above its bar
_PITCH = 46.0  # pixels from one row to the next, at most
_HIGHEST = 18.0  # pixels of a bar among others
_ALONE = 30.0  # and of one alone
_NAMES = 0.36  # of the width, at most
_NARROW = 0.45  # of the width for bars; with less, names stand above them
_SIZES = 0.4  # and for what is written at the end
_GAP = 14.0
_ABOVE = 0.85  # of the label size, between the middle of a name and the bar below it


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    value: float
    share: float  # of what is complete; NaN where there is no value
    target: float  # the same
    written: str
    color: Color


class ProgressKind(FreeKind[Progress]):
    """Tracks that are filled up to a value, with names at their left or above, and the part at their right."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.series = layer.series()
        self.bars = self._read()

    def _read(self) -> list[_Bar]:
        layer, mark = self.layer, self.mark
        table = layer.resolved.table
        count = len(table)
        values = numbers_of(table["value"])
        whole = numbers_of(table["max"]) if mark.max is not None else np.ones(count)
        target = numbers_of(table["target"]) if mark.target is not None else np.full(count, np.nan)
        if mark.label is None and count > 1:
            remedy = "name them by 'label', or make one of them, as 'last(...)' does"
            raise layer.error("label", f"there are {count} rows: {remedy}")
        for channel, column, wrong in (("value", values, values < 0), ("max", whole, whole <= 0)):
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                found = layer.writer.number(float(column[row]))
                message = "progress runs from 0" if channel == "value" else "what is complete is more than 0"
                raise layer.error(channel, f"{message}, and row {row + 1} holds {found}")
        # Halved: one huge number by a tiny one overflows.
        with np.errstate(over="ignore"):
            shares = np.minimum(values / whole, layer.limits.magnitude)
            targets = target / whole
        over = [self._name(row) for row in np.flatnonzero(shares > 1 + 1e-9).tolist()]
        if over:
            layer.warn(f"More than complete: {listing(over)}.")
        colors = {row: one.color for one in self.series for row in one.rows.tolist()}
        rows = self._order()
        written = self._written(values, shares)
        opacity = mark.style.opacity if mark.style and mark.style.opacity is not None else 1.0
        return [
            _Bar(
                self._name(row),
                float(values[row]),
                float(shares[row]),
                float(targets[row]),
                written[row],
                (*colors[row][:3], colors[row][3] * opacity),
            )
            for row in rows
        ]

    def _name(self, row: int) -> str:
        return self.layer.place("label", row) if self.mark.label is not None else self.layer.title("value")

    def _order(self) -> list[int]:
        if self.mark.label is None:
            return list(range(len(self.layer.resolved.table)))
        rows = {name: row for row, name in enumerate(self.layer.resolved.table["label"].values.tolist())}
        return [rows[name] for name in self.layer.names("label")]

    def _written(self, values: Floats, shares: Floats) -> list[str]:
        write, mark = self.layer.writer, self.mark
        style = mark.format or mark.value.format
        amounts = write.numbers(values.tolist(), style)
        own = style if mark.show == "percent" else None
        # What has begun is not nothing: less than one percent is written with a decimal.
        parts = [write.number(share, own or (".1%" if 0 < share < 0.01 else ",.0%")) for share in shares.tolist()]
        match mark.show:
            case "percent":
                return parts
            case "value":
                return amounts
            case "both":
                return [a if b == NO_VALUE else f"{a} ({b})" for a, b in zip(amounts, parts, strict=True)]
            case "none":
                return [""] * len(values)

    def legend(self) -> tuple[Key, ...]:
        if self.mark.color is None:
            return ()
        entries = tuple(Entry(one.name, one.color) for one in self.series)
        return (Swatches(self.layer.title("color"), entries, self.mark.color.legend),)

    # Shapes -----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        box, size = area.box, self.theme.label
        fits = max(1, int(box.height / _LEAST_ROW))
        shown = self.bars[:fits]
        if len(shown) < len(self.bars):
            self.layer.warn(f"Only the first {fits} of {len(self.bars)} bars have room.")
        shown = [replace(bar, written=text.shorten(bar.written, box.width * _SIZES, size, 700)) for bar in shown]
        named = [bar.name for bar in shown] if self.mark.label is not None else []
        left = min(text.widest(named, size, 500), box.width * _NAMES)
        right = text.widest((bar.written for bar in shown), size, 700)
        pitch = min(box.height / len(shown), _PITCH if len(shown) > 1 else box.height)
        x0 = box.x0 + (left + _GAP if named else 0.0)
        x1 = box.x1 - (right + _GAP if right else 0.0)
        cut = any(text.width(name, size, 500) > left + 0.5 for name in named)
        above = bool(named) and (cut or x1 - x0 < box.width * _NARROW) and pitch >= size * _STACKED
        if above:
            x0, x1 = box.x0, box.x1
        elif x1 - x0 < box.width * 0.2 or box.height < size * _LINE:
            named, right, x0, x1 = [], 0.0, box.x0, box.x1
        top = box.y0 + (box.height - pitch * len(shown)) / 2 * 0.7
        words: list[Text] = []
        for index, bar in enumerate(shown):
            middle = top + (index + 0.5) * pitch
            if above:
                high = min(_HIGHEST, pitch * 0.3)
                line = middle - (high + size * _ABOVE) / 2
                track = Box(x0, line + size * _ABOVE, x1, line + size * _ABOVE + high)
                words += self._beside(bar, line, box.x0, box.x1, box.width - right - _GAP)
            else:
                high = min(_HIGHEST if len(shown) > 1 else _ALONE, pitch * 0.55)
                track = Box(x0, middle - high / 2, x1, middle + high / 2)
                words += self._beside(bar, middle, box.x0, box.x1, left if named else 0.0, sized=bool(right))
            yield from self._bar(bar, track)
        yield from words

    def _beside(self, bar: _Bar, y: float, x0: float, x1: float, room: float, *, sized: bool = True) -> Iterator[Text]:
        """The name at the left and what is written at the right."""
        size = self.theme.label
        name = text.shorten(bar.name, room + 0.01, size, 500) if room > 0 else ""
        if name:
            yield text.place(
                "progress-name", name, x0, y, size=size, weight=500, color=self.theme.text, valign="middle"
            )
        if bar.written and sized:
            yield text.place(
                "progress-value", bar.written, x1, y, size=size, weight=700, color=self.theme.text, align="right",
                valign="middle",
            )  # fmt: skip

    def _bar(self, bar: _Bar, track: Box) -> Iterator[Primitive]:
        theme = self.theme
        radius = track.height / 2 if self.mark.shape == "round" else min(2.0, track.height / 6)
        outline = arcs.pill(track, radius)
        yield Path(role="track", points=outline, fill=theme.grid, curve=True, closed=True, name=bar.name)
        if bar.share > 0:
            wide = track.width * min(1.0, bar.share)
            full = Box(track.x0, track.y0, track.x0 + wide, track.y1)
            # What is shorter than its round ends is a piece of the track's.
            whole = wide >= 2 * radius
            yield Path(
                role="progress",
                points=arcs.pill(full, radius) if whole else outline,
                fill=bar.color,
                curve=True,
                closed=True,
                values=np.array([bar.value]),
                name=bar.name,
                clip=None if whole else full,
            )
        if math.isfinite(bar.target) and 0 <= bar.target <= 1:
            x = track.x0 + track.width * bar.target
            x = min(max(x, track.x0 + 1.0), track.x1 - 1.0)
            beyond = max(2.0, track.height * 0.18)
            ends = np.array([[x, track.y0 - beyond, x, track.y1 + beyond]])
            yield Segments(role="target-rim", ends=ends, stroke=Stroke(theme.background, 5.0), crisp=False)
            yield Segments(
                role="target", ends=ends, stroke=Stroke(theme.text, 2.0), values=np.array([bar.target]), crisp=False,
                name=bar.name,
            )  # fmt: skip

    def facts(self) -> str:
        parts = [f"{bar.name} {bar.written or self.layer.writer.number(bar.share, ',.0%')}" for bar in self.bars]
        return f"Progress of {self.layer.title('value')}: {listing(parts, most=8)}."


KIND = ProgressKind
