"""Density curves: against scipy's, with tails that make sense, and for values that are hard."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.density import bandwidth, scott
from renderer.drawing.smoothing import Smoothing

VALUES = np.array([1, 2, 2, 3, 5, 8, 13, 21], dtype=float)
PLACES = np.array([0, 2, 5, 10, 20], dtype=float)


def area(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.trapezoid(y, x))


def test_curves_are_those_of_scipy() -> None:
    # scipy 1.17.1: stats.gaussian_kde(VALUES) with the bandwidth "scott", and with 1.5
    assert scott(VALUES) == pytest.approx(4.59042343313753)
    curve = Smoothing("scott")(VALUES)
    expected = [0.04772196326089167, 0.056959779635147936, 0.05690266485960714, 0.035016656953103, 0.014437222467485]
    assert curve.at(PLACES) == pytest.approx(expected, abs=1e-5)
    expected = [0.058583472167834126, 0.12424211404894675, 0.06136012552258158, 0.01829594196403717, 0.0266212876306856]
    assert Smoothing(1.5)(VALUES).at(PLACES) == pytest.approx(expected, abs=1e-4)


def test_the_usual_bandwidth_is_silvermans_rule() -> None:
    spread = min(VALUES.std(), (9.25 - 2.0) / 1.34)
    assert bandwidth(VALUES) == pytest.approx(0.9 * spread * 8**-0.2)
    assert Smoothing(adjust=2.0)(VALUES).width == pytest.approx(2 * bandwidth(VALUES))


def test_the_area_is_one() -> None:
    curve = Smoothing()(VALUES - 30)
    assert area(curve.x, curve.y) == pytest.approx(1.0, abs=0.005)
    many = np.random.RandomState(1).normal(0, 1, 20_000)
    curve = Smoothing()(many)
    assert area(curve.x, curve.y) == pytest.approx(1.0, abs=0.005)
    assert curve.peak == pytest.approx(0.3989, abs=0.02)


def test_tails_end_where_they_should() -> None:
    curve = Smoothing()(VALUES)
    assert curve.x[0] == 0.0  # no value is negative
    assert curve.x[-1] == pytest.approx(21 + 3 * bandwidth(VALUES))
    assert Smoothing(trim=True)(VALUES).x[[0, -1]].tolist() == [1.0, 21.0]
    assert Smoothing()(-VALUES).x[-1] == 0.0
    assert Smoothing()(VALUES - 10).x[0] < -9


def test_on_a_log_axis_curves_are_of_logarithms() -> None:
    logs = np.log10(VALUES)
    curve = Smoothing(scale="log")(VALUES)
    assert (curve.x > 0).all()
    assert area(np.log10(curve.x), curve.y) == pytest.approx(1.0, abs=0.005)
    assert curve.width == pytest.approx(bandwidth(logs))


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e300, 1e-300])
def test_values_that_are_all_the_same_give_a_narrow_curve(value: float) -> None:
    curve = Smoothing()(np.full(4, value))
    assert curve.alone
    assert curve.x[0] < curve.x[-1]
    assert np.isfinite(curve.y).all()
    assert curve.peak > 0


def test_curves_together_have_the_same_places() -> None:
    first, second = Smoothing().together([VALUES, VALUES + 40], trim=False)
    assert np.array_equal(first.x, second.x)
    first, _ = Smoothing().together([VALUES, VALUES + 40], trim=True)
    assert first.x[[0, -1]].tolist() == [1.0, 61.0]
