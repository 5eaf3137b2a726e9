"""docs/expressions.md: every operator and function is there, and every example gives what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.data.resolve import load
from renderer.spec import parse
from renderer.spec.expressions import parse_expression
from renderer.spec.functions import FUNCTIONS
from renderer.spec.transform import STEPS, Transform
from renderer.spec.tree import BINDS, Between, Binary, Call, In, IsNull, Unary, walk

PAGE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = [
    (expression.strip("` ").strip(), None if gives == "missing" else gives.strip("`"))
    for expression, gives in re.findall(r"^\| (`+ ?.+? ?`+) \| (missing|`[^`]+`) \|", PAGE, re.MULTILINE)
]
# A name in backticks keeps its own, inside the two that make it code.
EXAMPLES = [(f"`{text}" if text.count("`") == 1 else text, gives) for text, gives in EXAMPLES]
ROW: dict[str, Any] = json.loads(re.findall(r"```json title=\"A row\"\n(.*?)```", PAGE, re.DOTALL)[0])
STEP_EXAMPLES = [json.loads(text) for text in re.findall(r"^\| `(\{.+?\})` \|", PAGE, re.MULTILINE)]

Rows = Callable[..., dict[str, list[Any]]]


def test_the_examples_are_found() -> None:
    assert len(EXAMPLES) > 65
    assert len(STEP_EXAMPLES) > 12


@pytest.mark.parametrize(("expression", "gives"), EXAMPLES)
def test_an_example_gives_what_the_page_says(rows: Rows, expression: str, gives: str | None) -> None:
    found = rows(
        [{"derive": {"result": expression}}, {"derive": {"shown": "to_text(result)"}}],
        values=[ROW],
        types={"zip": "category", "sold": "category"},
        zone="Europe/Berlin",
        params={"least": 10, "regions": ["EU", "US"]},
    )
    assert found["shown"] == [gives]


def test_every_function_and_operator_has_an_example() -> None:
    parts = [node for text, _ in EXAMPLES for node in walk(parse_expression(text).root)]
    assert {node.name for node in parts if isinstance(node, Call)} == set(FUNCTIONS)
    assert {node.operator for node in parts if isinstance(node, Binary)} == set(BINDS)
    assert {node.operator for node in parts if isinstance(node, Unary)} == {"-", "not"}
    for kind in (In, Between, IsNull):
        assert {node.negated for node in parts if isinstance(node, kind)} == {True, False}


def test_every_verb_has_an_example_that_is_right() -> None:
    chart = {"kind": "bar", "data": {"columns": {"a": [1]}}, "x": "a", "y": "a"}
    steps: Transform = parse(chart | {"transform": STEP_EXAMPLES}).transform
    assert {type(step).verb for step in steps} == set(STEPS)


def test_the_chart_of_the_page_is_drawn() -> None:
    document = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    (panel,) = load(parse(document)).panels
    assert panel.layers[0].table["y"].values.tolist() == [10, 11, 11]
