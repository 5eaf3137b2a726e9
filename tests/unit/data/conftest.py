"""What the tests of the data share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.data.resolve import Resolved, load
from renderer.spec import SpecError, parse

ROWS = [
    {"quarter": "Q1", "region": "EU", "revenue": 10, "day": "2024-01-05", "cost": 4},
    {"quarter": "Q1", "region": "US", "revenue": 20, "day": "2024-01-31", "cost": 9},
    {"quarter": "Q2", "region": "EU", "revenue": 5, "day": "2024-05-05", "cost": 1},
    {"quarter": "Q2", "region": "US", "revenue": 7, "day": "2024-05-06", "cost": 8},
    {"quarter": "Q3", "region": "JP", "revenue": 1, "day": "2024-07-01", "cost": 2},
]


@pytest.fixture
def layer() -> Callable[..., Resolved]:
    """The one layer of a chart in the short form, resolved; five rows of sales are its data if none are given."""

    def make(**fields: Any) -> Resolved:
        (panel,) = load(parse({"data": {"values": ROWS}} | fields)).panels
        return panel.layers[0]

    return make


@pytest.fixture
def problems() -> Callable[..., dict[str, str]]:
    """The problems of a chart that parses and has wrong data: messages by pointer."""

    def find(**fields: Any) -> dict[str, str]:
        chart = parse({"data": {"values": ROWS}} | fields)
        with pytest.raises(SpecError) as caught:
            load(chart)
        return {problem.pointer: problem.message for problem in caught.value.problems}

    return find
