"""Labels find their places, or learn that there is none."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.crowd import Crowd, spread
from renderer.drawing.scene import Box


def test_a_place_is_claimed_once() -> None:
    crowd = Crowd([Box(0, 0, 10, 10)])
    assert not crowd.claim(Box(5, 5, 15, 15))
    assert crowd.claim(Box(10, 0, 20, 10))
    assert not crowd.free(Box(20, 0, 30, 10), margin=1)
    for index in range(200):
        assert crowd.claim(Box(100 * index, 50, 100 * index + 50, 60))
    assert not crowd.free(Box(19_900, 55, 19_901, 56))


@settings(max_examples=60, deadline=None)
@given(wanted=st.lists(st.floats(0, 400), max_size=20), height=st.floats(5, 30))
def test_spread_labels_are_apart_in_order_and_inside(wanted: list[float], height: float) -> None:
    wanted.sort()
    places = spread(wanted, height, 0, 400)
    if places is None:
        assert len(wanted) * height > 400
        return
    assert len(places) == len(wanted)
    assert all(after - before >= height - 1e-6 for before, after in pairwise(places))
    assert all(height / 2 - 1e-6 <= place <= 400 - height / 2 + 1e-6 for place in places)


def test_labels_that_have_room_stay_where_they_want_to_be() -> None:
    assert spread([50, 100, 200], 20, 0, 400) == [50, 100, 200]


def test_a_crowd_moves_as_little_as_it_can() -> None:
    assert spread([100, 100], 20, 0, 400) == [90, 110]
