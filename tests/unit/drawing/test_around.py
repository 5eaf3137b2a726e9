"""Wheels are as large as they can be, and names around them find their places."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from renderer.drawing import around
from renderer.drawing.scene import Box
from renderer.drawing.theme import LIGHT


def test_turns_run_clockwise_from_the_top() -> None:
    assert around.toward([0.0, 0.25, 0.5, 0.75]) == pytest.approx(np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]))


def test_a_sector_lies_between_its_turns() -> None:
    points = around.sector((0.0, 0.0), 2.0, 6.0, 0.0, 0.25)
    assert points[:, 0].min() == pytest.approx(0.0, abs=1e-9)
    assert points[:, 1].max() == pytest.approx(0.0, abs=1e-9)
    assert np.hypot(*points.T).min() == pytest.approx(2.0)


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
