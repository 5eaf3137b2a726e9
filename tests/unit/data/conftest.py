"""What the tests of the data share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from renderer.data.resolve import Resolved, load
from renderer.data.sources import Sources
from renderer.data.supply import NoSupplier
from renderer.spec import LIMITS, SpecError, parse

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)

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


@pytest.fixture
def rows() -> Callable[..., dict[str, list[Any]]]:
    """What comes out of steps, by column: numbers, texts, times as ISO texts in UTC, and None for what is missing."""

    def make(
        steps: list[dict[str, Any]], *, zone: str = "UTC", params: dict[str, Any] | None = None, **source: Any
    ) -> dict[str, list[Any]]:
        data = source or {"values": ROWS}
        document = {"kind": "bar", "data": data, "x": "a", "y": "b", "timezone": zone, "params": params or {}}
        chart = parse(document | {"transform": steps})
        table = Sources(chart, LIMITS, NOW, NoSupplier()).table([(chart, "")])
        assert table is not None
        found: dict[str, list[Any]] = {}
        for name in table.names:
            column = table.column(name)
            assert len(column) == len(table)
            cells = column.values.astype(str) if column.type == "time" else column.values
            found[name] = [
                None if missing else cell for cell, missing in zip(cells.tolist(), column.missing, strict=True)
            ]
        return found

    return make
