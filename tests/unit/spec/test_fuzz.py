"""Any JSON, and any text as an expression: an answer or an error of ours, soon, and short."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.data.resolve import load
from renderer.spec import LIMITS, SpecError, parse, strict_json
from renderer.spec.base import Model
from renderer.spec.builder import plain
from renderer.spec.errors import SHOWN_CHARS
from renderer.spec.expressions import ExpressionError, parse_expression
from renderer.spec.formats import FormatError, parse_format
from renderer.spec.functions import FUNCTIONS
from renderer.spec.marks import KINDS
from renderer.spec.model import Chart
from renderer.spec.reference import fields
from renderer.spec.transform import STEPS
from renderer.spec.tree import walk

SPECS = sorted((Path(__file__).parents[3] / "examples" / "specs").glob("*.json"))
DOCUMENTS = [json.loads(path.read_text(encoding="utf-8")) for path in SPECS]
MODELS: list[type[Model]] = [Chart, *KINDS.values(), *STEPS.values()]
OFTEN = ["field", "agg", "unit", "columns", "values", "csv", "sum(a)", "month(a)", "a", "-y", "auto"]
WORDS = sorted({field.name for model in MODELS for field in fields(model)} | {*KINDS, *STEPS, *OFTEN})
NAMES = st.sampled_from(WORDS) | st.text(max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | NAMES
    | st.sampled_from([10**400, -(10**30), 1e308, "\x00", "\u202e", "x" * 5000, "2026-13-45", "{x.__class__}", "%s"])
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)
MANY = 150
CALM = settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judge(document: object) -> Chart | None:
    """The chart, or None if there is an error of ours, whose words are held against what errors have to be."""
    try:
        return parse(document)
    except SpecError as error:
        for problem in error.problems:
            assert problem.message
            assert len(problem.message) < 1500
            assert problem.pointer == "" or problem.pointer.startswith("/")
            assert "pydantic" not in problem.message
            assert "x" * (SHOWN_CHARS + 1) not in str(problem)
        assert len(error.problems) <= LIMITS.problems + 1
        return None


@CALM
@given(JSON)
def test_any_json_is_a_chart_or_an_error(document: object) -> None:
    judge(document)


@CALM
@given(st.sampled_from(sorted(KINDS)), st.dictionaries(NAMES, JSON, max_size=6))
def test_any_fields_of_any_kind_are_a_chart_or_an_error(kind: str, given_fields: dict[str, Any]) -> None:
    chart = judge({"kind": kind, "data": {"columns": {"a": [1, 2], "b": ["x", "y"]}}, **given_fields})
    if chart is not None and not chart.named_sources:
        try:
            load(chart)
        except SpecError as error:
            assert error.problems


@CALM
@given(st.sampled_from(DOCUMENTS), st.integers(0, 2**32), JSON)
def test_an_example_with_anything_anywhere_is_a_chart_or_an_error(
    document: dict[str, Any], seed: int, value: object
) -> None:
    choose = random.Random(seed)
    spoilt = copy.deepcopy({name: part for name, part in document.items() if name != "data"})
    node: Any = spoilt
    while True:
        place = choose.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if not isinstance(node[place], dict | list) or not node[place] or choose.random() < 0.3:
            node[place] = value
            break
        node = node[place]
    judge(spoilt | ({"data": document["data"]} if "data" in document else {}))


def respelt(value: Any, choose: random.Random) -> str:
    """The same JSON in other words: keys in another order, letters as escapes, white space wherever it may be."""

    def space() -> str:
        return "".join(choose.choices(" \t\r\n", k=choose.choice([0, 0, 1, 3])))

    def text(string: str) -> str:
        if choose.random() < 0.5:
            return json.dumps(string, ensure_ascii=choose.random() < 0.5)
        units = string.encode("utf-16-be").hex(":", 2).split(":") if string else []
        return '"' + "".join(f"\\u{choose.choice([unit, unit.upper()])}" for unit in units) + '"'

    def spell(node: Any) -> str:
        match node:
            case dict():
                names = choose.sample(list(node), len(node))
                inner = ",".join(f"{space()}{text(name)}{space()}:{spell(node[name])}" for name in names)
                return f"{space()}{{{inner}{space()}}}{space()}"
            case list():
                return f"{space()}[{','.join(map(spell, node))}{space()}]{space()}"
            case str():
                return f"{space()}{text(node)}{space()}"
            case _:
                return f"{space()}{json.dumps(node)}{space()}"

    return spell(value)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.integers(0, 2**32), st.sampled_from(["", "\ufeff"]))
def test_how_a_document_is_written_changes_nothing_of_it(document: dict[str, Any], seed: int, mark: str) -> None:
    choose = random.Random(seed)
    raw = (mark + respelt(document, choose)).encode()
    read = strict_json(raw)
    assert json.dumps(read, sort_keys=True) == json.dumps(document, sort_keys=True)
    chart, plainly = judge(read), judge(document)
    assert chart == plainly

    # What is wrong with it is the same, too, wherever it stands in the text.
    spoilt = {**document, "wid\u00e4th": 1, "width": "wide"}
    for sent in (spoilt, strict_json((mark + respelt(spoilt, choose)).encode())):
        with pytest.raises(SpecError) as caught:
            parse(sent)
        assert {"/width", "/wid\u00e4th"} <= {problem.pointer for problem in caught.value.problems}


COLUMNS = st.sampled_from(
    ["price", "`odd name`", '"day"', "region", "$least", "2026", "'EU'", "'2026-01-31'", "true", "null"]
)
OPERATORS = st.sampled_from(
    [" + ", " - ", " * ", " / ", " % ", " ** ", " = ", " == ", " != ", " < ", " >= ", " and ", " or ", " in ",
     " between ", " is ", " not "]
)  # fmt: skip
EXPRESSIONS = st.recursive(
    COLUMNS | st.text(max_size=6) | st.integers().map(str),
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner).map("".join),
        inner.map(lambda part: f"({part})"),
        inner.map(lambda part: f"not {part}"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]} between {parts[0]} and {parts[1]}"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]} in [{parts[1]}, {parts[0]}]"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=4)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
    ),
    max_leaves=20,
)


@CALM
@given(EXPRESSIONS | st.text(max_size=80))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        assert 0 < len(str(error)) < 500
        return
    assert sum(1 for _ in walk(expression.root)) <= LIMITS.expression_nodes


@CALM
@given(EXPRESSIONS)
def test_any_expression_is_computed_or_refused_at_its_place(text: str) -> None:
    document = {
        "kind": "bar",
        "data": {"columns": {"price": [1, 2], "region": ["a", "b"], "day": ["2026-01-05", "2026-01-06"]}},
        "params": {"least": 1}, "transform": [{"derive": {"made": text}}], "x": "region", "y": "price",
    }  # fmt: skip
    try:
        load(parse(document))
    except SpecError as error:
        assert error.problems[0].pointer.startswith("/transform/0/derive")


@pytest.mark.parametrize(
    "text", ["(" * 3000, "not " * 3000, "-" * 1999, "a+" * 999 + "a", "if(" * 600, "'" * 2001, "a in [" * 300]
)
def test_what_is_nested_deeply_is_refused_at_once(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)


@CALM
@given(st.text(max_size=70))
def test_any_text_is_a_format_or_an_error(text: str) -> None:
    try:
        parse_format(text)
    except FormatError as error:
        assert 0 < len(str(error)) < 500


@CALM
@given(JSON)
def test_what_is_json_is_built_as_it_is(value: object) -> None:
    assert repr(plain(value)) == repr(value)
