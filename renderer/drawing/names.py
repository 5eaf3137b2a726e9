"""Names of series: at the ends of lines, or within marks, where they save the reader the way to a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from renderer.drawing import axes, legend, text
from renderer.drawing.crowd import spread
from renderer.drawing.keys import Key, Swatches
from renderer.drawing.kind import Area, End, Kind
from renderer.drawing.scene import Box, Primitive, Segments, Stroke, Text
from renderer.drawing.theme import Theme

GAP = 8.0  # between the end of a line and its name
_SHARE = 0.3  # of the panel's width, at most, for names at line ends
_DEEP = 0.7  # of its height, at most
_ENDS_FROM = 0.9  # of the width: a line that ends before has no name at its end
_WRITTEN = ("auto", "direct")

Names = tuple[Sequence[Text], Sequence[Primitive]]
"""The names, and the threads that lead from lines to them."""


def may_be_named(keys: Sequence[Key]) -> bool:
    """Whether all that a legend would explain may be written beside the marks."""
    return bool(keys) and all(isinstance(key, Swatches) and key.wish in _WRITTEN for key in keys)


def room_at_ends(keys: Sequence[Key], kinds: Sequence[Kind[Any]], box: Box, theme: Theme) -> float:
    """How wide the names at line ends are; 0 where a legend has to name the series."""
    merged = legend.merge(keys)
    if not may_be_named(keys) or len(merged) != 1 or not all(kind.named_at_ends for kind in kinds if kind.legend()):
        return 0.0
    entries = [entry for key in merged if isinstance(key, Swatches) for entry in key.entries]
    if len({entry.name for entry in entries}) < len(entries):
        return 0.0
    if len(entries) * axes.line_pitch(theme) > box.height * _DEEP:
        return 0.0
    widest = text.widest((entry.name for entry in entries), theme.label, 500)
    return widest + GAP if widest + GAP <= box.width * _SHARE else 0.0


def inside(kinds: Sequence[Kind[Any]], area: Area) -> Names | None:
    """Names within the marks; None where a layer cannot have all of its own there."""
    written = [kind.inner_names(area) for kind in kinds if kind.legend()]
    return ([name for names in written for name in names], []) if all(written) else None


def at_ends(kinds: Sequence[Kind[Any]], area: Area, theme: Theme) -> Names | None:
    """Names at the ends of lines, moved apart, with a thread to the line where they had to move far."""
    # A band and the line in it end in one name; the upper layer has it.
    by_name = {end.name: end for kind in kinds for end in kind.ends(area)}
    ends: list[End] = sorted(by_name.values(), key=lambda end: end.y)
    plot = area.box
    if not ends or any(end.x < plot.x0 + plot.width * _ENDS_FROM for end in ends):
        return None
    places = spread(
        [end.y for end in ends], axes.line_pitch(theme), plot.y0 - theme.label / 2, plot.y1 + theme.label / 2
    )
    if places is None:
        return None
    names: list[Text] = []
    threads: list[Primitive] = []
    for end, place in zip(ends, places, strict=True):
        color = theme.text_color(end.color)
        x = plot.x1 + GAP
        names.append(
            text.place("series-label", end.name, x, place, size=theme.label, weight=500, color=color, valign="middle")
        )
        if abs(place - end.y) > theme.label * 0.6:
            ends_at = np.array([[end.x + 2.0, end.y, x - 2.0, place]])
            stroke = Stroke((*color[:3], 0.55), 1.0)
            threads.append(Segments(role="thread", ends=ends_at, stroke=stroke, name=end.name, crisp=False))
    return names, threads
