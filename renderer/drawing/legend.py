"""The legend: rows above the plot, or a column at its right. It takes a strip of the panel's box and draws itself
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from renderer.drawing import text
from renderer.drawing.keys import Entry, Key, Ramp, Sizes, Swatches
from renderer.drawing.scene import Box, Image, Markers, Primitive, Rects, Segments, Stroke
from renderer.drawing.theme import Theme

_ROWS = 2  # above the plot; more goes to the right
_SAMPLE = {"block": 11.0, "line": 18.0, "point": 10.0}  # width of the look's sample
_SPACE = 6.0  # between sample and name
_BETWEEN = 18.0  # between entries of a row
_RAMP_WIDTH, _RAMP_LENGTH = 12.0, 160.0
_LEVEL_HEIGHT, _LEVEL_LENGTH = 10.0, 240.0  # of a ramp that lies
_SHARE = 0.3  # of the panel's width, at most, for a column


@dataclass(frozen=True, slots=True)
class Legend:
    """Where the legend is, how much it takes, and what it shows."""

    primitives: list[Primitive]
    box: Box  # what is left of the panel
    left_out: int = 0


def merge(keys: Sequence[Key]) -> list[Key]:
    """One block for layers that explain the same: a bar and a line of the same categories share their entries."""
    merged: list[Key] = []
    for key in keys:
        for index, other in enumerate(merged):
            if isinstance(key, Swatches) and isinstance(other, Swatches) and other.title == key.title:
                names = {entry.name for entry in other.entries}
                fresh = tuple(entry for entry in key.entries if entry.name not in names)
                merged[index] = replace(other, entries=other.entries + fresh)
                break
        else:
            merged.append(key)
    return merged


def place(keys: Sequence[Key], box: Box, theme: Theme) -> Legend:
    """Draw the keys at the edge of the box that suits them, and say what is left of it."""
    shown = [key for key in merge(keys) if key.wish != "none" and not (isinstance(key, Swatches) and not key.entries)]
    if not shown:
        return Legend([], box)
    only = shown[0]
    if len(shown) == 1 and isinstance(only, Ramp) and only.wish in ("top", "bottom"):
        return _level_ramp(only, box, theme)
    if len(shown) == 1 and isinstance(only, Swatches) and only.wish != "right":
        rows = _rows(only, box.width, theme)
        if len(rows) <= (_ROWS if only.wish == "auto" else 4) and len(rows) * _pitch(theme) < box.height * 0.35:
            return _above(rows, box, theme, below=only.wish == "bottom")
    return _column(shown, box, theme)


def _pitch(theme: Theme) -> float:
    return theme.label * 1.6


def _rows(key: Swatches, room: float, theme: Theme) -> list[list[tuple[Entry, str, float]]]:
    """Entries in rows: each with its shortened name and its width."""
    rows: list[list[tuple[Entry, str, float]]] = [[]]
    used = 0.0
    for entry in key.entries:
        sample = _SAMPLE[entry.symbol] + _SPACE
        name = text.shorten(entry.name, max(20.0, min(room - sample, 260.0)), theme.label)
        width = sample + text.width(name, theme.label)
        if rows[-1] and used + width > room:
            rows.append([])
            used = 0.0
        rows[-1].append((entry, name, width))
        used += width + _BETWEEN
    return rows


def _above(rows: list[list[tuple[Entry, str, float]]], box: Box, theme: Theme, *, below: bool) -> Legend:
    height = len(rows) * _pitch(theme) + theme.gap * 0.75
    top = box.y1 - height + theme.gap * 0.75 if below else box.y0
    primitives: list[Primitive] = []
    for number, row in enumerate(rows):
        x, middle = box.x0, top + number * _pitch(theme) + theme.label * 0.5
        for entry, name, width in row:
            primitives += _entry(entry, name, x, middle, theme)
            x += width + _BETWEEN
    left = Box(box.x0, box.y0, box.x1, box.y1 - height) if below else Box(box.x0, box.y0 + height, box.x1, box.y1)
    return Legend(primitives, left)


def _level_ramp(key: Ramp, box: Box, theme: Theme) -> Legend:
    """A level band of colours, low values at the left, after its title; its labels are below it."""
    height = _LEVEL_HEIGHT + 4.0 + text.cap_height(theme.label) + text.descent(theme.label) + theme.gap
    length = min(_LEVEL_LENGTH, box.width * 0.6)
    if length < 40 or box.height < 3 * height:
        return Legend([], box)
    below = key.wish == "bottom"
    top = box.y1 - height + theme.gap if below else box.y0
    labels = [text.width(label, theme.label) / 2 for _, label in key.ticks]
    # Half of the outer labels hangs over the band's ends.
    before = max((half - share * length for (share, _), half in zip(key.ticks, labels, strict=True)), default=0.0)
    after = max((half - (1 - share) * length for (share, _), half in zip(key.ticks, labels, strict=True)), default=0.0)
    x = box.x0 + max(before, 0.0)
    primitives: list[Primitive] = []
    behind = 0.0
    if key.missing:
        behind = _BETWEEN + _SAMPLE["block"] + _SPACE + text.width(key.missing.name, theme.label)
        length = max(40.0, min(length, box.width * 0.9 - behind - max(before, 0.0) - max(after, 0.0)))
    room = box.width - length - max(before, 0.0) - max(after, behind) - 12.0
    title = text.shorten(key.title, room, theme.label, 500)
    if title:
        label = text.place(
            "legend-title",
            title,
            box.x0,
            top + _LEVEL_HEIGHT / 2,
            size=theme.label,
            weight=500,
            color=theme.muted,
            valign="middle",
        )
        primitives.append(label)
        x = max(x, label.box.x1 + 12.0)
    pixels = np.round(np.asarray(key.colors(np.linspace(0.0, 1.0, 256))) * 255).astype(np.uint8)[None, :, :]
    band = Box(x, top, x + length, top + _LEVEL_HEIGHT)
    primitives.append(Image(role="legend-ramp", pixels=pixels, box=band, name=key.title))
    reach = -np.inf
    for share, words in sorted(key.ticks):
        label = text.place(
            "legend-label",
            words,
            x + share * length,
            band.y1 + 4.0,
            size=theme.label,
            color=theme.text,
            align="center",
            valign="top",
        )
        if label.box.x0 >= reach + 4.0 and label.box.x1 <= box.x1:
            primitives.append(label)
            reach = label.box.x1
    if key.missing and band.x1 + behind <= box.x1:
        primitives += _entry(key.missing, key.missing.name, band.x1 + _BETWEEN, band.center[1], theme)
    left = box.inset(bottom=height) if below else box.inset(top=height)
    return Legend(primitives, left)


def _entry(entry: Entry, name: str, x: float, middle: float, theme: Theme) -> list[Primitive]:
    sample = _SAMPLE[entry.symbol]
    label = text.place(
        "legend-label", name, x + sample + _SPACE, middle, size=theme.label, color=theme.text, valign="middle"
    )
    return [_sample(entry, x, middle, theme), label]


def _sample(entry: Entry, x: float, middle: float, theme: Theme) -> Primitive:
    width = _SAMPLE[entry.symbol]
    match entry.symbol:
        case "line":
            stroke = Stroke(theme.line_color(entry.color), theme.line + 0.5, entry.dash)
            ends = np.array([[x, middle, x + width, middle]])
            return Segments(role="legend-sample", ends=ends, stroke=stroke, name=entry.name, crisp=False)
        case "point":
            return Markers(
                role="legend-sample", points=np.array([[x + width / 2, middle]]), size=width,
                fill=theme.line_color(entry.color), marker=entry.marker, name=entry.name,
            )  # fmt: skip
        case "block":
            half = width / 2
            return Rects(
                role="legend-sample",
                boxes=np.array([[x, middle - half, x + width, middle + half]]),
                fill=entry.color,
                name=entry.name,
                hatch=entry.hatch,
            )


def _column(keys: Sequence[Key], box: Box, theme: Theme) -> Legend:
    room = box.width * _SHARE
    width = min(room, max(_width(key, room, theme) for key in keys))
    gap = theme.gap * 2.5
    if box.width - width - gap < 40:
        return Legend([], box)
    x, y = box.x1 - width, box.y0
    primitives: list[Primitive] = []
    left_out = 0
    for key in keys:
        if y > box.y0:
            y += theme.label * 1.2
        if key.title and y + 2 * _pitch(theme) <= box.y1:
            title = text.shorten(key.title, width, theme.label, 500)
            if title:
                primitives.append(
                    text.place(
                        "legend-title", title, x, y, size=theme.label, weight=500, color=theme.muted, valign="top"
                    )
                )
                y += _pitch(theme)
        match key:
            case Swatches():
                drawn, y, dropped = _list(key, x, y, width, box.y1, theme)
                primitives += drawn
                left_out += dropped
            case Ramp():
                room = box.y1 - y - (_pitch(theme) if key.missing else 0.0)
                drawn, y = _ramp(key, x, y, width, min(room, _RAMP_LENGTH), theme)
                primitives += drawn
            case Sizes():
                drawn, y = _sizes(key, x, y, width, box.y1, theme)
                primitives += drawn
    return Legend(primitives, Box(box.x0, box.y0, x - gap, box.y1), left_out)


def _width(key: Key, room: float, theme: Theme) -> float:
    title = text.width(key.title, theme.label, 500)
    widest = 0.0
    match key:
        case Swatches():
            widest = max(_SAMPLE[entry.symbol] + _SPACE + text.width(entry.name, theme.label) for entry in key.entries)
        case Ramp():
            widest = _RAMP_WIDTH + _SPACE + text.widest((label for _, label in key.ticks), theme.label)
            if key.missing:
                widest = max(widest, _SAMPLE["block"] + _SPACE + text.width(key.missing.name, theme.label))
        case Sizes():
            largest = max((size for _, size in key.entries), default=0.0)
            widest = largest + _SPACE + text.widest((label for label, _ in key.entries), theme.label)
    return min(room, max(widest, min(title, room * 0.75))) + 0.5


def _list(
    key: Swatches, x: float, y: float, width: float, bottom: float, theme: Theme
) -> tuple[list[Primitive], float, int]:
    pitch = _pitch(theme)
    fits = max(0, int((bottom - y + theme.label * 0.6) // pitch))
    entries = key.entries[::-1] if key.stacked else key.entries
    shown = entries if len(entries) <= fits else entries[: max(0, fits - 1)]
    primitives: list[Primitive] = []
    for entry in shown:
        name = text.shorten(entry.name, width - _SAMPLE[entry.symbol] - _SPACE, theme.label)
        drawn = _entry(entry, name, x, y + theme.label * 0.5, theme)
        primitives += drawn if name else drawn[:1]
        y += pitch
    if len(shown) < len(entries) and fits:
        more = text.shorten(f"+ {len(entries) - len(shown)}", width, theme.label)
        if more:
            primitives.append(
                text.place(
                    "legend-label", more, x, y + theme.label * 0.5, size=theme.label, color=theme.muted, valign="middle"
                )
            )
        y += pitch
    return primitives, y, len(entries) - len(shown)


def _ramp(key: Ramp, x: float, y: float, width: float, length: float, theme: Theme) -> tuple[list[Primitive], float]:
    """An upright band of colours, high values above."""
    if length < 40:
        return [], y
    top, bottom = y + theme.label * 0.4, y + length - theme.label * 0.4
    samples = np.asarray(key.colors(np.linspace(1.0, 0.0, 128)))
    pixels = np.round(samples * 255).astype(np.uint8)[:, None, :]
    primitives: list[Primitive] = [
        Image(role="legend-ramp", pixels=pixels, box=Box(x, top, x + _RAMP_WIDTH, bottom), name=key.title)
    ]
    reach = np.inf
    for share, label in sorted(key.ticks):
        place_y = bottom - share * (bottom - top)
        # A short band has no room for all of its labels, and a narrow column none for long ones.
        wide = _RAMP_WIDTH + _SPACE + text.width(label, theme.label) > width
        if wide or place_y > reach - theme.label * 1.05:
            continue
        reach = place_y
        primitives.append(
            text.place(
                "legend-label",
                label,
                x + _RAMP_WIDTH + _SPACE,
                place_y,
                size=theme.label,
                color=theme.text,
                valign="middle",
            )
        )
    bottom += theme.label * 0.4
    name = text.shorten(key.missing.name, width - _SAMPLE["block"] - _SPACE, theme.label) if key.missing else ""
    if key.missing and name:
        bottom += _pitch(theme)
        primitives += _entry(key.missing, name, x, bottom - theme.label * 0.5, theme)
    return primitives, bottom


def _sizes(key: Sizes, x: float, y: float, width: float, bottom: float, theme: Theme) -> tuple[list[Primitive], float]:
    largest = max((size for _, size in key.entries), default=0.0)
    primitives: list[Primitive] = []
    for label, size in key.entries:
        pitch = max(size + 4.0, _pitch(theme))
        if y + pitch > bottom or largest + _SPACE + text.width(label, theme.label) > width:
            break
        middle = y + pitch / 2
        primitives.append(
            Markers(
                role="legend-sample",
                points=np.array([[x + largest / 2, middle]]),
                size=size,
                fill=None,
                stroke=Stroke(theme.muted, 1.0),
                name=label,
            )
        )
        primitives.append(
            text.place(
                "legend-label", label, x + largest + _SPACE, middle, size=theme.label, color=theme.text, valign="middle"
            )
        )
        y += pitch
    return primitives, y
