"""Quartiles, whiskers and confidence intervals, against those of scipy and matplotlib."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.summary import five_numbers, margin, mean_and_deviation, student

VALUES = np.array([1, 2, 2, 3, 5, 8, 13, 21], dtype=float)


# scipy 1.17.1: stats.t.ppf(share, freedom)
@pytest.mark.parametrize(
    ("share", "freedom", "expected"),
    [
        (0.975, 1, 12.706204736174694),
        (0.975, 5, 2.5705818356363146),
        (0.975, 1000, 1.9623390808264083),
        (0.995, 2, 9.924843200918287),
        (0.995, 30, 2.7499956535672254),
        (0.75, 1, 1.0),
        (0.75, 5, 0.7266868438004226),
        (0.9995, 1, 636.6192487687897),
        (0.9995, 30, 3.6459586350420627),
    ],
)
def test_the_quantiles_of_student(share: float, freedom: int, expected: float) -> None:
    assert student(share, freedom) == pytest.approx(expected, rel=1e-10)


def test_with_many_values_student_is_normal() -> None:
    assert student(0.975, 10**7) == pytest.approx(1.959963984540054, rel=1e-6)


def test_whiskers_reach_to_values_not_to_fences() -> None:
    # matplotlib 3.11: cbook.boxplot_stats
    five = five_numbers(VALUES)
    assert (five.lower, five.median, five.upper) == (2.0, 4.0, 9.25)
    assert (five.low, five.high) == (1.0, 13.0)
    assert five.beyond.tolist() == [21.0]


def test_whiskers_may_reach_to_all_values_or_to_percentiles() -> None:
    assert five_numbers(VALUES, "minmax").beyond.tolist() == []
    five = five_numbers(VALUES, "p10")
    assert (five.low, five.high) == tuple(np.percentile(VALUES, [10, 90]))
    assert five.beyond.tolist() == [1.0, 21.0]


def test_a_box_never_ends_beyond_its_whiskers() -> None:
    five = five_numbers(np.array([0.0, 0.0, 0.0, 100.0]), 0.5)
    assert five.low <= five.lower <= five.median <= five.upper <= five.high
    five = five_numbers(np.array([7.0]))
    assert (five.low, five.median, five.high) == (7.0, 7.0, 7.0)


def test_means_and_margins() -> None:
    mean, deviation = mean_and_deviation(VALUES)
    assert mean == pytest.approx(VALUES.mean())
    assert deviation == pytest.approx(VALUES.std(ddof=1))
    # scipy 1.17.1: half the width of stats.t.interval(0.95, 7, scale=stats.sem(VALUES))
    assert margin(deviation, 8, 0.95) == pytest.approx(2.3646242510103 * deviation / 8**0.5)
    assert np.isnan(margin(deviation, 1, 0.95))


def test_huge_numbers_do_not_overflow() -> None:
    mean, deviation = mean_and_deviation(np.array([1e300, -1e300, 5e299]))
    assert np.isfinite([mean, deviation]).all()
    assert five_numbers(np.array([-1e300, 0.0, 1e300]), 100.0).high == 1e300
