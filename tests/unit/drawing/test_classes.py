"""Classes of amounts: their limits are short, and each value lies in the class where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.drawing.classes import quantile_limits


def test_quantiles_hold_as_many_values_each_and_are_short() -> None:
    values = np.random.default_rng(2).lognormal(3.0, 1.0, size=173)
    limits = quantile_limits(values, 5)
    sizes = np.histogram(values, [-np.inf, *limits, np.inf])[0]
    exact = np.histogram(values, [-np.inf, *np.quantile(values, [0.2, 0.4, 0.6, 0.8]), np.inf])[0]
    assert sizes.tolist() == exact.tolist()
    assert all(len(f"{limit:g}") <= 6 for limit in limits)


@given(values=st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), min_size=1), count=st.integers(2, 9))
def test_limits_ascend_and_lie_between_values(values: list[float], count: int) -> None:
    limits = quantile_limits(np.array(values), count)
    assert len(limits) < count
    assert (np.diff(limits) > 0).all()
    known = np.array([value for value in values if value == value])
    assert all((known < limit).any() and (known >= limit).any() for limit in limits)


def test_equal_values_are_one_class() -> None:
    assert len(quantile_limits(np.full(5, 3.0), 4)) == 0
    assert quantile_limits(np.array([1.0, 1.0, 1.0, 9.0]), 4).tolist() == pytest.approx([3.0])
