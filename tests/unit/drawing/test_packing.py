"""Packing: boxes in a room, none over another, the first in the middle."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from renderer.drawing.packing import CELL, Sized, pack
from renderer.drawing.scene import Box

ROOM = Box(10.0, 20.0, 610.0, 320.0)


def test_boxes_do_not_overlap_and_stay_inside() -> None:
    sides = np.random.default_rng(1).uniform(5, 60, size=(60, 2))
    places = pack([Sized(*side) for side in sides.tolist()], ROOM, gap=2.0)
    assert places is not None
    for place, side in zip(places, sides.tolist(), strict=True):
        assert (place.width, place.height) == pytest.approx(tuple(side))
        assert place.inside(ROOM, CELL)
    for first, second in combinations(places, 2):
        assert not first.overlaps(second, 1.9)


def test_the_first_is_in_the_middle_and_the_next_beside_it() -> None:
    places = pack([Sized(60, 30), Sized(12, 12)], ROOM)
    assert places is not None
    assert places[0].center == pytest.approx(ROOM.center, abs=CELL)
    distance = np.hypot(*(np.array(places[1].center) - ROOM.center))
    assert distance < 45


def test_what_has_no_room_is_none() -> None:
    assert pack([Sized(601, 10)], ROOM) is None
    assert pack([Sized(300, 300)] * 3, ROOM) is None
    assert pack([Sized(1, 1)], Box(0, 0, 1, 1)) is None
    assert pack([], ROOM) == []
