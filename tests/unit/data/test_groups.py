"""Aggregates: the same as numpy's, group by group."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.data.groups import Groups, aggregate, factorize, group
from renderer.data.table import Column
from renderer.spec.channel import AGGREGATES, Aggregate

PLAIN: dict[Aggregate, Callable[[list[float]], float]] = {
    "count": len,
    "distinct": lambda values: len(set(values)),
    "sum": math.fsum,
    "mean": lambda values: math.fsum(values) / len(values),
    "median": lambda values: float(np.median(values)),
    "min": min,
    "max": max,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "std": lambda values: float(np.std(values, ddof=1)) if len(values) > 1 else math.nan,
    "var": lambda values: float(np.var(values, ddof=1)) if len(values) > 1 else math.nan,
    "stderr": lambda values: float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan,
    "p05": lambda values: float(np.quantile(values, 0.05)),
    "p10": lambda values: float(np.quantile(values, 0.10)),
    "p25": lambda values: float(np.quantile(values, 0.25)),
    "p75": lambda values: float(np.quantile(values, 0.75)),
    "p90": lambda values: float(np.quantile(values, 0.90)),
    "p95": lambda values: float(np.quantile(values, 0.95)),
    "p99": lambda values: float(np.quantile(values, 0.99)),
}


def numbers(*values: float) -> Column:
    return Column("v", "number", np.array(values, dtype=np.float64))


def names(*values: str | None) -> Column:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return Column("n", "category", column)


@pytest.mark.parametrize("how", AGGREGATES)
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_each_group_gets_what_numpy_says(how: Aggregate, rows: list[tuple[int, float]]) -> None:
    of = np.array([number for number, _ in rows], dtype=np.int64)
    groups = Groups(of, np.zeros(4, dtype=np.int64))
    found = aggregate(how, numbers(*(value for _, value in rows)), groups)
    for number in range(4):
        values = [value for other, value in rows if other == number]
        if values:
            assert found[number] == pytest.approx(PLAIN[how](values), rel=1e-9, abs=1e-6, nan_ok=True)
        else:
            assert found[number] == 0 if how in ("count", "distinct") else math.isnan(found[number])


def test_missing_values_take_no_part() -> None:
    groups = Groups(np.array([0, 0, 1]), np.array([0, 2]))
    column = numbers(1, math.nan, math.nan)
    assert aggregate("mean", column, groups).tolist()[0] == 1
    assert math.isnan(aggregate("sum", column, groups)[1])
    assert aggregate("count", column, groups).tolist() == [1, 0]
    assert aggregate("count", None, groups).tolist() == [2, 1]


def test_distinct_counts_texts_too() -> None:
    groups = Groups(np.array([0, 0, 0, 1]), np.array([0, 3]))
    assert aggregate("distinct", names("a", "b", "a", None), groups).tolist() == [2, 0]


def test_a_small_spread_of_large_numbers_keeps_its_digits() -> None:
    groups = Groups(np.zeros(3, dtype=np.int64), np.zeros(1, dtype=np.int64))
    assert aggregate("var", numbers(1e9, 1e9 + 1, 1e9 + 2), groups).tolist() == [1.0]


def test_categories_are_numbered_as_they_come_and_numbers_in_order() -> None:
    codes, values = factorize(names("b", None, "a", "b"))
    assert (codes.tolist(), values.tolist()) == ([0, -1, 1, 0], ["b", "a"])
    codes, values = factorize(numbers(3, math.nan, 1, 3))
    assert (codes.tolist(), values.tolist()) == ([1, -1, 0, 1], [1, 3])


def test_groups_come_in_the_order_of_their_keys() -> None:
    groups = group([np.array([1, 0, 1, 0]), np.array([0, 1, 0, 0])], 4)
    assert groups.of.tolist() == [2, 1, 2, 0]
    assert groups.first.tolist() == [3, 1, 0]


def test_without_keys_all_rows_are_one_group() -> None:
    assert group([], 3).of.tolist() == [0, 0, 0]
    assert group([], 0).count == 0


def test_many_large_keys_do_not_overflow() -> None:
    keys = [np.arange(1000) * 10**6 % 999_983 for _ in range(8)]
    assert group(keys, 1000).count == 1000
