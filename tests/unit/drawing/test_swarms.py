"""Points beside each other: always the same, near the middle, and in swarms never on each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.swarms import jittered, swarm


def test_jitter_is_the_same_every_time_and_spread_evenly() -> None:
    first = jittered(300)
    assert np.array_equal(first, jittered(300))
    assert first.min() >= -0.5
    assert first.max() < 0.5
    assert np.histogram(first, bins=5, range=(-0.5, 0.5))[0].min() > 40
    # Neighbours in value stand apart more than chance would have it.
    assert np.abs(np.diff(first)).mean() > 0.34


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.floats(0, 100), min_size=1, max_size=80), distance=st.floats(0.5, 12))
def test_no_two_points_of_a_swarm_overlap(places: list[float], distance: float) -> None:
    along = np.sort(np.array(places))
    aside = swarm(along, distance)
    apart = np.hypot(along[:, None] - along, aside[:, None] - aside)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= distance * (1 - 1e-6)


def test_points_with_room_stay_on_the_line() -> None:
    assert swarm(np.array([0.0, 10.0, 20.0]), 5.0).tolist() == [0.0, 0.0, 0.0]


def test_equal_values_line_up_around_the_middle() -> None:
    assert sorted(swarm(np.zeros(5), 2.0).tolist()) == [-4.0, -2.0, 0.0, 2.0, 4.0]
