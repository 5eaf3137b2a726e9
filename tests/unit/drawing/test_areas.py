"""Amounts as areas."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.areas import Areas, round_down


def test_areas_are_in_proportion() -> None:
    areas = Areas.of(np.array([100.0, -25.0, 0.0]), 40.0)
    assert areas.diameters(np.array([100.0, -25.0, 0.0])).tolist() == [40.0, 20.0, 5.0]


@pytest.mark.parametrize(("value", "expected"), [(100, 100), (99, 50), (4.9, 2), (1.0, 1.0), (0.03, 0.02)])
def test_rounding_down(value: float, expected: float) -> None:
    assert round_down(value) == pytest.approx(expected)
