"""Python's values and tables to columns: what functions return and databases answer."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import itertools
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from renderer.data.infer import CellError
from renderer.data.shapes import ShapeError, supply_of
from renderer.data.values import column_of
from renderer.spec.limits import Limits

NOON = dt.datetime(2026, 1, 31, 12)  # noqa: DTZ001 - it has none
BERLIN = dt.timezone(dt.timedelta(hours=2))


class Size(enum.Enum):
    SMALL = "small"


class Level(enum.IntEnum):
    LOW = 1


class Word(str):
    __slots__ = ()


def NAType() -> Any:  # the name that pandas gives it
    return type("NAType", (), {"__bool__": lambda self: 1 / 0})()


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2.5, None], "number", [1, 2.5, None]),
        ([Decimal("1.5"), None, Decimal("NaN")], "number", [1.5, None, None]),
        ([float("nan"), 1.0], "number", [None, 1]),
        ([np.int64(3), np.float32(0.5)], "number", [3, 0.5]),
        ([Level.LOW, Level.LOW], "number", [1, 1]),
        ([dt.timedelta(minutes=1)], "number", [60]),
        (["a", None, Word("b")], "category", ["a", None, "b"]),
        ([True, False, None], "category", ["true", "false", None]),
        ([Size.SMALL, None], "category", ["small", None]),
        ([uuid.UUID(int=0)], "category", [str(uuid.UUID(int=0))]),
        ([ipaddress.ip_address("10.0.0.1")], "category", ["10.0.0.1"]),
        ([dt.time(9, 30), dt.time(9, 30, 5)], "category", ["09:30", "09:30:05"]),
        ([NAType(), 1], "number", [None, 1]),
    ],
)
def test_cells_become_what_they_mean(cells: list[Any], kind: str, values: list[Any]) -> None:
    column = column_of("x", cells)
    found = [None if missing else value for missing, value in zip(column.missing, column.values, strict=True)]
    assert (column.type, found, column.clock) == (kind, values, False)


@pytest.mark.parametrize(
    ("cells", "first", "clock"),
    [
        ([dt.date(2026, 1, 31), None], "2026-01-31T00:00", True),
        ([NOON, None], "2026-01-31T12:00", True),
        ([dt.datetime(2026, 1, 31, 12, tzinfo=BERLIN), None], "2026-01-31T10:00", False),
        (["2026-01-31", None], "2026-01-31T00:00", True),
        (["2026-01-31T12:00:00Z"], "2026-01-31T12:00", False),
        (["2026-01-31 12:00+02:00"], "2026-01-31T10:00", False),
        ([np.datetime64("2026-01-31T12:00:00", "ns")], "2026-01-31T12:00", True),
        (np.array(["2026-01-31T12", "NaT"], dtype="datetime64[ns]"), "2026-01-31T12:00", True),
    ],
)
def test_times_without_a_zone_are_what_the_charts_clock_shows(cells: Any, first: str, clock: bool) -> None:
    column = column_of("x", cells)
    assert (column.type, column.clock) == ("time", clock)
    assert column.values[0] == np.datetime64(first)
    assert list(column.missing[1:]) == [True] * (len(cells) - 1)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([b"x"], "holds bytes"),
        ([memoryview(b"x")], "holds bytes"),
        ([[1]], "lists or objects"),
        ([{"a": 1}], "lists or objects"),
        ([object()], "values of the type object"),
        ([1j], "values of the type complex"),
        ([dt.date(2026, 1, 1), "x"], "times and other values"),
        ([NOON, NOON.replace(tzinfo=dt.UTC)], "with a zone and times without"),
        ([dt.date(1, 1, 1)], "outside of the years"),
        ([10**400], "must be between"),
        ([float("inf")], "must be between"),
        (["a\x00"], "U+0000"),
        (["\ud800"], "U+D800"),
    ],
)
def test_what_no_chart_can_show_is_refused(cells: list[Any], message: str) -> None:
    with pytest.raises(CellError) as caught:
        column_of("x", cells)
    assert message in str(caught.value)


class Frame:
    """What pandas and polars have in common."""

    def __init__(self, columns: dict[Any, list[Any]]) -> None:
        self._columns = columns
        self.columns = list(columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: Any) -> Any:
        series = type("Series", (), {"to_list": lambda _: self._columns[name]})
        return series()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.columns)


def rows() -> Iterator[dict[str, Any]]:
    yield {"day": "2026-01-01", "sold": 3}
    yield {"day": "2026-01-02", "sold": 5}


SHAPES: dict[str, Callable[[], Any]] = {
    "list of dicts": lambda: list(rows()),
    "generator": rows,
    "dict of lists": lambda: {"day": ["2026-01-01", "2026-01-02"], "sold": (3, 5)},
    "dict of arrays": lambda: {"day": np.array(["2026-01-01", "2026-01-02"], "M8[D]"), "sold": np.array([3, 5])},
    "names and rows": lambda: (["day", "sold"], [["2026-01-01", 3], ("2026-01-02", 5)]),
    "names and an iterator": lambda: (("day", "sold"), iter([("2026-01-01", 3), ("2026-01-02", 5)])),
    "frame": lambda: Frame({"day": ["2026-01-01", "2026-01-02"], "sold": [3, 5]}),
    "arrow": lambda: pa.table({"day": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)], "sold": [3, 5]}),
    "arrow of nanoseconds": lambda: pa.table(
        {"day": pa.array([1767225600 * 10**9 + 1, 1767312000 * 10**9], pa.timestamp("ns")), "sold": [3, 5]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_table_is_one(shape: str) -> None:
    supply = supply_of(SHAPES[shape]())
    assert (list(supply.columns), supply.length) == (["day", "sold"], 2)
    day, sold = supply.columns["day"](), supply.columns["sold"]()
    assert (day.type, list(sold.values)) == ("time", [3, 5])
    assert list(day.values) == [np.datetime64("2026-01-01"), np.datetime64("2026-01-02")]


def test_rows_may_leave_columns_out() -> None:
    supply = supply_of([{"a": 1}, {"b": 2}, {}])
    assert [list(supply.columns[name]().missing) for name in "ab"] == [[False, True, True], [True, False, True]]


def test_equal_rows_have_equal_versions() -> None:
    assert supply_of(rows()).version == supply_of(list(rows())).version == supply_of(SHAPES["dict of lists"]()).version
    assert supply_of(rows()).version != supply_of([*rows(), {"day": "2026-01-03"}]).version
    assert supply_of({"a": [1]}).version != supply_of({"a": [1.0]}).version


SMALL = Limits(values=1000, columns=5)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "returned nothing; return a list of dicts"),
        (3, "a value of the type int"),
        ("a,b\n1,2", "a value of the type str"),
        ([1, 2], "a value of the type int as row 1"),
        ([{"a": 1}, ("b",)], "a value of the type tuple as row 2"),
        ({"a": 1}, "'a' is no list"),
        ({"a": [1], "b": []}, "different lengths: 'a' has 1 rows, 'b' has 0"),
        ((["a", "a"], []), "two columns of the same name"),
        ((["a"], [[1, 2]]), "row 1 has other cells"),
        ((["a"], [{"a": 1}]), "a row that is a value of the type dict: row 1"),
        ((["a"], 3), "which is no list of rows"),
        ([{1: 2}], "a column whose name is 1"),
        ([{"": 2}], "a column whose name is empty"),
        ([{"a\0": 2}], "U+0000"),
        ({f"c{n}": [] for n in range(6)}, "more than 5 columns"),
        ([{f"c{n}": 1 for n in range(6)}], "more than 5 columns"),
        ({"a": range(2000)}, "more than 1,000 values"),
        (({"a": n} for n in itertools.count()), "more than 1,000 values"),
        ((["a"], ([n] for n in itertools.count())), "more than 1,000 values"),
        ((["a"], [itertools.count()]), "row 1 has other cells"),
        (itertools.repeat({}), "more than 1,000 values"),
    ],
)
def test_what_is_no_table_is_said(returned: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        supply_of(returned, limits=SMALL)
    assert message in str(caught.value)
