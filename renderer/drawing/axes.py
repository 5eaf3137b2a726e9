"""Axes as words and thin lines: tick labels, grid, baseline, titles. Measured first, placed when the area is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from renderer.drawing import text
from renderer.drawing.scales import CategoryScale, Scale, Tick
from renderer.drawing.scene import Box, Color, Primitive, Segments, Stroke, Text
from renderer.drawing.theme import Theme

TICK = 4.0  # length of a tick mark
_LINES = 3  # of a wrapped category
_LYING_LINES = 2
LABEL_SHARE = 0.36  # of the panel's width, at most, for labels at the side
_LONG = 12  # characters: longer names turn a chart on its side, where they do not fit below it
_LEAST_ROW = 15.0  # pixels that a lying shape and its name need


def line_pitch(theme: Theme) -> float:
    """From one line of a label to the next."""
    return theme.label * 1.22 * theme.leading


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of an axis, wrapped: for each tick that is shown, its lines. ``every`` says how many were thinned
    out.
    """

    ticks: tuple[Tick, ...]
    lines: tuple[tuple[str, ...], ...]
    every: int = 1

    @property
    def depth(self) -> int:
        """Lines of the deepest label."""
        return max((len(lines) for lines in self.lines), default=0)

    @property
    def ends(self) -> list[tuple[Tick, tuple[str, ...]]]:
        """The first and the last tick with their lines."""
        return [*zip(self.ticks[:1], self.lines[:1], strict=True), *zip(self.ticks[-1:], self.lines[-1:], strict=True)]


NO_LABELS = Labels((), ())


def foot(labels: Labels, theme: Theme) -> float:
    """How far tick labels reach below the plot."""
    if not labels.depth:
        return 0.0
    lines = text.cap_height(theme.label) + (labels.depth - 1) * line_pitch(theme) + text.descent(theme.label)
    return TICK + 4.0 + lines


def thin(ticks: Sequence[Tick], pitch: float, needed: float) -> int:
    """Every how many ticks can be shown if they are ``pitch`` pixels apart and each needs ``needed``."""
    return max(1, int(np.ceil(needed / pitch))) if pitch > 0 else max(1, len(ticks))


def category_labels_below(scale: CategoryScale, width: float, theme: Theme, most: int) -> Labels:
    """Names below a plot ``width`` pixels wide: wrapped, and where that does not do, shortened and thinned."""
    if not scale.ticks:
        return Labels((), ())
    step = width / max(1.0, scale.high - scale.low)
    room = step - 8.0
    wrapped = [tuple(text.balance(tick.label, room, theme.label, lines=_LINES)) for tick in scale.ticks]
    if (
        all(_whole(tick.label, lines) for tick, lines in zip(scale.ticks, wrapped, strict=True))
        and len(wrapped) <= most
    ):
        return Labels(scale.ticks, tuple(wrapped))
    # One line each, as many as fit; a name longer than a sixth of the axis is shortened.
    longest = min(max(width / 6, room, 30.0), text.widest((tick.label for tick in scale.ticks), theme.label))
    every = max(thin(scale.ticks, step, longest + 10.0), -(-len(scale.ticks) // most))
    kept = scale.ticks[::every]
    room = max(step * every - 8.0, 0.0)
    lines = [tuple(text.wrap(tick.label, room, theme.label, lines=2)) for tick in kept]
    return Labels(kept, tuple(lines), every)


def better_lying(names: Sequence[str], box: Box, theme: Theme) -> bool:
    """Whether a chart of these names is better laid on its side: some are long, do not fit below, and do beside."""
    if not any(len(name) > _LONG for name in names) or box.height < len(names) * _LEAST_ROW:
        return False
    return not fits_below(names, box.width * (1 - LABEL_SHARE / 4), theme)


def fits_below(labels: Sequence[str], width: float, theme: Theme) -> bool:
    """Whether all names can stand whole below a plot of this width."""
    room = width / max(1, len(labels)) - 8.0
    return all(_whole(label, text.wrap(label, room, theme.label, lines=_LINES)) for label in labels)


def _whole(label: str, lines: Sequence[str]) -> bool:
    return " ".join(lines) == " ".join(label.split())


def category_labels_beside(scale: CategoryScale, room: float, height: float, theme: Theme, most: int) -> Labels:
    """Names at the left of a plot ``height`` pixels high."""
    if not scale.ticks:
        return Labels((), ())
    step = height / max(1.0, scale.high - scale.low)
    every = max(thin(scale.ticks, step, line_pitch(theme)), -(-len(scale.ticks) // most))
    deep = max(1, min(_LYING_LINES, int(step * every // line_pitch(theme))))
    kept = scale.ticks[::every]
    return Labels(kept, tuple(tuple(text.wrap(tick.label, room, theme.label, lines=deep)) for tick in kept), every)


def plain_labels(scale: Scale) -> Labels:
    """The labels of numbers and dates, as they are."""
    return Labels(scale.ticks, tuple((tick.label, tick.below) if tick.below else (tick.label,) for tick in scale.ticks))


def below(labels: Labels, scale: Scale, area: Box, sheet: Box, theme: Theme) -> list[Text]:
    """Tick labels under the area; moved inwards at the sheet's edge, and left out where they would touch."""
    texts: list[Text] = []
    reach = [-np.inf] * (labels.depth + 1)
    first = area.y1 + TICK + 4.0 + text.cap_height(theme.label)
    for x, lines in zip(scale.of_ticks(labels.ticks), labels.lines, strict=True):
        placed = []
        for row, line in enumerate(lines):
            if not line:
                continue
            half = text.width(line, theme.label) / 2
            center = min(max(x, sheet.x0 + half), sheet.x1 - half)
            label = text.place(
                "tick-label-x",
                line,
                center,
                first + row * line_pitch(theme),
                size=theme.label,
                color=theme.muted,
                align="center",
            )
            placed.append((row, label))
        if not placed or any(item.box.x0 < reach[row] + 5.0 for row, item in placed[:1]):
            continue
        for row, item in placed:
            # The second line of a date may be in the way of the one before it; the first line stays.
            if item.box.x0 >= reach[row] + 5.0 and item.box.x0 >= sheet.x0 - 0.5 and item.box.x1 <= sheet.x1 + 0.5:
                texts.append(item)
                reach[row] = item.box.x1
    return texts


def beside(
    labels: Labels, scale: Scale, area: Box, sheet: Box, theme: Theme, *, color: Color, right: bool = False
) -> list[Text]:
    """Tick labels at the left of the area, from the area's edge to the left; or at its right, to the right."""
    texts: list[Text] = []
    pitch = line_pitch(theme)
    placed: list[tuple[float, list[Text]]] = []
    for place, lines in zip(scale.of_ticks(labels.ticks), labels.lines, strict=True):
        middle = place - (len(lines) - 1) * pitch / 2
        group = [
            text.place(
                "tick-label-right" if right else "tick-label-y",
                line,
                area.x1 + theme.gap if right else area.x0 - theme.gap,
                middle + row * pitch,
                size=theme.label,
                color=color,
                align="left" if right else "right",
                valign="middle",
            )
            for row, line in enumerate(lines)
            if line
        ]
        if group:
            placed.append((middle, group))
    reach = -np.inf
    for _, group in sorted(placed, key=lambda item: item[0]):
        top, bottom = min(item.box.y0 for item in group), max(item.box.y1 for item in group)
        if (
            top >= reach + 1.0
            and top >= sheet.y0 - 0.5
            and bottom <= sheet.y1 + 0.5
            and min(i.box.x0 for i in group) >= sheet.x0 - 0.5
            and max(i.box.x1 for i in group) <= sheet.x1 + 0.5
        ):
            texts += group
            reach = bottom
    return texts


def grid_across(scale: Scale, area: Box, theme: Theme) -> list[Primitive]:
    """Horizontal lines at the ticks of a vertical scale."""
    places = scale.of_ticks(scale.ticks)
    if not places:
        return []
    ends = np.array([[area.x0, place, area.x1, place] for place in places])
    return [
        Segments(
            role="grid", ends=ends, stroke=Stroke(theme.grid, 1.0), values=np.array([t.place for t in scale.ticks])
        )
    ]


def grid_down(scale: Scale, area: Box, theme: Theme) -> list[Primitive]:
    """Vertical lines at the ticks of a horizontal scale."""
    places = scale.of_ticks(scale.ticks)
    if not places:
        return []
    ends = np.array([[place, area.y0, place, area.y1] for place in places])
    return [
        Segments(
            role="grid", ends=ends, stroke=Stroke(theme.grid, 1.0), values=np.array([t.place for t in scale.ticks])
        )
    ]


def ground(scale: Scale, area: Box, theme: Theme, *, line: bool, marks: bool) -> list[Primitive]:
    """The line along the bottom, and tick marks for numbers and dates."""
    ends = [[area.x0, area.y1, area.x1, area.y1]] if line else []
    if marks:
        ends += [[place, area.y1, place, area.y1 + TICK] for place in scale.of_ticks(scale.ticks)]
    return [Segments(role="axis", ends=np.array(ends), stroke=Stroke(theme.axis, 1.0))] if ends else []


def zero_line(start: tuple[float, float], end: tuple[float, float], theme: Theme) -> Primitive:
    """The line on which bars stand."""
    return Segments(role="baseline", ends=np.array([[*start, *end]]), stroke=Stroke(theme.axis, 1.0))
