"""Channels in lists, and rows that stand beside aggregates: what some kinds ask of the data stage."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.data.resolve import Resolved, load
from renderer.spec import SpecError, parse

ROWS = {
    "columns": {
        "day": ["2026-01-02", "2026-01-01", "2026-02-01"],
        "shop": ["a", "b", "a"],
        "sold": [3.0, 5.0, 9.0],
    }
}


def layer(**mark: Any) -> Resolved:
    ((resolved,),) = [panel.layers for panel in load(parse({"data": ROWS, "kind": "kpi"} | mark)).panels]
    return resolved


def column(resolved: Resolved, channel: str) -> list[Any]:
    return list(resolved.table[channel].values.tolist())


def test_aggregates_are_repeated_beside_rows() -> None:
    found = layer(value="sum(sold)", trend="sold")
    assert column(found, "value") == [17.0, 17.0, 17.0]
    assert column(found, "trend") == [3.0, 5.0, 9.0]


def test_such_rows_are_put_in_order() -> None:
    found = layer(value="sum(sold)", trend="sold", x="day")
    assert column(found, "trend") == [5.0, 3.0, 9.0]


def test_rows_are_grouped_once_the_trend_is_aggregated() -> None:
    found = layer(value="sum(sold)", trend="mean(sold)", x="month(day)")
    assert column(found, "value") == [8.0, 9.0]
    assert column(found, "trend") == [4.0, 9.0]


def test_without_a_trend_all_rows_are_one() -> None:
    assert column(layer(value="max(sold)", compare="min(sold)"), "value") == [9.0]


def test_a_number_is_a_channel_of_one_value() -> None:
    assert column(layer(value="sold", compare=4), "compare") == [4.0, 4.0, 4.0]


def test_a_category_is_no_amount() -> None:
    with pytest.raises(SpecError, match="/compare: column 'shop' holds text"):
        layer(value="sold", compare="shop")
