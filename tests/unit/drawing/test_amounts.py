"""Amounts as colours and sizes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps

from renderer.drawing.amounts import ColorScale, SizeScale, round_down

COLORS = colormaps["viridis"]


@pytest.mark.parametrize(
    ("scale", "values", "shares"),
    [
        (ColorScale(COLORS, 0.0, 10.0), [0, 5, 10, 99, -1], [0, 0.5, 1, 1, 0]),
        (ColorScale(COLORS, 1.0, 100.0, "log"), [1, 10, 100], [0, 0.5, 1]),
        (ColorScale(COLORS, 0.0, 100.0, "sqrt"), [0, 25, 100], [0, 0.5, 1]),
        (ColorScale(COLORS, 0.0, 9.0, limits=(0.0, 3.0, 9.0)), [0, 2.9, 3, 9, 99], [0.25, 0.25, 0.75, 0.75, 0.75]),
        (ColorScale(COLORS, -1e300, 1e300), [-1e300, 0, 1e300], [0, 0.5, 1]),
    ],
)
def test_values_have_their_place_on_the_colours(scale: ColorScale, values: list[float], shares: list[float]) -> None:
    assert scale.shares(np.array(values, dtype=float)) == pytest.approx(np.array(shares))


def test_what_is_missing_has_a_colour_of_its_own() -> None:
    scale = ColorScale(COLORS, 0.0, 1.0)
    assert scale.of(np.array([np.nan]), (0.5, 0.5, 0.5, 1.0)).tolist() == [[0.5, 0.5, 0.5, 1.0]]


def test_ticks_are_round_and_apart() -> None:
    assert ColorScale(COLORS, 0.0, 10.0).ticks() == [0, 2, 4, 6, 8, 10]
    for scale in (ColorScale(COLORS, 3.0, 900.0, "log"), ColorScale(COLORS, 0.0, 263.0, "sqrt")):
        places = scale.shares(np.array(scale.ticks()))
        assert 3 <= len(places) <= 7
        assert np.diff(places).min() > 0.16
    assert ColorScale(COLORS, 0.0, 9.0, limits=(0.0, 3.0, 9.0)).ticks() == [3.0]


def test_areas_are_in_proportion() -> None:
    scale = SizeScale(100.0, 40.0)
    assert scale.of(np.array([100.0, 25.0, 0.0])).tolist() == [40.0, 20.0, 5.0]


@pytest.mark.parametrize(("value", "expected"), [(100, 100), (99, 50), (4.9, 2), (1.0, 1.0), (0.03, 0.02)])
def test_rounding_down(value: float, expected: float) -> None:
    assert round_down(value) == pytest.approx(expected)
