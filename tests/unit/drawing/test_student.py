"""Student's t distribution against scipy 1.17.1."""

from __future__ import annotations

import math

import pytest

from renderer.drawing.student import quantile


@pytest.mark.parametrize(
    ("level", "freedom", "expected"),
    [
        # scipy.stats.t.ppf((1 + level) / 2, freedom)
        (0.95, 1, 12.706204736174694),
        (0.95, 2, 4.302652729749462),
        (0.95, 5, 2.5705818356363146),
        (0.99, 10, 3.16927267261695),
        (0.8, 30, 1.3104150253913955),
        (0.5, 3, 0.7648923284043444),
        (0.95, 199, 1.9719565442517533),
        (0.95, 200, 1.9718962236339088),
        (0.95, 201, 1.971836506779859),
        (0.999, 300, 3.3232515129742195),
    ],
)
def test_quantiles_are_those_of_scipy(level: float, freedom: int, expected: float) -> None:
    assert quantile(level, freedom) == pytest.approx(expected, rel=1e-8)


def test_one_value_has_no_interval() -> None:
    assert math.isnan(quantile(0.95, 0))
