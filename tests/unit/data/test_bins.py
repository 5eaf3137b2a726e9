"""Bins: round limits that hold all values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.data.bins import bin_edges, bin_number, nice_step


@pytest.mark.parametrize(
    ("span", "count", "step"),
    [(100, 10, 10), (100, 12, 10), (100, 11, 10), (97, 20, 5), (1, 4, 0.25), (0.3, 3, 0.1), (0, 10, 1)],
)
def test_steps_are_round(span: float, count: int, step: float) -> None:
    assert nice_step(span, count) == pytest.approx(step)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=30), st.integers(1, 500))
def test_all_values_lie_in_their_bin(values: list[float], count: int) -> None:
    array = np.array(values)
    edges = bin_edges(array, count=count)
    assert len(edges) <= count + 3
    # A value that is off an edge by rounding alone does not get a bin of its own.
    slack = (edges[1] - edges[0]) * 1e-6
    assert edges[0] <= array.min() + slack
    assert edges[-1] >= array.max() - slack
    places = bin_number(array, edges)
    assert places.min() >= 0
    assert places.max() <= len(edges) - 2


def test_values_on_an_edge_belong_to_the_bin_above_and_the_last_to_the_last() -> None:
    edges = bin_edges(np.array([0.0, 10.0]), step=5)
    assert edges.tolist() == [0, 5, 10]
    assert bin_number(np.array([0.0, 5.0, 10.0]), edges).tolist() == [0, 1, 1]


def test_one_value_has_one_bin() -> None:
    assert bin_edges(np.array([7.0, 7.0])).tolist() == [7, 8]
