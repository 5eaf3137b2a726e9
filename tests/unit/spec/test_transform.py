"""Steps of transforms: what may be written, and errors at the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.spec import parse
from renderer.spec.expressions import parse_expression
from renderer.spec.limits import LIMITS
from renderer.spec.transform import (
    STEPS,
    Aggregate,
    Bins,
    Derive,
    Downsample,
    Fill,
    Filter,
    Pivot,
    Sort,
    Step,
    Top,
    Truncate,
    Unpivot,
    Window,
)

Make = Callable[..., dict[str, Any]]
Problems = Callable[[object], dict[str, str]]
ALL = ", ".join(STEPS)


def only(document: dict[str, Any]) -> Step:
    (step,) = parse(document).transform
    return step


def test_each_verb_is_read_into_its_class(bar: Make) -> None:
    written: list[tuple[dict[str, Any], type[Step]]] = [
        ({"filter": "revenue > 10"}, Filter),
        ({"derive": {"twice": "revenue * 2"}}, Derive),
        ({"aggregate": {"total": "sum(revenue)"}, "by": "quarter"}, Aggregate),
        ({"bin": "revenue", "step": 10}, Bins),
        ({"truncate": {"week": "day"}, "unit": "week"}, Truncate),
        ({"window": {"ma20": "mean(close)"}, "order": ["day"], "frame": [-19, 0]}, Window),
        ({"pivot": "region", "value": "sum(revenue)", "by": ["quarter"]}, Pivot),
        ({"unpivot": ["a", "b"], "into": ["name", "amount"]}, Unpivot),
        ({"sort": ["region", "-revenue"]}, Sort),
        ({"top": {"region": 3}, "by": "sum(revenue)", "other": "Rest"}, Top),
        ({"fill": {"revenue": 0}, "order": "day", "every": "day"}, Fill),
        ({"downsample": 500, "order": "day", "of": "revenue"}, Downsample),
    ]
    steps = parse(bar(transform=[step for step, _ in written])).transform
    assert [type(step) for step in steps] == [found for _, found in written]
    assert [type(step).verb for step in steps] == list(STEPS)


def test_short_forms_mean_what_long_ones_say(bar: Make) -> None:
    def same(short: dict[str, Any], long: dict[str, Any]) -> None:
        assert only(bar(transform=[short])) == only(bar(transform=[long]))

    same({"sort": "-day"}, {"sort": ["-day"]})
    same({"truncate": "day", "unit": "week"}, {"truncate": {"day": "day"}, "unit": "week"})
    same({"aggregate": {"n": "count()"}}, {"aggregate": {"n": {"agg": "count"}}, "by": []})
    same(
        {"window": {"past": "lag(a, b, 7)"}, "frame": ["start", 0]},
        {"window": {"past": {"agg": "lag", "field": "a, b", "rows": 7}}, "frame": ["start", 0]},
    )
    same({"fill": {"a": 0}}, {"fill": {"a": {"value": 0}}})


def test_an_expression_is_kept_with_its_text(bar: Make) -> None:
    step = only(bar(transform=[{"filter": "revenue  > 10"}]))
    assert isinstance(step, Filter)
    assert step.filter == parse_expression("revenue  > 10")
    assert step.filter.text == "revenue  > 10"


@pytest.mark.parametrize(
    ("step", "at", "message"),
    [
        ({"fitler": "a > 1"}, "/fitler", "unknown field 'fitler'; did you mean 'filter'?"),
        ({"where": "a > 1"}, "/where", "unknown field 'where'; did you mean 'filter'?"),
        ({"zzz": 1}, "/zzz", f"unknown field 'zzz'; a step has one of the verbs {ALL}"),
        ({}, "", f"a step has one of the verbs {ALL}"),
        ({"by": ["a"]}, "", f"a step has one of the verbs {ALL}"),
        (5, "", 'must be an object such as {"filter": "price > 10"}, not 5'),
        ({"filter": "a > 1", "derive": {"b": "a"}}, "/derive",
         ("a step has one verb, and this has 'filter' and 'derive';"
         " make a step of each")),
        ({"sort": "a", "unit": "day"}, "/unit", "unknown field 'unit' here; it belongs to a step with 'truncate'"),
        ({"aggregate": {"n": "count()"}, "yb": "a"}, "/yb", "unknown field 'yb'; there are aggregate, by"),
        ({"filter": "mena(a) > 1"}, "/filter", "unknown function 'mena' at character 1; did you mean 'mean'?"),
        ({"filter": 5}, "/filter", "must be an expression such as 'price > 10', not 5"),
        ({"derive": {"b": "a +"}}, "/derive/b", "a value is missing before the end, at character 4"),
        ({"derive": {}}, "/derive", "must not be empty"),
        ({"aggregate": {"t": "avg(b)"}}, "/aggregate/t", "no aggregate 'avg'; did you mean 'mean(b)'?"),
        ({"aggregate": {"t": "b"}}, "/aggregate/t", "must be an aggregate such as 'sum(b)', not 'b'"),
        ({"aggregate": {"t": "sum()"}}, "/aggregate/t", "'sum' needs a column, such as 'sum(price)'"),
        ({"aggregate": {"t": {"agg": "sum", "feild": "b"}}}, "/aggregate/t/feild",
         "unknown field 'feild'; did you mean 'field'?"),
        ({"window": {"x": "rank(a)"}}, "/window/x", "'rank' takes no column; it follows the window's 'order'"),
        ({"window": {"x": "mean(a)"}, "frame": [0, -5]}, "/frame/1",
         "the first row of a frame comes before its last; [-6, 0] are seven rows"),
        ({"window": {"x": "mean(a)"}, "frame": ["end", 0]}, "/frame/0",
         "must be a whole number of rows, or 'start' for all of them"),
        ({"truncate": "day"}, "/unit", "'unit' is required"),
        ({"bin": "a", "count": 5, "step": 2}, "/step", "give 'count' or 'step', not both"),
        ({"bin": {"a": "b", "c": "d"}}, "/bin", 'must be a column\'s name, or {"new": "column"}, not an object'),
        ({"top": 5, "other": "x"}, "/other",
         "'other' renames values: say of which column, such as \"top\": {\"country\": 5}"),
        ({"top": {"a": 0}}, "/top/a", "must be a whole number from 1 to 10000, not 0"),
        ({"fill": {"a": 0}, "every": "daay", "order": "d"}, "/every", "no unit 'daay'; did you mean 'day'?"),
        ({"fill": {"a": 0}, "every": "day"}, "/every", "'every' needs 'order': the column in which places are missing"),
        ({"unpivot": ["a"], "into": ["x"]}, "/into",
         'must be a list of two names such as ["region", "sales"], not a list'),
        ({"downsample": 2, "order": "a"}, "/downsample", "must be a whole number from 4 to 100000, not 2"),
    ],
)  # fmt: skip
def test_errors_stand_at_the_field_that_is_wrong(
    bar: Make, problems: Problems, step: object, at: str, message: str
) -> None:
    assert problems(bar(transform=[{"sort": "a"}, step])) == {f"/transform/1{at}": message}
    data = {"columns": {"a": [1]}}
    layered = {"data": data, "layers": [{"kind": "bar", "x": "a", "y": "a", "transform": [step]}]}
    assert problems(layered) == {f"/layers/0/transform/0{at}": message}


def test_a_transform_has_a_limit(bar: Make, problems: Problems) -> None:
    assert problems(bar(transform=[{"sort": "a"}] * 51)) == {"/transform": f"has at most {LIMITS.steps} steps, not 51"}
    assert list(problems(bar(transform={"sort": "a"}))) == ["/transform"]


def test_parameters_are_values_and_lists_of_values(bar: Make, problems: Problems) -> None:
    given = {"since": "2026-01-01", "least": 5, "open": True, "regions": ["EU", "US"]}
    assert parse(bar(params=given)).params == given | {"regions": ("EU", "US")}
    assert problems(bar(params={"a b": 1})) == {
        "/params/a b": "the name of a parameter has at most 40 letters, digits and _"
    }
    assert list(problems(bar(params={"x": []}))) == ["/params/x"]
    assert list(problems(bar(params={"x": {}}))) == ["/params/x"]
    assert list(problems(bar(params=[]))) == ["/params"]
