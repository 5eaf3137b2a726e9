"""Flags: blocks of words at poles along a line, so placed that no block lies on another or on a pole.

Poles are handled from the right to the left, each block at the right of its pole: what comes later can then always rise
above what is there. Blocks that have no room at the right edge come first, from the left to the right, and hang to the
left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from renderer.drawing.crowd import Crowd
from renderer.drawing.scene import Box

_STEP = 4.0  # pixels between the heights that are tried
_FOOT = 16.0  # from the line to the lowest block
_AIR = 12.0, 6.0  # between two blocks, across and down
_STRETCH = 2.5  # how much higher poles may become to fill the room


@dataclass(frozen=True, slots=True)
class Flag:
    """A block at its place: ``up`` is whether it stands above the line, ``right`` whether at the right of its pole."""

    index: int
    box: Box
    up: bool
    right: bool


def raise_flags(
    places: Sequence[float], sizes: Sequence[tuple[float, float]], room: Box, line: float, *, gap: float, below: bool
) -> list[Flag]:
    """The flags that find a place in ``room``, for poles at ``places`` on the horizontal ``line``.

    ``sizes`` are widths and heights of blocks, ``gap`` is between pole and block; ``below`` allows poles downwards.
    """
    blocks, poles = Crowd(), Crowd()
    flags: list[Flag] = []
    heights: list[float] = []
    hanging = [places[index] + gap + sizes[index][0] > room.x1 for index in range(len(places))]
    order = sorted((i for i in range(len(places)) if hanging[i]), key=lambda i: places[i])
    order += sorted((i for i in range(len(places)) if not hanging[i]), key=lambda i: -places[i])
    for turn, index in enumerate(order):
        place, size, ups = places[index], sizes[index], _ups(below, first=turn % 2 == 0)
        found = None
        if not hanging[index]:
            found = _find(place, size, room, line, gap, blocks, poles, ups=ups, right=True)
        found = found or _find(place, size, room, line, gap, blocks, poles, ups=ups, right=False)
        if found is not None:
            away, flag = found
            blocks.add(_with_air(flag.box))
            poles.add(_pole(place, line, flag))
            flags.append(Flag(index, flag.box, flag.up, flag.right))
            heights.append(away)
    return _stretched(flags, heights, room, line)


def _ups(below: bool, *, first: bool) -> tuple[bool, ...]:
    return ((True, False) if first else (False, True)) if below else (True,)


def _with_air(box: Box) -> Box:
    across, down = _AIR
    return Box(box.x0 - across / 2, box.y0 - down / 2, box.x1 + across / 2, box.y1 + down / 2)


def _pole(place: float, line: float, flag: Flag) -> Box:
    return Box(place - 0.5, *((flag.box.y0, place + 0.5, line) if flag.up else (line, place + 0.5, flag.box.y1)))


def _find(
    place: float, size: tuple[float, float], room: Box, line: float, gap: float, blocks: Crowd, poles: Crowd,
    *, ups: tuple[bool, ...], right: bool,
) -> tuple[float, Flag] | None:  # fmt: skip
    """How high the lowest free block at a pole is, and the flag."""
    width, height = size
    x0 = place + gap if right else place - gap - width
    away = _FOOT
    while away <= max(line - room.y0, room.y1 - line) - height:
        for up in ups:
            top = line - away - height if up else line + away
            flag = Flag(0, Box(x0, top, x0 + width, top + height), up, right)
            free = blocks.free(_with_air(flag.box)) and poles.free(flag.box, 3.0)
            if free and flag.box.inside(room, 0.01) and blocks.free(_pole(place, line, flag)):
                return away, flag
        away += _STEP
    return None


def _stretched(flags: list[Flag], heights: list[float], room: Box, line: float) -> list[Flag]:
    """Higher poles, if there is room on their side: what is higher than another stays so."""
    factors = {True: _STRETCH, False: _STRETCH}
    for flag, away in zip(flags, heights, strict=True):
        free = (line - room.y0 if flag.up else room.y1 - line) - flag.box.height
        factors[flag.up] = max(1.0, min(factors[flag.up], free / away))
    moved = []
    for flag, away in zip(flags, heights, strict=True):
        more = away * (factors[flag.up] - 1.0) * (-1.0 if flag.up else 1.0)
        box = Box(flag.box.x0, flag.box.y0 + more, flag.box.x1, flag.box.y1 + more)
        moved.append(Flag(flag.index, box, flag.up, flag.right))
    return moved
