"""Digests of what a chart draws from its data."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from renderer.data.digest import digest
from renderer.data.resolve import load
from renderer.spec import parse

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "kind": "scatter", "x": "x", "y": "y", "color": "c",
    "data": {"columns": {"x": [1.5, 2, 3], "y": [1, 2, 3], "c": ["a", None, "b"], "unused": [1, 2, 3]}},
}  # fmt: skip


def of(spec: dict[str, Any], now: datetime = NOW) -> str:
    return digest(load(parse(spec), now=now))


def with_columns(**columns: list[Any]) -> dict[str, Any]:
    return SPEC | {"data": {"columns": SPEC["data"]["columns"] | columns}}


def test_equal_rows_have_equal_digests_in_any_process() -> None:
    """Also where hashes of texts are others, and where the rows came in another shape."""
    script = "from tests.unit.data.test_digest import SPEC, of; print(of(SPEC))"
    other = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True
    )
    assert other.stdout.strip() == of(SPEC), other.stderr
    columns = SPEC["data"]["columns"]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    assert of(SPEC | {"data": {"values": rows}}) == of(SPEC)


def test_a_column_that_is_not_drawn_does_not_count() -> None:
    assert of(with_columns(unused=[7, 8, 9])) == of(SPEC)


@pytest.mark.parametrize(
    "columns",
    [
        {"x": [1.5, 2, 4]},
        {"y": [1, 3, 2]},
        {"c": ["a", "x", "b"]},
        {"c": ["b", None, "a"]},
        {"c": ["a", None, "bb"]},
    ],
)
def test_any_value_that_is_drawn_counts(columns: dict[str, list[Any]]) -> None:
    assert of(with_columns(**columns)) != of(SPEC)


def test_relative_limits_of_axes_count() -> None:
    later = datetime(2026, 11, 30, tzinfo=UTC)
    line = {"kind": "line", "data": {"columns": {"d": ["2026-11-01", "2026-11-02"], "v": [1, 2]}}, "x": "d", "y": "v"}
    limited = line | {"params": {"since": "ago('40d')"}, "axes": {"x": {"min": "$since"}}}
    assert of(line) == of(line, later)
    assert of(limited) != of(limited, later)
