"""Arcs and wheels: they have the sizes that were asked for, and names around them find their places."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from renderer.drawing import around
from renderer.drawing.scene import Box
from renderer.drawing.theme import LIGHT


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.25), (0.9, 1.1), (-0.2, 0.6), (0.0, 1.0)])
def test_arcs_run_clockwise_from_turn_to_turn(start: float, end: float) -> None:
    points = around.arc((10.0, 20.0), 5.0, start, end)
    assert len(points) % 3 == 1
    first, last = points[[0, -1]] - (10.0, 20.0)
    assert first == pytest.approx(5 * around.toward([start])[0])
    assert last == pytest.approx(5 * around.toward([end])[0])
    # The ends of each piece lie on the circle.
    assert np.hypot(*(points[::3] - (10.0, 20.0)).T) == pytest.approx(5.0)
    middle = 5 * around.toward([(start + end) / 2])[0]
    assert np.hypot(*(points[::3] - (10.0, 20.0) - middle).T).min() < 2.0


def test_a_sector_has_its_two_radii() -> None:
    ring = around.sector((0.0, 0.0), 2.0, 6.0, 0.1, 0.3)
    distances = np.hypot(*ring[::3].T)
    assert distances.min() == pytest.approx(2.0)
    assert distances.max() == pytest.approx(6.0)
    wedge = around.sector((0.0, 0.0), 0.0, 6.0, 0.1, 0.3)
    assert wedge[0].tolist() == [0.0, 0.0]
    assert len(wedge) % 3 == len(ring) % 3 == 1


@pytest.mark.parametrize("count", [3, 5, 12, 16, 60])
@pytest.mark.parametrize("box", [Box(0, 0, 760, 400), Box(0, 0, 300, 600), Box(5, 5, 100, 80), Box(0, 0, 20, 20)])
def test_names_stand_around_the_wheel_and_within_the_box(count: int, box: Box) -> None:
    turns = (np.arange(count) / count).tolist()
    names = [(f"Quality of number {index}",) for index in range(count)]
    wheel = around.wheel(box, turns, names, LIGHT)
    (x, y), radius = wheel.center, wheel.radius
    assert Box(x - radius, y - radius, x + radius, y + radius).inside(box, 0.01)
    assert all(name.box.inside(box, 0.5) for name in wheel.names)
    assert not any(one.box.overlaps(other.box, -0.25) for one, other in combinations(wheel.names, 2))
    for name in wheel.names:
        nearest = np.array([np.clip(x, name.box.x0, name.box.x1), np.clip(y, name.box.y0, name.box.y1)])
        assert np.hypot(*(nearest - (x, y))) > radius
