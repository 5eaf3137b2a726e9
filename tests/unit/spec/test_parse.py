"""Documents to charts: the short form, the long form, and all that is wrong at once, where it was written."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from renderer.spec import LIMITS, Chart, SpecError, parse
from renderer.spec.errors import any_of, listed
from renderer.spec.limits import Limits
from renderer.spec.marks import KINDS
from renderer.spec.marks.bar import Bar
from renderer.spec.marks.line import Line

Problems = Callable[[object], dict[str, str]]
Make = Callable[..., dict[str, Any]]


def _with(field: str) -> list[str]:
    """The kinds that have a field."""
    return [kind for kind, mark in KINDS.items() if field in mark.model_fields]


def test_the_short_form_is_a_chart_of_one_layer(bar: Make) -> None:
    chart = parse(bar(title="Revenue", color="region", labels=True))
    assert chart.flat
    assert chart.title == "Revenue"
    (layer,) = chart.layers
    assert isinstance(layer, Bar)
    assert layer.x.field == "quarter"
    assert layer.labels is not None
    assert layer.labels.position == "auto"
    assert chart.layer_pointer(0, 0) == ""


def test_the_long_form_has_layers() -> None:
    chart = parse({"layers": [{"kind": "bar", "x": "a", "y": "b"}, {"kind": "line", "x": "a", "y": "c"}]})
    assert not chart.flat
    assert [type(layer) for layer in chart.layers] == [Bar, Line]
    assert chart.layer_pointer(0, 1) == "/layers/1"


def test_parsing_leaves_the_document_alone(bar: Make) -> None:
    document = bar(x={"field": "quarter", "sort": ["Q2"]}, title="t", labels=True)
    before = copy.deepcopy(document)
    parse(document)
    assert document == before


def test_a_dumped_chart_is_the_same_chart(example: dict[str, Any]) -> None:
    chart = parse(example)
    again = parse(chart.model_dump(exclude_unset=True))
    assert again.layers == chart.layers
    assert again.axes == chart.axes
    assert again.image == chart.image


def test_charts_are_immutable(bar: Make) -> None:
    chart = parse(bar())
    with pytest.raises(ValueError, match="frozen"):
        chart.title = "other"  # type: ignore[misc]  # that is the test


@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({"hue": "region"}, "/hue", "unknown field 'hue'; did you mean 'color'?"),
        ({"kind": "bra"}, "/kind", "no chart kind 'bra'; did you mean 'bar' or 'band'?"),
        ({"kind": 5}, "/kind", "must be a chart kind such as 'area', not 5"),
        ({"x": {"field": "a", "scale": "log"}}, "/x/scale", "unknown field 'scale'; axis options live at axes.x.scale"),
        ({"width": 800}, "/width", "unknown field 'width'; did you mean 'image.width'?"),
        ({"ylabel": "EUR"}, "/ylabel", "unknown field 'ylabel'; did you mean 'axes.y.title'?"),
        ({"bins": 20}, "/bins", f"unknown field 'bins' here; it belongs to kind {any_of(_with('bins'))}"),
        ({"subtitel": "x"}, "/subtitel", "unknown field 'subtitel'; did you mean 'subtitle'?"),
        (
            {"stack": "group"},
            "/stack",
            (
                "must be 'stacked', 'grouped', 'normalized', 'overlay' or 'diverging', not 'group'; "
                "did you mean 'grouped'?"
            ),
        ),
        ({"labels": "yes"}, "/labels", 'must be true, false or an object such as {"format": "compact"}'),
        ({"labels": {"format": "{x}"}}, "/labels/format", "write the pattern without braces, such as ',.1f'"),
        ({"x": None}, "/x", "null is no value; leave 'x' out"),
        ({"style": {"color": None}}, "/style/color", "null is no value; leave 'color' out"),
        ({"style": {"marker": "circle"}}, "/style/marker", "unknown field 'marker'; there are color, hatch, opacity"),
        ({"y": {"agg": "sum"}}, "/y", "'field' is required: the name of a column"),
        ({"y": {"field": "a", "value": 3}}, "/y/value", "give 'field' or 'value', not both"),
        (
            {"y": {"field": "a", "agg": "sum", "bin": True}},
            "/y/agg",
            "'agg' gives a value to each group, 'unit' and 'bin' make groups: use one or the other",
        ),
        ({"y": 5}, "/y", 'must be a column\'s name or an object such as {"field": "price"}, not 5'),
        ({"y": ""}, "/y", "must not be empty"),
        ({"x": {"field": "a", "other": "rest"}}, "/x/other", "'other' needs 'top'"),
        (
            {"x": {"field": "a", "sort": ["a", {}]}},
            "/x/sort/1",
            "must be a number, a text, true or false, not an object",
        ),
        (
            {"color": {"field": "a", "map": {"EU": "bleu"}}},
            "/color/map/EU",
            "'bleu' is no colour; did you mean 'blue'?",
        ),
        ({"axes": {"x": 5}}, "/axes/x", "must be an object, not 5"),
        ({"axes": {"z": {}}}, "/axes/z", "unknown field 'z'; there are right, x, y"),
        (
            {"axes": {"y": {"min": 5, "max": 5}}},
            "/axes/y/max",
            "'max' must be above 'min'; to turn an axis round, use \"reverse\": true",
        ),
        ({"axes": {"y": {"scale": "log", "min": 0}}}, "/axes/y/min", "a log scale shows positive values only"),
        (
            {"axes": {"x": {"min": "2026-02-30"}}},
            "/axes/x/min",
            "'2026-02-30' is neither a number nor a date such as '2026-01-31' or '2026-01-31T12:00:00Z'",
        ),
        (
            {"image": {"width": 8000}},
            "/image/width",
            "a picture is at most 8192 pixels a side, not 16000 (8000 x scale 2)",
        ),
        (
            {"image": {"width": 3000, "height": 3000}},
            "/image/scale",
            "a picture has at most 16 million pixels, not 6000 x 6000",
        ),
        (
            {"image": {"width": 5000, "height": 5000, "scale": 1}},
            "/image/width",
            "a picture has at most 16 million pixels, not 5000 x 5000",
        ),
        ({"locale": "xx-YY"}, "/locale", "'xx-YY' is no locale; write one such as 'en' or 'de-CH'"),
        ({"timezone": "Europe"}, "/timezone", "'Europe' is no time zone; write one such as 'Europe/Berlin'"),
        (
            {"timezone": "../../etc/passwd"},
            "/timezone",
            "'../../etc/passwd' is no time zone; write one such as 'Europe/Berlin'",
        ),
        ({"currency": "EURO"}, "/currency", "'EURO' is no currency; write one such as 'EUR'"),
        ({"palette": ["red", "#12"]}, "/palette/1", "'#12' is no colour; write '#rrggbb' or a CSS name such as 'teal'"),
        ({"palette": "virids"}, "/palette", "no palette 'virids'; did you mean 'viridis'?"),
        ({"version": 2}, "/version", "must be 1, not 2"),
        ({"data": {"values": [], "csv": "a"}}, "/data/csv", "give only one of 'values' and 'csv'"),
        ({"data": {"rows": [[1]]}}, "/data/header", "'rows' need a 'header': the list of their columns' names"),
        (
            {"data": {}},
            "/data",
            "there is no data: give one of 'values', 'columns', 'rows' with 'header', 'csv', or 'dataset'",
        ),
        (
            {"data": {"columns": {"a": [1]}, "types": {"a": "int"}}},
            "/data/types/a",
            "must be 'number', 'category' or 'time', not 'int'",
        ),
    ],
)
def test_a_problem_says_where_what_and_what_instead(
    bar: Make, problems: Problems, fields: dict[str, Any], pointer: str, message: str
) -> None:
    assert problems(bar(**fields)) == {pointer: message}


def test_one_layer_and_layers_exclude_each_other(bar: Make, problems: Problems) -> None:
    assert problems(bar(layers=[])) == {
        "/kind": "give 'kind' for a chart of one layer, or 'layers', not both",
        "/layers": "holds from 1 to 12 layers, not 0",
    }


def test_a_required_channel_is_named_with_its_kind(problems: Problems) -> None:
    assert problems({"kind": "line", "x": "a"}) == {"/y": "'y' is required for kind 'line'"}


def test_a_misspelt_required_field_is_one_problem(problems: Problems) -> None:
    assert problems({"type": "bar", "x": "a", "y": "b"}) == {"/type": "unknown field 'type'; did you mean 'kind'?"}
    assert problems({"kind": "bar", "x": "a", "yy": "b"}) == {"/yy": "unknown field 'yy'; did you mean 'y'?"}
    assert problems({"layers": [{"kindd": "bar"}]}) == {
        "/layers/0/kindd": "unknown field 'kindd'; did you mean 'kind'?"
    }


def test_all_problems_come_at_once_and_where_they_were_written(problems: Problems) -> None:
    found = problems(
        {
            "layers": [
                {"kind": "bar", "x": "a", "hue": "b", "y": "b"},
                {"kind": "qqq", "x": "a"},
                7,
                {"kind": "line", "x": {"field": "a", "agg": "avg"}, "y": "b", "style": {"width": 99}},
            ],
            "image": {"width": "800", "scale": 0},
            "theme": "drak",
        }
    )
    assert found == {
        "/layers/0/hue": "unknown field 'hue'; did you mean 'color'?",
        "/layers/1/kind": f"no chart kind 'qqq'; there are {listed(KINDS)}",
        "/layers/2": 'must be an object such as {"kind": "bar"}, not 7',
        "/layers/3/style/width": "must be a number from 0.25 to 20, not 99",
        "/layers/3/x/agg": "'avg' is none of count, distinct, sum, mean, median, min, max, first, last, std, var, "
        "stderr, p05, p10, p25, p75, p90, p95, p99; did you mean 'mean'?",
        "/image/width": "must be a whole number from 16 to 8192, not '800'",
        "/image/scale": "must be a number from 0.5 to 4, not 0",
        "/theme": "no theme 'drak'; did you mean 'dark'?",
    }


@pytest.mark.parametrize("document", [[], "x", 1, None, True, 1.5])
def test_what_is_no_object_is_no_chart(problems: Problems, document: object) -> None:
    (message,) = problems(document).values()
    assert message.startswith("a chart is a JSON object, not ")


def test_an_empty_document_is_told_the_kinds(problems: Problems) -> None:
    assert problems({}) == {"/kind": f"'kind' is required: {any_of(list(KINDS))}"}


def test_fields_that_nothing_draws_yet_are_unknown(bar: Make, problems: Problems) -> None:
    for name in ("dataset", "freshness", "owner", "status", "file", "rc", "usetex"):
        assert list(problems(bar(**{name: {}}))) == [f"/{name}"]


def test_a_hundred_thousand_unknown_fields_are_answered_shortly() -> None:
    with pytest.raises(SpecError) as caught:
        parse({f"k{number}": 0 for number in range(100_000)})
    assert len(caught.value.problems) <= LIMITS.problems + 1


def test_nothing_internal_and_nothing_long_is_told(bar: Make) -> None:
    long = "x" * 1_000_000
    with pytest.raises(SpecError) as caught:
        parse(bar(title=5, palette=long, x={long: 1, "field": 3}, image={long: 1}, labels=[], stack=long, locale=long))
    for problem in caught.value.problems:
        assert len(problem.pointer) < 100
        assert len(problem.message) < 300
        for name in ("Channel", "Model", "pydantic", "Input", "NoneType", "tuple", "dict"):
            assert name not in problem.message


def test_limits_may_be_changed(bar: Make) -> None:
    tight = Limits(side=1000, title_chars=5, layers=1)
    with pytest.raises(SpecError) as caught:
        parse(bar(title="too long"), limits=tight)
    assert [problem.pointer for problem in caught.value.problems] == ["/title", "/image/width"]
    assert parse(bar(title="short"), limits=Limits()).title == "short"


def test_every_kind_is_found_and_named_like_its_module() -> None:
    assert set(KINDS) >= {"bar", "line", "scatter", "histogram"}
    for kind, mark in KINDS.items():
        assert mark.__doc__
        assert kind in mark.__module__


def test_panels_are_one_where_there_are_none(bar: Make) -> None:
    chart: Chart = parse(bar(axes={"x": {"title": "Quarter"}}))
    (panel,) = chart.panels_of()
    assert panel.layers == chart.layers
    assert panel.axes.x.title == "Quarter"
