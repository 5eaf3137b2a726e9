"""Charts to tables: aggregates, units, bins, order, top and other, and errors that name columns."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.data.resolve import Resolved, load
from renderer.spec import SpecError, parse
from renderer.spec.limits import Limits

Layer = Callable[..., Resolved]
Problems = Callable[..., dict[str, str]]

SPECS = sorted((Path(__file__).parents[3] / "examples" / "specs").glob("*.json"))


def values(layer: Resolved, channel: str) -> list[Any]:
    return list(layer.table[channel].values.tolist())


def _role(channel: str) -> str:
    """What a channel is, or the list that it is in: "columns/0" is one of the columns."""
    return channel.partition("/")[0]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_examples_have_rows_for_every_channel(path: Path) -> None:
    loaded = load(parse(json.loads(path.read_text(encoding="utf-8"))))
    for layer in (layer for panel in loaded.panels for layer in panel.layers):
        assert len(layer.table) > 0
        channels = dict(layer.mark.channels())
        # "count()" of a kind that counts by itself needs no column.
        counted = {name for name, c in channels.items() if _role(name) in layer.mark.reduces and c.field is None}
        assert set(layer.table.columns) == channels.keys() - counted
        assert set(layer.titles) == channels.keys()
        for name, column in layer.table.columns.items():
            assert (name in layer.orders) == (column.type == "category")
            if name in layer.orders:
                # Of small multiples, each knows the order of all.
                assert set((layer.whole or layer.table)[name].values) - {None} == set(layer.orders[name])
            if _role(name) not in layer.mark.may_miss:
                assert not column.missing.any()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_channel_of_an_unknown_column_is_named(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    for number, panel in enumerate(document.get("panels", [document])):
        at_panel = f"/panels/{number}" if "panels" in document else ""
        for place, layer in enumerate(panel.get("layers", [panel])):
            for name, _ in parse(document).panels_of()[number].layers[place].channels():
                *lists, last = name.split("/")  # "path/0" is the first of a list of channels
                owner: Any = layer[lists[0]] if lists else layer
                key: int | str = int(last) if lists else last
                channel = owner[key]
                owner[key] = {"field": "nowhere"}
                with pytest.raises(SpecError) as caught:
                    load(parse(document))
                at = f"{at_panel}/layers/{place}/{name}/field" if "layers" in panel else f"/{name}/field"
                assert caught.value.problems[0].pointer == at
                assert caught.value.problems[0].message.startswith("no column 'nowhere'; ")
                owner[key] = channel


def test_rows_that_agree_become_one(layer: Layer) -> None:
    found = layer(kind="bar", x="quarter", y="sum(revenue)")
    assert values(found, "x") == ["Q1", "Q2", "Q3"]
    assert values(found, "y") == [30, 12, 1]
    assert found.titles == {"x": "Quarter", "y": "Revenue"}


def test_two_keys_make_groups_in_order(layer: Layer) -> None:
    found = layer(kind="bar", x="quarter", y="mean(revenue)", color="region")
    assert list(zip(values(found, "x"), values(found, "color"), values(found, "y"), strict=True)) == [
        ("Q1", "EU", 10), ("Q1", "US", 20), ("Q2", "EU", 5), ("Q2", "US", 7), ("Q3", "JP", 1),
    ]  # fmt: skip
    assert found.orders == {"x": ("Q1", "Q2", "Q3"), "color": ("EU", "US", "JP")}
    assert found.titles["y"] == "Mean revenue"


def test_counting_needs_no_column(layer: Layer) -> None:
    found = layer(kind="bar", x="region", y="count()")
    assert values(found, "y") == [2, 2, 1]
    assert found.titles["y"] == "Count"


def test_a_column_with_the_name_of_a_shorthand_wins(layer: Layer) -> None:
    data = {"values": [{"x": "a", "sum(v)": 1, "v": 5}, {"x": "b", "sum(v)": 2, "v": 6}]}
    assert values(layer(kind="bar", data=data, x="x", y="sum(v)"), "y") == [1, 2]
    assert values(layer(kind="bar", data=data, x="x", y={"field": "v", "agg": "sum"}), "y") == [5, 6]


def test_a_unit_cuts_times_and_says_so(layer: Layer) -> None:
    found = layer(kind="bar", x="month(day)", y="sum(revenue)")
    assert [str(moment)[:7] for moment in found.table["x"].values] == ["2024-01", "2024-05", "2024-07"]
    assert found.units == {"x": "month"}
    assert found.orders == {}


def test_cycles_are_categories_in_the_order_of_the_calendar(layer: Layer) -> None:
    found = layer(kind="bar", x="weekday(day)", y="count()", locale="de")
    assert found.orders["x"] == ("Mo", "Mi", "Fr", "So")
    assert found.titles["x"] == "Weekday"
    american = layer(kind="bar", x="weekday(day)", y="count()", locale="en-US")
    assert american.orders["x"] == ("Sun", "Mon", "Wed", "Fri")


def test_years_as_colours_are_categories_in_order(layer: Layer) -> None:
    data = {"columns": {"day": ["2025-01-01", "2024-01-01"], "v": [1, 2]}}
    found = layer(kind="line", data=data, x="month_of_year(day)", y="v", color="year(day)")
    assert found.orders["color"] == ("2024", "2025")
    assert found.units == {}


def test_numbers_as_colours_of_bars_are_categories_in_order(layer: Layer) -> None:
    data = {"columns": {"a": ["p", "q", "r"], "v": [1, 2, 3], "n": [10, 9, 0.5]}}
    found = layer(kind="bar", data=data, x="a", y="v", color="n")
    assert found.orders["color"] == ("0.5", "9", "10")


def test_numbers_as_colours_of_points_stay_numbers(layer: Layer) -> None:
    found = layer(kind="scatter", x="cost", y="revenue", color="revenue")
    assert found.table["color"].type == "number"
    assert found.orders == {}


def test_bins_have_round_limits_and_a_width(layer: Layer) -> None:
    found = layer(kind="bar", x={"field": "revenue", "bin": {"step": 10}}, y="count()")
    assert values(found, "x") == [5, 15]
    assert values(found, "y") == [3, 2]
    assert found.steps == {"x": 10}
    named = layer(kind="bar", x={"field": "revenue", "bin": {"step": 10}, "type": "category"}, y="count()")
    assert named.orders["x"] == ("0–10", "10–20")


def test_a_constant_is_the_same_in_all_rows(layer: Layer) -> None:
    found = layer(kind="line", x="day", y="revenue", color={"value": "Sales"})
    assert set(values(found, "color")) == {"Sales"}
    assert found.orders["color"] == ("Sales",)


def test_lines_are_sorted_along_x(layer: Layer) -> None:
    data = {"columns": {"x": [3, 1, 2], "y": [30, 10, 20]}}
    assert values(layer(kind="line", data=data, x="x", y="y"), "y") == [10, 20, 30]
    assert values(layer(kind="scatter", data=data, x="x", y="y"), "y") == [30, 10, 20]


def test_a_missing_amount_is_a_gap_and_a_missing_place_a_warning(layer: Layer) -> None:
    data = {"columns": {"x": [1, 2, None], "y": [None, 2, 3]}}
    found = layer(kind="line", data=data, x="x", y="y")
    assert math.isnan(values(found, "y")[0])
    assert found.warnings == ("1 row without a value for 'x' left out",)
    points = layer(kind="scatter", data=data, x="x", y="y")
    assert values(points, "y") == [2]
    assert len(points.warnings) == 2


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("asc", ("EU", "JP", "US")),
        ("desc", ("US", "JP", "EU")),
        ("data", ("EU", "US", "JP")),
        ("-y", ("US", "EU", "JP")),
        ("y", ("JP", "EU", "US")),
        ("-cost", ("US", "EU", "JP")),
        ("max(cost)", ("JP", "EU", "US")),
        ("-count()", ("EU", "US", "JP")),
        (["JP", "nowhere", "US"], ("JP", "US", "EU")),
    ],
)
def test_categories_are_put_in_order(layer: Layer, sort: object, order: tuple[str, ...]) -> None:
    found = layer(kind="bar", x={"field": "region", "sort": sort}, y="sum(revenue)")
    assert found.orders["x"] == order
    assert values(found, "x") == list(order)


def test_top_keeps_the_largest_from_the_largest_down(layer: Layer) -> None:
    found = layer(kind="bar", x={"field": "region", "top": 2}, y="sum(revenue)")
    assert dict(zip(values(found, "x"), values(found, "y"), strict=True)) == {"US": 27, "EU": 15}
    assert found.orders["x"] == ("US", "EU")


def test_other_collects_the_rest_and_stays_last(layer: Layer) -> None:
    for sort in ({}, {"sort": "asc"}, {"sort": "y"}):
        found = layer(kind="bar", x={"field": "region", "top": 1, "other": "All others"} | sort, y="sum(revenue)")
        assert values(found, "x") == ["US", "All others"]
        assert values(found, "y") == [27, 16]


def test_top_of_all_needs_no_other(layer: Layer) -> None:
    found = layer(kind="bar", x={"field": "region", "top": 9, "other": "Rest"}, y="sum(revenue)")
    assert found.orders["x"] == ("US", "EU", "JP")


def test_other_may_be_a_category_that_there_is(layer: Layer) -> None:
    found = layer(kind="bar", x={"field": "region", "top": 2, "other": "EU"}, y="sum(revenue)")
    assert dict(zip(values(found, "x"), values(found, "y"), strict=True)) == {"US": 27, "EU": 16}


def test_layers_may_bring_data_of_their_own() -> None:
    loaded = load(
        parse(
            {
                "data": {"columns": {"a": [1], "b": [2]}},
                "layers": [
                    {"kind": "line", "x": "a", "y": "b"},
                    {"kind": "scatter", "x": "p", "y": "q", "data": {"columns": {"p": [5], "q": [6]}}},
                ],
            }
        )
    )
    first, second = loaded.panels[0].layers
    assert (values(first, "x"), values(second, "x")) == ([1], [5])
    assert (first.pointer, second.pointer) == ("/layers/0", "/layers/1")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"x": "quarter", "y": "sum(revnue)"}, {"/y": "no column 'revnue'; did you mean 'revenue'?"}),
        ({"x": "quarter", "y": "avg(revenue)"}, {"/y": "no column 'avg(revenue)'; did you mean 'mean(revenue)'?"}),
        (
            {"x": "zzz", "y": {"field": "qqq"}},
            {
                "/x": "no column 'zzz'; the columns are 'quarter', 'region', 'revenue', 'day', 'cost'",
                "/y/field": "no column 'qqq'; the columns are 'quarter', 'region', 'revenue', 'day', 'cost'",
            },
        ),
        (
            {"x": "quarter", "y": "region"},
            {"/y": "column 'region' holds text ('EU' in row 1) where numbers are needed"},
        ),
        (
            {"x": {"field": "day", "bin": 5}, "y": "count()"},
            {"/x/bin": "bins need numbers, and column 'day' holds dates; for dates give a unit, such as 'month'"},
        ),
        ({"x": "quarter", "y": "day"}, {"/y": "column 'day' holds dates where numbers are needed"}),
        (
            {"x": "quarter", "y": "sum(region)"},
            {"/y": "sum needs numbers, and column 'region' holds text ('EU' in row 1)"},
        ),
        (
            {"x": "month(region)", "y": "count()"},
            {"/x": "month needs dates, and column 'region' holds text ('EU' in row 1)"},
        ),
        (
            {"x": {"field": "region", "bin": True}, "y": "count()"},
            {"/x/bin": "bins need numbers, and column 'region' holds text ('EU' in row 1)"},
        ),
        (
            {"x": {"field": "revenue", "bin": {"step": 0.001}}, "y": "count()"},
            {"/x/bin": "a step of 0.001 makes more than 500 bins"},
        ),
        (
            {"x": "quarter", "y": "revenue"},
            {"/y": "2 rows share x 'Q1': say what to make of them, such as 'sum(revenue)' or 'mean(revenue)'"},
        ),
        (
            {"x": {"field": "region", "sort": "-prise"}, "y": "sum(revenue)"},
            {"/x/sort": "no column 'prise'; the columns are 'quarter', 'region', 'revenue', 'day', 'cost'"},
        ),
        (
            {"x": {"field": "region", "sort": "quarter"}, "y": "sum(revenue)"},
            {"/x/sort": "mean needs numbers, and column 'quarter' holds text ('Q1' in row 1)"},
        ),
        (
            {"x": {"field": "revenue", "sort": "desc"}, "y": "count()"},
            {
                "/x/sort": "sort puts categories in order, and column 'revenue' holds numbers; "
                'add "type": "category", or turn the axis with "reverse": true'
            },
        ),
        (
            {"x": {"field": "revenue", "top": 3}, "y": "count()"},
            {"/x/top": "top keeps categories, and column 'revenue' holds numbers"},
        ),
        (
            {"x": "day", "y": "cost", "color": {"field": "region", "top": 1, "other": "x"}},
            {"/color/other": "other adds up what is left out, so the amount must say how, such as 'sum(cost)'"},
        ),
        (
            {"x": "quarter", "y": "sum(revenue)", "color": "sum(cost)"},
            {"/color": "sum gives numbers where categories are needed"},
        ),
    ],
)
def test_problems_name_columns_and_remedies(
    problems: Problems, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    assert problems(kind="bar", **fields) == expected


def test_texts_that_are_numbers_get_a_remedy(problems: Problems) -> None:
    data = {"values": [{"a": "x", "b": "1"}]}
    (message,) = problems(kind="bar", data=data, x="a", y="b").values()
    assert message.endswith('if they are numbers, say so in data: "types": {"b": "number"}')


def test_the_problems_of_all_layers_come_together() -> None:
    document = {
        "data": {"columns": {"a": [1], "b": ["x"]}},
        "layers": [{"kind": "line", "x": "aa", "y": "a"}, {"kind": "line", "x": "a", "y": "b"}],
        "axes": {"x": {"scale": "time"}},
    }
    with pytest.raises(SpecError) as caught:
        load(parse(document))
    assert [problem.pointer for problem in caught.value.problems] == ["/layers/0/x", "/layers/1/y"]


def test_data_that_is_missing_or_wrong_is_told_once() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "/data"),
        ({"data": {"values": []}}, "/data"),
        ({"data": {"csv": "a,b\n1"}}, "/data/csv"),
    ]
    for data, pointer in cases:
        layers = [{"kind": "line", "x": "a", "y": "b"}] * 3
        with pytest.raises(SpecError) as caught:
            load(parse({"layers": layers} | data))
        assert [problem.pointer for problem in caught.value.problems] == [pointer]


def test_a_column_without_any_value_is_named(problems: Problems) -> None:
    data = {"columns": {"a": [None], "b": [1]}}
    assert problems(kind="line", data=data, x="a", y="b") == {"/x": "column 'a' is empty where a value is needed"}


def test_a_sum_too_large_to_draw_is_named(problems: Problems) -> None:
    data = {"columns": {"a": ["x"] * 3, "b": [1e300] * 3}}
    assert "/y" in problems(kind="bar", data=data, x="a", y="sum(b)")


def test_limits_may_be_changed() -> None:
    chart = parse({"kind": "line", "data": {"columns": {"a": [1, 2], "b": [1, 2]}}, "x": "a", "y": "b"})
    with pytest.raises(SpecError, match="at most 3 are allowed"):
        load(chart, limits=Limits(values=3))


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({"y": {"scale": "log"}}, {"/axes/y/scale": "a log scale needs positive values, and y holds -1; try 'symlog'"}),
        (
            {"y": {"scale": "sqrt"}},
            {"/axes/y/scale": "a sqrt scale needs values of zero and more, and y holds -1; try 'symlog'"},
        ),
        ({"x": {"scale": "linear"}}, {"/axes/x/scale": "a linear scale needs numbers, and x holds dates"}),
        ({"y": {"scale": "time"}}, {"/axes/y/scale": "a time scale needs dates, and y holds numbers"}),
        (
            {"y": {"scale": "category"}},
            {
                "/axes/y/scale": "a category scale needs categories, and y holds numbers; "
                'write {"field": "v", "type": "category"} for y'
            },
        ),
        ({"x": {"min": 5}}, {"/axes/x/min": "must be a date such as '2026-01-31', because x holds dates"}),
        ({"y": {"max": "2026-01-31"}}, {"/axes/y/max": "'2026-01-31' is a date, and y holds numbers"}),
        ({"y": {"format": "%Y"}}, {"/axes/y/format": "'%Y' is a format of dates, and y holds numbers"}),
        ({"x": {"format": "compact"}}, {"/axes/x/format": "'compact' is a format of numbers, and x holds dates"}),
    ],
)
def test_axes_must_suit_their_columns(problems: Problems, axes: dict[str, Any], expected: dict[str, str]) -> None:
    data = {"columns": {"day": ["2024-01-01", "2024-01-02", "2024-01-03"], "v": [3, -1, 0]}}
    assert problems(kind="line", data=data, x="day", y="v", axes=axes) == expected


@pytest.mark.parametrize(
    "axes", [{"x": {"format": "auto", "min": "2024-01-01"}}, {"x": {"format": "%b"}, "y": {"scale": "symlog"}}]
)
def test_axes_that_suit_are_accepted(layer: Layer, axes: dict[str, Any]) -> None:
    data = {"columns": {"day": ["2024-01-01", "2024-01-02"], "v": [3, -1]}}
    assert len(layer(kind="line", data=data, x="day", y="v", axes=axes).table) == 2


def test_marks_of_samples_rank_by_medians_and_pool_the_rest(layer: Callable[..., Resolved]) -> None:
    columns = {"c": ["a"] * 5 + ["b"] * 2 + ["d"], "v": [1, 1, 1, 1, 90, 5, 7, 2]}
    fields = {"kind": "box", "data": {"columns": columns}, "y": "v"}
    assert layer(**fields, x={"field": "c", "sort": "-y"}).orders["x"] == ("b", "d", "a")
    assert layer(**fields, x={"field": "c", "top": 2}).orders["x"] == ("b", "d")
    pooled = layer(**fields, x={"field": "c", "top": 1, "other": "others"})
    assert pooled.orders["x"] == ("b", "others")
    assert len(pooled.table) == 8


def test_marks_of_samples_take_no_aggregates(problems: Problems) -> None:
    assert problems(kind="violin", x="region", y="mean(revenue)") == {
        "/y": "a violin shows how all rows are spread: give 'revenue' without mean"
    }
    assert problems(kind="density", x={"agg": "count"}) == {
        "/x/agg": "a density shows how all rows are spread: give a column"
    }
