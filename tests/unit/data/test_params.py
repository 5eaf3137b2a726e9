"""Parameters that are relative times, in filters, on axes and at annotations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from renderer.data.resolve import LoadedChart, load
from renderer.spec import SpecError, parse

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
DAYS = {"day": ["2026-09-01", "2026-11-01", "2026-11-20", "2026-11-28"], "sold": [1, 2, 3, 4]}
SOLD: dict[str, Any] = {"kind": "line", "data": {"columns": DAYS}, "x": "day", "y": "sold"}


def loaded(**fields: Any) -> LoadedChart:
    return load(parse(SOLD | fields), now=NOW)


def sold(chart: LoadedChart) -> list[float]:
    (panel,) = chart.panels
    values: list[float] = panel.layers[0].table["y"].values.tolist()
    return values


@pytest.mark.parametrize(
    ("since", "left"),
    [
        ("ago('30d')", [2, 3, 4]),
        ("ago('2w')", [3, 4]),
        ("date_trunc('month', now())", [2, 3, 4]),
        ("date_add('day', -5, now())", [4]),
        ({"expression": "ago('30d')"}, [2, 3, 4]),
        ({"expression": "if(month(now()) == 11, date('2026-11-15'), now())"}, [3, 4]),
        ("2026-11-15", [3, 4]),
        ({"value": "2026-11-15"}, [3, 4]),
    ],
)
def test_a_filter_is_relative_to_when_the_chart_is_drawn(since: object, left: list[float]) -> None:
    assert sold(loaded(params={"since": since}, transform=[{"filter": "day >= $since"}])) == left


@pytest.mark.parametrize(
    "text", ["ago", "30 days ago('x", "ago('30d') or so", "upper('now()')", "max(now(), ago('1d'))", "now", "ago(day)"]
)
def test_any_other_text_stays_a_text(text: str) -> None:
    params = {"word": text}
    rows = {"columns": {"a": [text, "other"], "b": [1, 2]}}
    chart = parse({"kind": "bar", "data": rows, "x": "a", "y": "b", "params": params})
    assert (chart.params["word"], chart.reads_clock) == (text, False)


def test_a_text_that_looks_like_a_call_can_be_kept_as_it_is() -> None:
    rows = {"columns": {"a": ["now()", "other"], "b": [1, 2]}}
    fields: dict[str, Any] = {"kind": "bar", "data": rows, "x": "a", "y": "b", "transform": [{"filter": "a == $word"}]}
    kept = parse(fields | {"params": {"word": {"value": "now()"}}})
    assert sold(load(kept)) == [1]
    assert not kept.reads_clock
    assert parse(fields | {"params": {"word": "now()"}}).reads_clock


def test_axes_and_annotations_stand_where_a_parameter_says() -> None:
    chart = loaded(
        params={"since": "ago('30d')", "most": 5, "target": {"expression": "1 + 2"}},
        axes={"x": {"min": "$since"}, "y": {"min": 0, "max": "$most"}},
        annotations=[{"kind": "band", "x": "$since", "x2": "2026-11-28"}, {"kind": "rule", "y": "$target"}],
    )
    panel = chart.panels[0].panel
    assert panel.axes.x.min == "2026-10-30T09:30:00.000000Z"
    assert panel.axes.y.max == 5
    assert [getattr(note, "y", None) for note in panel.annotations] == [None, 3]


def test_a_category_may_begin_with_a_dollar() -> None:
    rows = {"columns": {"a": ["$US", "EUR"], "b": [1, 2]}}
    note = {"kind": "text", "x": "$US", "y": 1, "text": "weak"}
    chart = load(parse({"kind": "bar", "data": rows, "x": "a", "y": "b", "annotations": [note]}))
    assert chart.panels[0].panel.annotations[0].x == "$US"


@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({"params": {"s": {"expression": "day"}}}, "/params/s", "the same for all rows"),
        ({"params": {"s": {"expression": "$t"}}}, "/params/s", "the same for all rows"),
        ({"params": {"s": {"expression": "agoo('1d')"}}}, "/params/s", "did you mean 'ago'"),
        ({"params": {"s": {"expr": "now()"}}}, "/params/s", 'or {"expression": "ago(\'30d\')"}'),
        ({"params": {"s": "ago('9x')"}, "axes": {"x": {"min": "$s"}}}, "/axes/x/min", "no number and no date"),
        ({"params": {"s": {"expression": "sqrt(-1)"}}, "axes": {"y": {"min": "$s"}}}, "/params/s", "has no value"),
        ({"params": {"since": 1}, "axes": {"y": {"min": "$sinc"}}}, "/axes/y/min", "did you mean '$since'?"),
        ({"params": {"a": [1, 2]}, "axes": {"y": {"max": "$a"}}}, "/axes/y/max", "is a list"),
        ({"params": {"a": 9}, "axes": {"y": {"min": "$a", "max": 3}}}, "/axes/y/max", "'max' must be above 'min'"),
        ({"params": {"a": 9}, "axes": {"x": {"min": "$a"}}}, "/axes/x/min", "must be a date"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said_at_its_place(
    fields: dict[str, Any], pointer: str, message: str
) -> None:
    with pytest.raises(SpecError) as caught:
        loaded(**fields)
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert message in problem.message
