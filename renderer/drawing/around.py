"""Around a middle: directions, sectors, and wheels with names around them.

A direction is a turn: 0 is the top, a quarter is the right, clockwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from renderer.drawing import arcs, text
from renderer.drawing.axes import line_pitch
from renderer.drawing.crowd import Crowd
from renderer.drawing.scene import Box, Floats, Text
from renderer.drawing.theme import Theme

Point = tuple[float, float]

_PAD = 9.0  # pixels between a wheel and the names around it
_ROOMS = (0.36, 0.24, 0.16)  # of the width, for a name: the narrower, the more lines
_LINES = 3
_LEAST, _LEAST_PIXELS = 0.3, 40.0  # of half the box, and in pixels, is the radius, at least, or the names go
_UPRIGHT = 0.16  # names this near to the vertical stand centred


def toward(turns: Floats | Sequence[float]) -> Floats:
    """Unit vectors (n, 2) of directions."""
    angles = np.asarray(turns, dtype=float) * 2 * np.pi
    return np.column_stack([np.sin(angles), -np.cos(angles)])


def circle(center: Point, radius: float) -> Floats:
    """Bezier points of a whole one."""
    return arcs.arc(center, radius, 0.0, 360.0)


def sector(center: Point, inner: float, outer: float, start: float, end: float) -> Floats:
    """Bezier points of a part of a ring between two turns, or of a wedge where ``inner`` is 0; to be closed."""
    return arcs.sector(center, inner, outer, 360.0 * start, 360.0 * end)


@dataclass(frozen=True, slots=True)
class Wheel:
    """Where a wheel stands, with the names around it. ``every`` says how many names were thinned out."""

    center: Point
    radius: float
    names: tuple[Text, ...]
    every: int = 1

    @property
    def small(self) -> bool:
        """Whether there is no room for words in it."""
        return self.radius < _LEAST_PIXELS

    def at(self, turns: Floats | Sequence[float], radii: Floats | Sequence[float]) -> Floats:
        """Points (n, 2) at distances from the middle."""
        points: Floats = np.asarray(self.center) + toward(turns) * np.asarray(radii, dtype=float)[:, None]
        return points


def wheel(box: Box, turns: Sequence[float], names: Sequence[Sequence[str]], theme: Theme) -> Wheel:
    """The largest wheel in the box with room for the names around it.

    A name has one line or several; the first is wrapped, the others (what is said of it) are muted. Names that would
    touch are thinned out, and a wheel that is too small for names has none.
    """
    best: tuple[float, list[list[str]]] = (0.0, [])
    for share in _ROOMS:
        room = box.width * share
        lines = [[*text.balance(name[0], room, theme.label, lines=_LINES), *name[1:]] for name in names]
        radius = _largest(box, turns, lines, theme)
        # A narrower name is worth it only where the wheel grows by much.
        if radius > best[0] * 1.12:
            best = radius, lines
    radius, lines = best
    half = min(box.width, box.height) / 2
    if radius < max(_LEAST * half, min(_LEAST_PIXELS, half - 2.0)):
        return Wheel(box.center, max(1.0, half - 2.0), ())
    left, top, right, bottom = _reach(radius, turns, lines, theme)
    center = box.x0 + left + (box.width - left - right) / 2, box.y0 + top + (box.height - top - bottom) / 2
    blocks = [_block(turn, name, len(first), radius, center, theme) for turn, name, first in _with(turns, lines, names)]
    for every in range(1, len(blocks) + 1):
        crowd = Crowd()
        if all(crowd.claim(_around(block), 1.0) for block in blocks[::every]):
            return Wheel(center, radius, tuple(line for block in blocks[::every] for line in block), every)
    return Wheel(center, radius, ())


def _with(
    turns: Sequence[float], lines: Sequence[list[str]], names: Sequence[Sequence[str]]
) -> list[tuple[float, list[str], list[str]]]:
    """Each turn with the lines of its name, and those of them that are the name itself."""
    return [
        (turn, wrapped, wrapped[: len(wrapped) - len(name) + 1])
        for turn, wrapped, name in zip(turns, lines, names, strict=True)
    ]


def _largest(box: Box, turns: Sequence[float], lines: Sequence[list[str]], theme: Theme) -> float:
    low, high = 0.0, min(box.width, box.height) / 2
    for _ in range(24):
        middle = (low + high) / 2
        left, top, right, bottom = _reach(middle, turns, lines, theme)
        fits = left + right <= box.width and top + bottom <= box.height
        low, high = (middle, high) if fits else (low, middle)
    return low


def _reach(
    radius: float, turns: Sequence[float], lines: Sequence[list[str]], theme: Theme
) -> tuple[float, float, float, float]:
    """How far wheel and names reach from the middle to the left, upwards, to the right and downwards."""
    boxes = np.array([[-radius, -radius, radius, radius]] + [
        _name_box(turn, name, radius, theme) for turn, name in zip(turns, lines, strict=True)
    ])  # fmt: skip
    return (
        -float(boxes[:, 0].min()),
        -float(boxes[:, 1].min()),
        float(boxes[:, 2].max()),
        float(boxes[:, 3].max()),
    )


def _name_box(turn: float, lines: Sequence[str], radius: float, theme: Theme) -> Box:
    """What a name covers, around a middle at (0, 0)."""
    width = text.widest(lines, theme.label)
    height = (len(lines) - 1) * line_pitch(theme) + text.cap_height(theme.label) + 2 * text.descent(theme.label)
    x, y = (toward([turn])[0] * (radius + _PAD)).tolist()
    sideways = math.sin(turn * 2 * math.pi)
    left = x - width / 2 if abs(sideways) < _UPRIGHT else x if sideways > 0 else x - width
    top = y - height / 2 - math.cos(turn * 2 * math.pi) * height / 2
    return Box(left, top, left + width, top + height)


def _block(turn: float, lines: Sequence[str], strong: int, radius: float, center: Point, theme: Theme) -> list[Text]:
    """The lines of a name; the first ones are the name, the others are muted."""
    box = _name_box(turn, lines, radius, theme)
    sideways = math.sin(turn * 2 * math.pi)
    align: text.Align = "center" if abs(sideways) < _UPRIGHT else "left" if sideways > 0 else "right"
    x = {"center": (box.x0 + box.x1) / 2, "left": box.x0, "right": box.x1}[align]
    first = box.y0 + text.descent(theme.label)
    return [
        text.place(
            "tick-label-x",
            line,
            center[0] + x,
            center[1] + first + row * line_pitch(theme),
            size=theme.label,
            color=theme.text if row < strong else theme.muted,
            align=align,
            valign="top",
        )
        for row, line in enumerate(lines)
        if line
    ]


def _around(block: Sequence[Text]) -> Box:
    boxes = np.array([item.box for item in block])
    return (
        Box(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()) if len(boxes) else Box(0, 0, 0, 0)
    )
