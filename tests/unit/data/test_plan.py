"""Transforms of whole charts: where their rows come from, their limits, and errors at the step that is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.data import engine
from renderer.data.resolve import Resolved, load
from renderer.drawing.draw import draw
from renderer.drawing.encode import Metadata, encode
from renderer.spec import LIMITS, SpecError, parse

Layer = Callable[..., Resolved]
Problems = Callable[..., dict[str, str]]
Rows = Callable[..., dict[str, list[Any]]]
STOCKS = (Path(__file__).parents[3] / "examples" / "data" / "stocks.csv").read_text(encoding="utf-8")
PLAIN: dict[str, Any] = {"kind": "bar", "x": "quarter", "y": "sum(revenue)"}


def values(layer: Resolved, channel: str) -> list[Any]:
    return list(layer.table[channel].values.tolist())


def test_channels_see_the_columns_that_steps_made(layer: Layer) -> None:
    found = layer(kind="bar", x="quarter", y="mean(margin)", transform=[{"derive": {"margin": "revenue - cost"}}])
    assert values(found, "y") == [8.5, 1.5, -1.0]
    assert found.titles["y"] == "Mean margin"


def test_a_column_may_take_the_name_of_a_shorthand(layer: Layer) -> None:
    steps = [{"aggregate": {"sum(revenue)": "sum(revenue)"}, "by": "quarter"}]
    assert values(layer(**PLAIN, transform=steps), "y") == [30, 12, 1]


def test_a_column_may_be_read_as_another_type(layer: Layer) -> None:
    steps = [{"derive": {"year": "year(day)", "words": "to_text(revenue)"}}]
    found = layer(kind="bar", x={"field": "year", "type": "category"}, y="sum(revenue)", transform=steps)
    assert values(found, "x") == ["2024"]
    found = layer(
        kind="line", x={"field": "year", "type": "time"}, y={"field": "words", "type": "number"}, transform=steps
    )
    assert sorted(values(found, "y")) == [1, 5, 7, 10, 20]


def test_layers_add_their_steps_to_those_of_the_chart() -> None:
    data = {"columns": {"a": ["x", "y", "z"], "b": [1, 2, 3]}}
    own = {"columns": {"a": ["x", "y"], "b": [10, 20]}}
    bar = {"kind": "bar", "x": "a", "y": "b"}
    chart = parse({
        "data": data,
        "transform": [{"filter": "b > 1"}],
        "layers": [bar, bar | {"transform": [{"derive": {"b": "b * 10"}}]},
                   bar | {"data": own, "transform": [{"filter": "b > 10"}]}],
    })  # fmt: skip
    (panel,) = load(chart).panels
    assert [values(found, "y") for found in panel.layers] == [[2, 3], [20, 30], [20]]


def test_layers_share_what_is_the_same_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    run = engine.Engine.run

    def counted(self: engine.Engine, query: str, *rest: Any) -> Any:
        ran.append(query)
        return run(self, query, *rest)

    monkeypatch.setattr(engine.Engine, "run", counted)
    line = {"kind": "line", "x": "date", "y": "ma"}
    load(parse({
        "data": {"csv": STOCKS},
        "transform": [{"filter": "symbol == 'IBM'"},
                      {"window": {"ma": "mean(price)"}, "order": "date", "frame": [-5, 0]},
                      {"derive": {"near": "round(price, -1)"}}, {"sort": "near"}],
        "layers": [line, line | {"y": "price"}],
    }))  # fmt: skip
    assert len(ran) == 1


def test_the_names_and_values_of_authors_never_reach_the_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    run = engine.Engine.run

    def seen(self: engine.Engine, query: str, *rest: Any) -> Any:
        ran.append(query)
        return run(self, query, *rest)

    monkeypatch.setattr(engine.Engine, "run", seen)
    evil = "x\"'; DROP TABLE source; -- $v1 `"
    chart = parse({
        "kind": "bar", "x": evil, "y": "n", "data": {"columns": {evil: ["a", evil, evil], "revenue": [1, 2, 3]}},
        "params": {"p": evil},
        "transform": [
            {"filter": f"`{evil.replace('`', '``')}` == $p or contains(`{evil.replace('`', '``')}`, 'SECRET')"},
            {"aggregate": {"n": "count()", "SECRET": "sum(revenue)"}, "by": [evil]},
            {"fill": {evil: "SECRET", "SECRET": 0}},
            {"top": {evil: 1}, "by": "-sum(SECRET)", "other": "SECRET"},
            {"unpivot": ["SECRET", "n"], "into": ["SECRET 2", "SECRET 3"]},
            {"pivot": "SECRET 2", "value": "sum(SECRET 3)", "by": evil},
            {"window": {"SECRET 4": "lag(n)"}, "order": ["-n"], "by": [evil]},
            {"downsample": 10, "order": "n", "of": "SECRET"},
        ],
    })  # fmt: skip
    (panel,) = load(chart).panels
    assert values(panel.layers[0], "x") == [" ".join(evil.split())]
    assert values(panel.layers[0], "y") == [2]
    for query in ran:
        assert "DROP" not in query
        assert "SECRET" not in query


@pytest.mark.parametrize(
    ("steps", "at", "message"),
    [
        ([{"filter": "revnue > 1"}], "/0/filter", "no column 'revnue' at character 1; did you mean 'revenue'?"),
        ([{"filter": "zzz > 1"}], "/0/filter",
         "no column 'zzz' at character 1; the columns are 'quarter', 'region', 'revenue', 'day', 'cost'"),
        ([{"filter": "region > 1"}], "/0/filter",
         ("a text and a number cannot be compared: column 'region' holds text ('EU' in row 1), at character 10;"
         " a text stands in quotes: '1'")),
        ([{"filter": "revenue == '1'"}], "/0/filter",
         ("a number and a text cannot be compared: column 'revenue' holds numbers, at character 12;"
         " a number stands without quotes: 1")),
        ([{"filter": "revenue"}], "/0/filter",
         ("a condition is needed, and column 'revenue' holds numbers, at character 1; compare it with something, as in"
         " 'price > 10'")),
        ([{"filter": 'region == "EU"'}], "/0/filter",
         "no column 'EU' at character 11; a text stands in single quotes: 'EU'"),
        ([{"filter": "day > '2026-31-01'"}], "/0/filter",
         "'2026-31-01' is no date such as '2026-01-31' or '2026-01-31T12:00' at character 7"),
        ([{"filter": "day + 1 > now()"}], "/0/filter",
         "'+' takes numbers, and column 'day' holds dates, at character 5; write date_add('day', 7, when)"),
        ([{"filter": "revenue > $x"}], "/0/filter",
         'no parameter \'$x\' at character 11; give it in "params": {"x": ...}'),
        ([{"derive": {"x": "upper(revenue)"}}], "/0/derive/x",
         "a text is needed, and column 'revenue' holds numbers, at character 7; write to_text(...) around it"),
        ([{"derive": {"x": "if(revenue > 1, 'a', 2)"}}], "/0/derive/x",
         "a text and a number cannot be mixed, at character 22"),
        ([{"derive": {"x": "revenue + region"}}], "/0/derive/x",
         "'+' takes numbers, and column 'region' holds text ('EU' in row 1), at character 9; write concat(a, b)"),
        ([{"derive": {"x": "region * 2"}}], "/0/derive/x",
         ("a number is needed, and column 'region' holds text ('EU' in row 1), at character 1; if it holds numbers,"
         " write to_number(...) around it")),
        ([{"aggregate": {"x": "sum(region)"}}], "/0/aggregate/x",
         "sum needs numbers, and column 'region' holds text ('EU' in row 1)"),
        ([{"aggregate": {"n": "count()"}, "by": "quater"}], "/0/by", "no column 'quater'; did you mean 'quarter'?"),
        ([{"aggregate": {"n": "count()"}, "by": "month(day)"}], "/0/by",
         'no column \'month(day)\'; cut it before, with {"truncate": "day", "unit": "month"}'),
        ([{"aggregate": {"n": "count()"}, "by": "region"}, {"sort": "revenue"}], "/1/sort",
         "no column 'revenue'; the columns are 'region', 'n'"),
        ([{"bin": "day"}], "/0/bin",
         "bins need numbers, and column 'day' holds dates; for times, use {\"truncate\": ..., \"unit\": ...}"),
        ([{"bin": "revenue", "step": 0.001}], "/0/step", "a step of 0.001 makes more than 500 bins"),
        ([{"truncate": "revenue", "unit": "day"}], "/0/truncate",
         'day needs times, and column \'revenue\' holds numbers; for numbers, use {"bin": ...}'),
        ([{"window": {"r": "rank()"}}], "/0/window/r", "rank needs the window's 'order'"),
        ([{"unpivot": ["revenue", "day"]}], "/0/unpivot",
         "column 'revenue' holds numbers, and column 'day' holds dates: one column cannot hold both"),
        ([{"unpivot": ["revenue", "cost"], "into": ["region", "x"]}], "/0/into", "there is a column 'region' already"),
        ([{"top": {"region": 2}, "by": "sum(revnue)"}], "/0/by", "no column 'revnue'; did you mean 'revenue'?"),
        ([{"top": {"day": 2}, "other": "Rest"}], "/0/other", "'other' is a text, and column 'day' holds dates"),
        ([{"fill": {"revenue": "x"}}], "/0/fill/revenue", "'x' does not fit: column 'revenue' holds numbers"),
        ([{"fill": {"revenue": 0}, "order": "day", "every": "second"}], "/0/every", "makes more than 2,000,000 rows"),
        ([{"fill": {"revenue": 0}, "order": "cost", "every": "day"}], "/0/every",
         "'day' needs times, and column 'cost' holds numbers"),
        ([{"downsample": 10, "order": "day", "of": "region"}], "/0/of",
         "least and greatest values are numbers, and column 'region' holds text ('EU' in row 1)"),
        ([{"sort": "day"}, {"filter": "revenue > 100"}, {"sort": "day"}], "/1/filter", "leaves no rows"),
        ([{"derive": {"x": "concat(region, region)"}}, {"filter": "x == 'EU'"}], "/1/filter", "leaves no rows"),
    ],
)  # fmt: skip
def test_errors_stand_at_the_step_that_is_wrong(
    problems: Problems, steps: list[dict[str, Any]], at: str, message: str
) -> None:
    assert problems(**PLAIN, transform=steps) == {f"/transform{at}": message}


def test_more_than_one_step_may_be_wrong(problems: Problems) -> None:
    steps = [{"sort": "dya"}, {"filter": "revnue > 1"}, {"derive": {"x": "cots"}}, {"sort": "unseen"}]
    assert list(problems(**PLAIN, transform=steps)) == [
        "/transform/0/sort", "/transform/1/filter", "/transform/2/derive/x",
    ]  # fmt: skip


def test_a_channel_that_names_no_column_is_told_those_after_the_steps(problems: Problems) -> None:
    steps = [{"aggregate": {"total": "sum(revenue)"}, "by": ["quarter"]}]
    assert problems(kind="bar", x="quarter", y="revenue", transform=steps) == {
        "/y": "no column 'revenue'; the columns are 'quarter', 'total'"
    }


def test_a_wrong_step_is_said_once_for_all_layers() -> None:
    bar = {"kind": "bar", "x": "a", "y": "b"}
    with pytest.raises(SpecError) as caught:
        load(parse({"data": {"columns": {"a": [1], "b": [1]}}, "transform": [{"sort": "c"}], "layers": [bar, bar]}))
    assert [problem.pointer for problem in caught.value.problems] == ["/transform/0/sort"]


def test_texts_that_are_put_together_obey_the_rules_of_texts(problems: Problems) -> None:
    long = f"concat({', '.join(['region', repr('x' * 99)] * 3)})"
    steps = [{"derive": {"label": long}}]
    assert problems(kind="bar", x="label", y="sum(revenue)", transform=steps) == {
        "/transform/0": "makes a text that is longer than 200 characters"
    }


def test_rows_have_limits() -> None:
    data = {"columns": {"a": list(range(100)), "b": [1] * 100}}
    tight = replace(LIMITS, values=400)

    def fails(*steps: dict[str, Any]) -> dict[str, str]:
        chart = parse({"kind": "bar", "data": data, "x": "a", "y": "b", "transform": list(steps)})
        with pytest.raises(SpecError) as caught:
            load(chart, limits=tight)
        return {problem.pointer: problem.message for problem in caught.value.problems}

    wide = {"derive": {"c": "a", "d": "a"}}
    assert fails(wide, {"unpivot": ["a", "b", "c", "d"]}) == {
        "/transform/1/unpivot": "makes 400 x 2 values; at most 400 are allowed"
    }
    assert fails({"fill": {"b": 0}, "order": "a", "every": 0.1}) == {"/transform/0/every": "makes more than 400 rows"}
    # What looks too much and is not is let through: the rows are counted.
    few = [wide, {"filter": "a < 20"}, {"unpivot": ["c", "d"]}]
    load(parse({"kind": "bar", "data": data, "x": "a", "y": "sum(value)", "transform": few}), limits=tight)


def test_what_takes_too_long_is_said_at_the_transform() -> None:
    numbers = list(range(20_000))
    # Each reads the one before it: of equal ones the engine would compute only the last.
    steps = [{"window": {f"m{n + 1}": f"median(m{n})"}, "order": "a", "frame": [-10_000, 10_000]} for n in range(20)]
    document = {
        "kind": "line", "data": {"columns": {"a": numbers, "m0": numbers}}, "x": "a", "y": "m20", "transform": steps,
    }  # fmt: skip
    with pytest.raises(SpecError) as caught:
        load(parse(document), limits=replace(LIMITS, transform_seconds=0.05))
    (problem,) = caught.value.problems
    assert problem.pointer == "/transform"
    assert problem.message == "takes more than 0.05 seconds; filter or aggregate earlier"


def test_overflow_is_missing_and_not_an_error(rows: Rows) -> None:
    data = {"columns": {"a": [1e300, -1.0, 0.0], "b": ["x", "", "12"]}}
    found = rows(
        [{"derive": {"big": "a * a * a", "root": "sqrt(a)", "log": "ln(a)", "odd": "a ** 0.5", "e": "exp(a)",
                     "part": "a / a", "number": "to_number(b)", "far": "date_add('year', a, '2026-01-01')",
                     "day": "date(a, a, a)", "text": "substr('hello', a)", "sum": "a + a", "r": "round(a, 400)"}},
         {"aggregate": {name: f"max({name})" for name in ("big", "root", "log", "odd", "e", "part", "number", "sum")}}],
        **data,
    )  # fmt: skip
    assert found["big"] == [0]  # of -1 and 0: the first is no number any more
    assert found["number"] == [12]
    assert math.isclose(found["root"][0], 1e150)
    assert found["e"] == [1]
    assert found["sum"] == [2e300]


CHARTS = Path(__file__).parents[3] / "examples" / "specs"


def test_the_same_data_draw_the_same_bytes() -> None:
    document = {
        "title": "Stocks", "data": {"csv": STOCKS},
        "transform": [{"filter": "year(date) >= 2008"},
                      {"window": {"mean": "mean(price)"}, "by": "symbol", "order": "date", "frame": [-3, 0]},
                      {"top": {"symbol": 3}, "by": "mean(price)", "other": "Others"},
                      {"aggregate": {"price": "mean(mean)"}, "by": ["symbol", "date"]}],
        "layers": [{"kind": "line", "x": "date", "y": "price", "color": "symbol"}],
    }  # fmt: skip
    pictures = {
        encode(draw(load(parse(json.loads(json.dumps(document))))), "svg", scale=1, metadata=Metadata("", "", "")).data
        for _ in range(2)
    }
    assert len(pictures) == 1


@pytest.mark.parametrize(
    ("document", "channels"),
    [
        # The charts of the design that transform, in kinds that are there.
        (
            {"title": "Life expectancy keeps rising",
             "data": {"values": [{"country": c, "year": y, "years": 50 + y - 1960 + len(c)}
                                 for c in ("France", "Japan", "Brazil", "Chad") for y in (1950, 1960, 1970)]},
             "transform": [{"filter": "country in ['France','Japan','Brazil'] and year >= 1960"}],
             "layers": [{"kind": "line", "x": "year", "y": "mean(years)",
                         "color": {"field": "country", "legend": "direct"}}],
             "axes": {"y": {"zero": False}}},
            [{"x": [1960, 1960, 1960, 1970, 1970, 1970], "y": [56, 55, 56, 66, 65, 66]}],
        ),
        (
            {"title": "Orders and conversion",
             "data": {"values": [{"day": f"2026-01-{d:02d}", "orders": d, "sessions": 10 * d} for d in range(5, 19)]},
             "transform": [{"derive": {"rate": "orders / sessions"}}],
             "layers": [{"kind": "bar", "x": "week(day)", "y": "sum(orders)"},
                        {"kind": "line", "x": "week(day)", "y": "mean(rate)", "markers": True}]},
            [{"y": [56, 105]}, {"y": [0.1, 0.1]}],
        ),
        (
            {"title": "ACME",
             "data": {"values": [{"day": f"2026-01-{d:02d}", "close": d % 7, "volume": d} for d in range(1, 31)]},
             "transform": [{"window": {"ma20": "mean(close)"}, "order": ["day"], "frame": [-19, 0]}],
             "layers": [{"kind": "line", "x": "day", "y": "close"},
                        {"kind": "line", "x": "day", "y": "ma20", "name": "20-day mean", "style": {"dash": "dashed"}}]},
            [{}, {"y": [sum(e % 7 for e in range(max(1, d - 19), d + 1)) / min(d, 20) for d in range(1, 31)]}],
        ),
    ],
    ids=["life expectancy", "orders", "ACME"],
)  # fmt: skip
def test_the_charts_of_the_design_are_drawn(document: dict[str, Any], channels: list[dict[str, list[float]]]) -> None:
    loaded = load(parse(document))
    (panel,) = loaded.panels
    for found, expected in zip(panel.layers, channels, strict=True):
        for name, numbers in expected.items():
            assert values(found, name) == pytest.approx(numbers)
    assert draw(loaded).alt
