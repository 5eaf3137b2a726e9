"""Flags: no block lies on another, or on a pole; and there are as many as there is room for."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.flags import Flag, raise_flags
from renderer.drawing.scene import Box

_ROOM = Box(0.0, 0.0, 800.0, 400.0)


def _check(flags: list[Flag], places: list[float], line: float, room: Box = _ROOM) -> None:
    for flag in flags:
        assert flag.box.inside(room, 0.01)
        pole = Box(places[flag.index], min(flag.box.y0, line), places[flag.index], max(flag.box.y1, line))
        for other in flags:
            if other is not flag:
                assert not flag.box.overlaps(other.box, 2.0)
                assert not other.box.overlaps(pole)


def test_a_crowd_becomes_a_staircase() -> None:
    places = [100.0, 110.0, 120.0, 130.0]
    flags = raise_flags(places, [(80.0, 30.0)] * 4, _ROOM, 400.0, gap=5.0, below=False)
    assert len(flags) == 4
    _check(flags, places, 400.0)
    tops = {flag.index: flag.box.y0 for flag in flags}
    assert tops[0] < tops[1] < tops[2] < tops[3]
    assert all(flag.right and flag.up for flag in flags)


def test_at_the_right_edge_blocks_hang_to_the_left() -> None:
    places = [770.0, 780.0, 790.0]
    flags = raise_flags(places, [(80.0, 30.0)] * 3, _ROOM, 400.0, gap=5.0, below=False)
    assert len(flags) == 3
    assert not any(flag.right for flag in flags)
    _check(flags, places, 400.0)


def test_flags_may_stand_on_both_sides() -> None:
    places = np.linspace(50.0, 700.0, 30).tolist()
    above = raise_flags(places, [(90.0, 40.0)] * 30, _ROOM, 400.0, gap=5.0, below=False)
    both = raise_flags(places, [(90.0, 40.0)] * 30, _ROOM, 200.0, gap=5.0, below=True)
    assert {flag.up for flag in both} == {True, False}
    _check(above, places, 400.0)
    _check(both, places, 200.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 12, 60])
def test_whatever_the_places(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(0.0, 800.0, count).tolist()
    sizes = list(
        zip(random.uniform(10.0, 150.0, count).tolist(), random.uniform(10.0, 50.0, count).tolist(), strict=True)
    )
    for line, below in ((400.0, False), (200.0, True)):
        flags = raise_flags(places, sizes, _ROOM, line, gap=5.0, below=below)
        assert len({flag.index for flag in flags}) == len(flags) >= 1
        _check(flags, places, line)


def test_without_room_there_are_none() -> None:
    assert raise_flags([50.0], [(80.0, 30.0)], Box(0.0, 0.0, 60.0, 20.0), 20.0, gap=5.0, below=True) == []
