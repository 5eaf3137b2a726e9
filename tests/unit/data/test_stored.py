"""Stored tables: the same charts as of rows that stand in the document, and what is asked of their files."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.data.resolve import load
from renderer.data.selects import SelectError, select, tables_of
from renderer.data.stored import stored
from renderer.data.supply import SourceAway, Supply
from renderer.data.table import Column
from renderer.data.thin import thin
from renderer.data.uploads.read import read
from renderer.spec import LIMITS, SpecError, parse
from renderer.spec.source import Source

CSV = "day,at,city,sold\n" + "".join(
    f"2026-{1 + n // 28:02}-{1 + n % 28:02},2026-{1 + n // 28:02}-{1 + n % 28:02}T{n % 24:02}:30:00Z,"
    f"{['Bern', 'Ulm', 'Rome'][n % 3]},{n * 7 % 31 if n % 5 else ''}\n"
    for n in range(300)
)


class Shelf:
    """A supplier of one file."""

    def __init__(self, supply: Supply) -> None:
        self.supplied = supply

    def supply(self, source: Source, at: str) -> Supply:
        return self.supplied


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[[str], Shelf]:
    def put(text: str, **options: Any) -> Shelf:
        source, target = tmp_path / "upload", tmp_path / "table.parquet"
        source.write_text(text)
        found = read(source, target, tmp_path, **options)
        now = datetime.now(UTC)
        return Shelf(stored(target, found.columns, rows=found.rows, version=found.sha256, as_of=now))

    return put


STEPS: list[list[dict[str, Any]]] = [
    [],
    [{"filter": "sold > 10 and city in ['Bern', 'Rome']"}],
    [{"truncate": {"week": "day"}, "unit": "week"}, {"aggregate": {"sold": "sum(sold)"}, "by": ["week", "city"]}],
    [{"truncate": {"hour": "at"}, "unit": "hour"}, {"aggregate": {"sold": "max(sold)"}, "by": ["hour"]}],
    [{"derive": {"late": "day > '2026-03-29'"}}, {"filter": "late"}],
    [{"sort": ["-sold"]}, {"top": 7}],
    [{"aggregate": {"n": "count()", "first": "min(day)", "sold": "last(sold)"}, "by": ["city"]}],
]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_a_file_draws_as_the_same_rows_in_the_document(shelf: Any, steps: list[dict[str, Any]], zone: str) -> None:
    columns = {"x": "city", "y": "sum(sold)"} if not steps or "aggregate" not in steps[-1] else {}
    if not columns:
        names = {*steps[-1]["by"], *steps[-1]["aggregate"]}
        columns = {"x": next(iter(steps[-1]["by"])), "y": "sum(sold)" if "sold" in names else "sum(n)"}
    spec = {"kind": "bar", "timezone": zone, "transform": steps, **columns}

    inline = load(parse(spec | {"data": {"csv": CSV}}))
    from_file = load(parse(spec | {"data": {"dataset": "sales"}}), supplier=shelf(CSV))

    for name in ("x", "y"):
        one, other = (loaded.panels[0].layers[0].table[name] for loaded in (inline, from_file))
        assert one.type == other.type
        np.testing.assert_array_equal(one.values, other.values)


def test_only_what_is_asked_for_is_loaded(shelf: Any) -> None:
    found = shelf(CSV)
    asked: list[str] = []
    made: dict[str, Callable[[], Column]] = dict(found.supplied.columns)

    def noted(name: str) -> Callable[[], Column]:
        def make() -> Column:
            asked.append(name)
            return made[name]()

        return make

    found.supplied = replace(found.supplied, columns={name: noted(name) for name in made})
    steps = [{"filter": "sold > 10"}, {"aggregate": {"sold": "sum(sold)"}, "by": ["city"]}]

    load(parse({"kind": "bar", "data": {"dataset": "s"}, "x": "city", "y": "sum(sold)"}), supplier=found)
    assert sorted(asked) == ["city", "sold"]
    asked.clear()
    spec = {"kind": "bar", "data": {"dataset": "s"}, "transform": steps, "x": "city", "y": "sold"}
    load(parse(spec), supplier=found)
    assert asked == [], "a transform reads the file itself"
    load(parse(spec | {"data": {"dataset": "s", "types": {"city": "category", "day": "category"}}}), supplier=found)
    assert asked == []


def test_a_dataset_too_long_to_be_drawn_as_it_is_says_so(shelf: Any) -> None:
    limits = replace(LIMITS, loaded_values=500, values=500)
    spec = {"kind": "line", "data": {"dataset": "s"}, "x": "day", "y": "sold"}

    with pytest.raises(SpecError) as error:
        load(parse(spec), supplier=shelf(CSV), limits=limits)
    assert str(error.value.problems[0]).startswith("/data: has 300 rows, and 2 columns")
    with pytest.raises(SpecError) as error:
        load(parse(spec | {"transform": [{"sort": ["day"]}]}), supplier=shelf(CSV), limits=limits)
    assert "leave 300 x 2 values; at most 500 are allowed" in str(error.value)


def test_a_file_that_goes_while_it_is_read_is_a_source_that_is_away(shelf: Any) -> None:
    found = shelf(CSV)
    path: Path = found.supplied.parquet
    path.unlink()
    spec = {"kind": "bar", "data": {"dataset": "s"}, "x": "city", "y": "sum(sold)"}

    for steps in ([], [{"filter": "sold > 3"}]):
        with pytest.raises(SourceAway, match="was replaced or deleted while it was read"):
            load(parse(spec | {"transform": steps}), supplier=found)


# --- Free SQL ---


@pytest.fixture
def tables(shelf: Any) -> dict[str, Path]:
    return {"sales": shelf(CSV).supplied.parquet}


def test_a_query_over_files(tables: dict[str, Path]) -> None:
    columns = select(
        "with big as (select * from sales where sold > 3) "
        'select city, sum(sold)::decimal(9,2) as total, count(*) > 3 as many, min(day) as day, max("at") as last, '
        "current_date - current_date as nil from big, range(1) group by city order by total desc;",
        tables,
        "/data/query",
    )

    assert {name: column.type for name, column in columns.items()} == {
        "city": "category", "total": "number", "many": "category", "day": "time", "last": "time", "nil": "number",
    }  # fmt: skip
    totals = columns["total"].values.tolist()
    assert totals == sorted(totals, reverse=True)
    assert set(columns["many"].values) == {"true"}
    assert {name for name, column in columns.items() if column.clock} == {"day"}


def test_the_names_that_a_query_reads() -> None:
    assert tables_of("select 1") == ()
    assert set(tables_of('select * from a join "b" using (x) where y in (select z from C)')) == {"a", "b", "c"}
    assert tables_of("with a as (select * from b) select * from a, unnest([1])") == ("b",)
    assert tables_of("from b") == ("b",)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("drop table sales", "must be one SELECT"),
        ("copy sales to 'x.csv'", "must be one SELECT"),
        ("attach 'x.db'", "must be one SELECT"),
        ("set threads = 4", "must be one SELECT"),
        ("install httpfs", "must be one SELECT"),
        ("pragma database_list", "must be one SELECT"),
        ("select 1; select 2", "must be one SELECT"),
        ("describe sales", "must be one SELECT"),
        ("show tables", "must be one SELECT"),
        ("", "must be one SELECT"),
        ("select (", "syntax error"),
        ("select * from read_text('/etc/passwd')", "read_text cannot stand in FROM"),
        ("select * from read_parquet('x')", "read_parquet cannot stand in FROM"),
        ("select * from glob('/*')", "glob cannot stand in FROM"),
        ("select * from duckdb_settings()", "duckdb_settings cannot stand in FROM"),
        ("select * from query('select 1')", "query cannot stand in FROM"),
        ("select (select max(content) from read_text('/etc/passwd'))", "read_text cannot stand in FROM"),
        ("select current_setting('allowed_paths')", "there is no function 'current_setting' here"),
        ("select * from information_schema.tables", "is named without a schema"),
        ("with duckdb_views as (select 1) select * from duckdb_views", "cannot be called 'duckdb_views'"),
        ("select " + "(" * 3000 + "1" + ")" * 3000, ""),
    ],
)
def test_what_no_query_may_do(query: str, said: str) -> None:
    with pytest.raises(SelectError) as error:
        tables_of(query)
    assert said in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select cty from sales", "cty"),
        ("select city, city from sales", "two columns of the result are called 'city'"),
        ("select [1] as l", "column 'l' of the result is INTEGER[]; cast it"),
        ("select city::integer as n from sales", "Could not convert string 'Bern' to INT32"),
        ("select * from 'sales.parquet'", ""),
        ("select * from '/etc/passwd'", ""),
        ("select $v1", ""),
        ("select range n from range(3000000)", "gives more than 2,000,000 rows of 1 columns"),
        ("select repeat('x', 300) as t", "column 't' holds a text that is longer than 200"),
        ("select count(*) n from range(100000) a, range(100000) b, range(1000) c", "takes more than 0.3 seconds"),
        ("select list(range) l from range(100000000)", ""),
    ],
)
def test_what_is_wrong_with_a_query_stands_at_the_query(tables: dict[str, Path], query: str, said: str) -> None:
    limits = replace(LIMITS, transform_seconds=0.3, transform_bytes=64 << 20)
    if "seconds" not in said:
        limits = replace(limits, transform_seconds=20)
    with pytest.raises(SpecError) as error:
        select(query, tables, "/data/query", limits=limits)
    [problem] = error.value.problems
    assert problem.pointer == "/data/query"
    assert said in problem.message
    assert str(next(iter(tables.values())).parent) not in problem.message, "no paths of ours"


# --- Thinning ---


def test_thinned_lines_keep_what_a_picture_shows() -> None:
    dice = np.random.default_rng(5)
    x = np.sort(dice.uniform(0, 1, 400_000))
    y = np.cumsum(dice.normal(size=len(x)))
    y[123_456], y[234_567] = 1e6, -1e6
    y[300_000:300_050] = np.nan

    kept = thin(x, y, [])
    assert kept is not None
    assert len(kept) < 130_000
    assert {0, len(x) - 1, 123_456, 234_567} <= set(kept.tolist())
    assert np.isnan(y[kept]).any(), "a gap stays one"
    column = (x * 1600).astype(int)
    pixel_high = np.ptp(np.nanpercentile(y, [1, 99])) / 50
    for pixel in range(0, 1600, 37):
        there, drawn = y[column == pixel], y[kept][column[kept] == pixel]
        assert np.nanmax(drawn) == pytest.approx(np.nanmax(there), abs=pixel_high)
        assert np.nanmin(drawn) == pytest.approx(np.nanmin(there), abs=pixel_high)


def test_lines_of_their_own_and_in_no_order_are_thinned_each() -> None:
    dice = np.random.default_rng(6)
    x = dice.permutation(500_000).astype(float)
    codes = dice.integers(-1, 3, len(x))
    y = np.where(codes == 1, 5.0, np.sin(x))

    kept = thin(x, y, [codes])
    assert kept is not None
    assert len(set(kept.tolist())) == len(kept) < 300_000
    for code in (-1, 0, 1, 2):
        of = np.flatnonzero(codes == code)
        assert {of[x[of].argmin()], of[x[of].argmax()]} <= set(kept.tolist())
    assert thin(x, y, [np.arange(len(x))]) is None, "so many lines are not thinned"


def test_a_long_line_is_thinned_before_it_is_drawn_and_says_so() -> None:
    n = 1000
    text = io.StringIO()
    text.write("x,y\n")
    text.writelines(f"{i},{i % 7}\n" for i in range(n))
    spec = {"kind": "line", "data": {"csv": text.getvalue()}, "x": "x", "y": "y"}

    layer = load(parse(spec), limits=replace(LIMITS, drawn_rows=10)).panels[0].layers[0]

    assert (layer.thinned, len(layer.table)) == (0, n), "fewer rows than stretches are all kept"
