"""Sources to tables: four shapes, one table, and errors at the cell."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.data.load import load_source
from renderer.spec import SpecError
from renderer.spec.limits import Limits
from renderer.spec.source import Source

VALUES = [{"city": "Oslo", "rain": 3}, {"city": "Rome", "rain": None}]
SAME = [
    {"values": VALUES},
    {"values": [{"city": "Oslo", "rain": 3}, {"city": "Rome"}]},
    {"columns": {"city": ["Oslo", "Rome"], "rain": [3, None]}},
    {"rows": [["Oslo", 3], ["Rome", None]], "header": ["city", "rain"]},
    {"csv": "city,rain\nOslo,3\nRome,\n"},
    {"csv": "\ufeffcity;rain\r\nOslo;3\r\n\r\nRome;NA\r\n"},
    {"csv": 'city\train\n"Oslo"\t3\nRome\tnull'},
]


@pytest.mark.parametrize("source", SAME)
def test_all_shapes_give_the_same_table(source: dict[str, Any]) -> None:
    table = load_source(Source.model_validate(source), "/data")
    assert table.names == ("city", "rain")
    assert len(table) == 2
    assert table.column("city").values.tolist() == ["Oslo", "Rome"]
    assert table.column("rain").values[0] == 3
    assert table.column("rain").missing.tolist() == [False, True]


@pytest.mark.parametrize(
    ("source", "pointer", "message"),
    [
        ({"values": []}, "/data", "there are no rows"),
        ({"columns": {}}, "/data", "there are no rows"),
        ({"columns": {"a": []}}, "/data", "there are no rows"),
        ({"csv": "a,b\n"}, "/data", "there are no rows"),
        ({"csv": "\n\n"}, "/data/csv", "is empty: the first line names the columns"),
        ({"values": [{"a": 1}, 5]}, "/data/values/1", "must be an object, not 5"),
        (
            {"columns": {"a": [1, 2], "b": [1]}},
            "/data/columns",
            "all columns must have the same length, but 'a' has 2 rows and 'b' has 1",
        ),
        ({"columns": {"a": 5}}, "/data/columns/a", "must be a list, not 5"),
        ({"rows": [[1, 2], [3]], "header": ["a", "b"]}, "/data/rows/1", "has 1 cell where the header has 2"),
        ({"rows": [5], "header": ["a"]}, "/data/rows/0", "must be a list, not 5"),
        ({"csv": "a,b\n1,2\n\n1,2,3\n"}, "/data/csv", "line 4 has 3 cells where the header has 2"),
        ({"csv": "a,a\n1,2\n"}, "/data/csv", "the header names 'a' twice"),
        ({"csv": 'a,b\n"1,2\n'}, "/data/csv", "line 2: unexpected end of data"),
        ({"csv": "a,\n1,2\n"}, "/data/csv", "a column has no name"),
        ({"columns": {"a": [1]}, "types": {"b": "number"}}, "/data/types/b", "no column 'b'"),
        (
            {"columns": {"a\u202e": [1]}},
            "/data/columns",
            "the column name 'a\\u202e' holds the character U+202E, which is not allowed here",
        ),
        (
            {"columns": {f"c{n}": [1] for n in range(1001)}},
            "/data/columns",
            "has 1,001 columns; at most 1,000 are allowed",
        ),
    ],
)
def test_what_is_no_table_says_why(source: dict[str, Any], pointer: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_source(Source.model_validate(source), "/data")
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.message) == (pointer, message)


@pytest.mark.parametrize(
    ("source", "pointer", "start"),
    [
        ({"values": [{"a": 1}, {"a": []}]}, "/data/values/1/a", "must be a number"),
        ({"columns": {"a": [1, []]}}, "/data/columns/a/1", "must be a number"),
        ({"rows": [[0, 1], [0, []]], "header": ["b", "a"]}, "/data/rows/1/1", "must be a number"),
        ({"csv": "a,b\n2026-01-31,x\n\n2026-02-30,y\n"}, "/data/csv", "line 4, column 'a': '2026-02-30' is not a date"),
    ],
)
def test_a_cell_is_named_where_it_stands(source: dict[str, Any], pointer: str, start: str) -> None:
    table = load_source(Source.model_validate(source), "/data")
    with pytest.raises(SpecError) as caught:
        table.column("a")
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert problem.message.startswith(start)


def test_a_column_that_nobody_asks_for_is_not_read() -> None:
    table = load_source(Source.model_validate({"values": [{"a": 1, "notes": {"deep": []}}]}), "/data")
    assert table.column("a").values.tolist() == [1.0]


def test_types_win_over_the_look() -> None:
    source = Source.model_validate({"columns": {"zip": [1234, 567]}, "types": {"zip": "category"}})
    table = load_source(source, "/data")
    assert table.column("zip").values.tolist() == ["1234", "567"]
    assert table.column("zip", "number").type == "number"


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ({"columns": {"a": [1] * 6, "b": [1] * 6}}, "/data/columns"),
        ({"values": [{"a": 1, "b": 1}] * 6}, "/data/values"),
        ({"rows": [[1, 1]] * 6, "header": ["a", "b"]}, "/data/rows"),
        ({"csv": "a,b\n" + "1,1\n" * 6}, "/data/csv"),
    ],
)
def test_the_limit_of_values_counts_rows_times_columns(source: dict[str, Any], at: str) -> None:
    load_source(Source.model_validate(source), "/data", limits=Limits(values=12))
    with pytest.raises(SpecError, match="at most 11 are allowed") as caught:
        load_source(Source.model_validate(source), "/data", limits=Limits(values=11))
    assert caught.value.problems[0].pointer == at


def test_a_field_of_csv_that_never_ends_is_refused() -> None:
    with pytest.raises(SpecError, match="field larger than field limit"):
        load_source(Source.model_validate({"csv": 'a\n"' + "x" * 200_000}), "/data")
