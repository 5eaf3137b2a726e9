"""Cells to columns: what they look like, what they are said to be, and which one is wrong."""

# ruff: noqa: DTZ001 -- the times that columns hold name no zone
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.data.infer import CellError, make_column
from renderer.data.table import Column
from renderer.spec import LIMITS
from renderer.spec.source import ColumnKind


def column(cells: list[Any], kind: ColumnKind | None = None, *, is_text: bool = False, zone: str = "UTC") -> Column:
    return make_column("a", cells, kind=kind, is_text=is_text, zone=zone, limits=LIMITS)


def listed(found: Column) -> list[Any]:
    """The values, with None for missing ones."""
    return [None if missing else value for value, missing in zip(found.values.tolist(), found.missing, strict=True)]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2.5, None], "number", [1.0, 2.5, None]),
        ([None, None], "number", [None, None]),
        ([0, -0.0, 5e-324, 1e300, -1e300, 2**63], "number", [0.0, 0.0, 5e-324, 1e300, -1e300, float(2**63)]),
        (["a", None, "", "b"], "category", ["a", None, None, "b"]),
        ([True, False, None], "category", ["true", "false", None]),
        (["1", "2"], "category", ["1", "2"]),
        ([1, "a", 2.0, 2.5, True], "category", ["1", "a", "2", "2.5", "true"]),
        (["cafe\u0301", "caf\u00e9"], "category", ["café", "café"]),
        (["two\nlines", "a\ttab"], "category", ["two lines", "a tab"]),
        (["2024-01-31", None], "time", [datetime(2024, 1, 31), None]),
        (["2024-01-31 12:30", "2024-01-31"], "time", [datetime(2024, 1, 31, 12, 30), datetime(2024, 1, 31)]),
        (["2024-01-31T12:30:00.25Z"], "time", [datetime(2024, 1, 31, 12, 30, 0, 250_000)]),
        (
            ["2024-01-31T12:30:00+02:00", "2024-01-31T00:00Z"],
            "time",
            [datetime(2024, 1, 31, 10, 30), datetime(2024, 1, 31)],
        ),
        (["2024-01-31", "later"], "category", ["2024-01-31", "later"]),
        (["20240131"], "category", ["20240131"]),
    ],
)
def test_what_cells_look_like(cells: list[Any], kind: str, values: list[Any]) -> None:
    found = column(cells)
    assert found.type == kind
    assert listed(found) == values


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", " 2.5 ", "-3e2", "NA", ""], "number", [1.0, 2.5, -300.0, None, None]),
        (["01234", "56789"], "category", ["01234", "56789"]),
        (["0.5", "0"], "number", [0.5, 0.0]),
        (["1_000", "2"], "category", ["1_000", "2"]),
        (["nan", "inf"], "category", [None, "inf"]),
        (["1", "x"], "category", ["1", "x"]),
        (["2024-01-31", "NA"], "time", [datetime(2024, 1, 31), None]),
        (["", "NA"], "number", [None, None]),
    ],
)
def test_what_cells_of_text_look_like(cells: list[str], kind: str, values: list[Any]) -> None:
    found = column(cells, is_text=True)
    assert found.type == kind
    assert listed(found) == values


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", 2, None], "number", [1.0, 2.0, None]),
        ([1, 2.0, 2.5], "category", ["1", "2", "2.5"]),
        ([2024, None], "time", [datetime(2024, 1, 1), None]),
        (["2024", "2024-05"], "time", [datetime(2024, 1, 1), datetime(2024, 5, 1)]),
        (["2024-01-31"], "category", ["2024-01-31"]),
    ],
)
def test_what_cells_are_said_to_be(cells: list[Any], kind: ColumnKind, values: list[Any]) -> None:
    assert listed(column(cells, kind)) == values


@pytest.mark.parametrize(
    ("cells", "kind", "row", "message"),
    [
        ([1, 1.1e300], None, 1, "must be between -1e+300 and 1e+300"),
        ([1, 10**400], None, 1, "must be between -1e+300 and 1e+300"),
        ([1, float("inf")], None, 1, "must be between -1e+300 and 1e+300"),
        ([1, [2]], None, 1, "must be a number, a text, true, false or null, not a list"),
        (["a", "b", {}], None, 2, "must be a number, a text, true, false or null, not an object"),
        (["1", "two"], "number", 1, "'two' is not a number"),
        (["1", "1e999"], "number", 1, "must be between -1e+300 and 1e+300"),
        ([True], "time", 0, "true is not a date such as '2026-01-31' or '2026-01-31T12:00:00Z'"),
        (["2026-01-31", "2026-02-30"], None, 1, "'2026-02-30' is not a date that exists, in the years 100 to 9900"),
        (["2026-01-31T24:00"], None, 0, "'2026-01-31T24:00' is not a date that exists, in the years 100 to 9900"),
        (
            ["2016-12-31T23:59:60Z"],
            None,
            0,
            "'2016-12-31T23:59:60Z' is not a date that exists, in the years 100 to 9900",
        ),
        (["0001-01-01"], None, 0, "'0001-01-01' is not a date that exists, in the years 100 to 9900"),
        (["9999-12-31"], None, 0, "'9999-12-31' is not a date that exists, in the years 100 to 9900"),
        (["fine", "a\u202eb"], None, 1, "holds the character U+202E, which is not allowed here"),
        (["x" * 201], None, 0, "is longer than 200 characters"),
    ],
)
def test_the_wrong_cell_is_named(cells: list[Any], kind: ColumnKind | None, row: int, message: str) -> None:
    with pytest.raises(CellError) as caught:
        column(cells, kind)
    assert (caught.value.row, caught.value.message) == (row, message)


def test_dates_without_a_zone_are_on_the_clock_of_the_chart() -> None:
    for cells in (["2024-07-01"], ["2024-07-01", None]):  # the fast road and the other
        assert listed(column(cells, zone="Europe/Berlin"))[0] == datetime(2024, 6, 30, 22)
    mixed = column(["2024-07-01T00:00:00Z", "2024-07-01T00:00:00"], zone="Europe/Berlin")
    assert listed(mixed) == [datetime(2024, 7, 1), datetime(2024, 6, 30, 22)]


moments = st.datetimes(datetime(100, 1, 2), datetime(9900, 12, 30))
layouts = st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@given(st.lists(moments, min_size=1, max_size=20), layouts)
def test_the_fast_road_reads_what_the_standard_library_reads(times: list[datetime], layout: str) -> None:
    texts = [f"{time.year:04d}{time.strftime(layout)[len(str(time.year)) :].lstrip('0')}" for time in times]
    texts = [time.strftime(layout.replace("%Y", f"{time.year:04d}")) for time in times]
    expected = [datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC) for text in texts]
    assert [value.replace(tzinfo=UTC) for value in listed(column(texts))] == expected


@given(st.lists(st.none() | st.floats(-1e300, 1e300) | st.integers(-(10**19), 10**19), max_size=20))
def test_numbers_stay_in_their_rows(cells: list[Any]) -> None:
    found = column(cells)
    assert listed(found) == [None if cell is None else float(cell) for cell in cells]


@given(st.lists(st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(), max_size=10))
def test_any_cells_are_a_column_of_their_length_or_a_cell_error(cells: list[Any]) -> None:
    try:
        found = column(cells)
    except CellError as error:
        assert 0 <= error.row < len(cells)  # noqa: PT017 -- both outcomes are right; this holds in one of them
        return
    assert len(found) == len(cells)
    if found.type == "category":
        assert all(value is None or isinstance(value, str) for value in found.values)
    elif found.type == "number":
        assert not np.isinf(found.values).any()
