"""Trends against statsmodels 0.15.0: ordinary least squares with its 95 % intervals of the mean, and lowess."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.trend import trend
from renderer.spec.marks.scatter import METHODS, TrendMethod

_X = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15])
_Y = np.array([2.1, 3.9, 6.2, 7.8, 8.1, 12.3, 11.9, 16.4, 17.1, 21.0, 20.2, 33.3])

# OLS(y, X).fit().get_prediction(...).summary_frame(alpha=0.05): mean and its interval at x = 1 and x = 15; R squared.
_LEAST_SQUARES: dict[TrendMethod, tuple[list[list[float]], float]] = {
    "linear": (
        [[1.3427710843, -0.738290849, 3.4238330177], [30.1801204819, 27.5060062721, 32.8542346918]],
        0.960629443944247,
    ),
    "poly2": (
        [[2.5885085473, -0.0810193031, 5.2580363977], [31.8243643374, 28.3515179537, 35.2972107211]],
        0.969076133902131,
    ),
    "poly3": (
        [[1.7252496546, -1.5173438794, 4.9678431886], [32.547148692, 28.7332856233, 36.3610117606]],
        0.9731364523901446,
    ),
    "log": (
        [[-3.44636394, -10.1756087856, 3.2828809057], [23.4583819194, 18.8589128484, 28.0578509904]],
        0.7877631733782665,
    ),
}
# lowess(y, x, frac=..., it=0, delta=0) at the smallest and the largest x.
_LOWESS = {0.75: (2.2117221569370917, 31.390397324708303), 0.5: (2.1793283212779384, 31.988779209472735)}


@pytest.mark.parametrize("method", _LEAST_SQUARES)
def test_least_squares(method: TrendMethod) -> None:
    found = trend(_X, _Y, method, level=0.95, span=0.75)
    assert found is not None
    ends, share = _LEAST_SQUARES[method]
    for place, expected in zip((0, -1), ends, strict=True):
        assert [found.y[place], found.low[place], found.high[place]] == pytest.approx(expected, abs=1e-8)
    assert found.share == pytest.approx(share)
    assert found.x[0] == pytest.approx(1.0)
    assert found.x[-1] == pytest.approx(15.0)


@pytest.mark.parametrize("span", _LOWESS)
def test_loess(span: float) -> None:
    found = trend(_X, _Y, "loess", level=0.95, span=span)
    assert found is not None
    assert (found.y[0], found.y[-1]) == pytest.approx(_LOWESS[span])
    assert (found.low < found.y).all()
    assert (found.y < found.high).all()
    # At the ends there are points on one side only.
    width = found.high - found.low
    assert width[0] > width[len(width) // 2]


@pytest.mark.parametrize("method", METHODS)
def test_a_line_is_its_own_trend(method: TrendMethod) -> None:
    x = np.linspace(1.0, 9.0, 40)
    y = np.log(x) * 3 - 1 if method == "log" else 3 * x - 1
    found = trend(x, y, method, level=0.95, span=0.75)
    assert found is not None
    assert found.share == pytest.approx(1.0)
    assert np.allclose(found.y, np.log(found.x) * 3 - 1 if method == "log" else 3 * found.x - 1)
    assert np.isnan(found.slope) != (method == "linear")


def test_the_slope_is_that_of_the_line() -> None:
    found = trend(_X, _Y, "linear", level=0.95, span=0.75)
    assert found is not None
    assert found.slope == pytest.approx(np.polyfit(_X, _Y, 1)[0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e12, 1e250])
def test_the_unit_does_not_matter(method: TrendMethod, scale: float) -> None:
    plain = trend(_X, _Y, method, level=0.95, span=0.75)
    found = trend(_X * scale, _Y * scale, method, level=0.95, span=0.75)
    assert plain is not None
    assert found is not None
    assert np.allclose(found.y / scale, plain.y, rtol=1e-6)
    assert np.allclose(found.high / scale, plain.high, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_too_few_points_have_no_trend(method: TrendMethod) -> None:
    nowhere = np.array([])
    assert trend(nowhere, nowhere, method, level=0.95, span=0.75) is None
    assert trend(np.array([3.0]), np.array([1.0]), method, level=0.95, span=0.75) is None
    assert trend(np.full(5, 3.0), np.arange(5.0), method, level=0.95, span=0.75) is None
    assert trend(np.array([1.0, np.nan]), np.array([np.nan, 2.0]), method, level=0.95, span=0.75) is None


def test_as_many_points_as_numbers_to_find_leave_no_interval() -> None:
    found = trend(np.array([1.0, 2.0]), np.array([3.0, 5.0]), "linear", level=0.95, span=0.75)
    assert found is not None
    assert found.y[[0, -1]] == pytest.approx([3.0, 5.0])
    assert np.isnan(found.low).all()
    assert trend(np.array([1.0, 2.0]), np.array([3.0, 5.0]), "poly2", level=0.95, span=0.75) is None


def test_logarithms_are_of_positive_numbers() -> None:
    both = trend(np.array([-1.0, 0.0, *_X]), np.array([50.0, 60.0, *_Y]), "log", level=0.95, span=0.75)
    alone = trend(_X, _Y, "log", level=0.95, span=0.75)
    assert both is not None
    assert alone is not None
    assert np.allclose(both.y, alone.y)


def test_a_loess_of_many_points_is_that_of_their_groups() -> None:
    x = np.linspace(0.0, 10.0, 20_000)
    y = np.sin(x) + np.random.default_rng(1).normal(0.0, 0.2, len(x))
    found = trend(x, y, "loess", level=0.95, span=0.1)
    assert found is not None
    assert np.abs(found.y - np.sin(found.x)).max() < 0.06
    assert np.isnan(found.low).all()


def test_points_on_top_of_each_other() -> None:
    x = np.repeat([1.0, 2.0, 3.0], 10)
    y = np.tile(np.arange(10.0), 3) + x
    found = trend(x, y, "loess", level=0.95, span=0.3)
    assert found is not None
    assert np.isfinite(found.y).all()
    assert found.y[0] == pytest.approx(5.5)
