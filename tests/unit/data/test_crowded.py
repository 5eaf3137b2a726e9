"""What is seen of rows before anything is drawn: too many names, too many parts, and parts of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from renderer.data.resolve import load
from renderer.spec import LIMITS, SpecError, parse


def said(**spec: Any) -> str:
    """The first error of a chart with these fields, or ""."""
    try:
        load(parse(spec))
    except SpecError as error:
        return str(error.problems[0])
    return ""


def parts(kind: str, amounts: Sequence[float | None], **more: Any) -> str:
    names = [f"p{number}" for number in range(len(amounts))]
    channels = {"path": ["n"], "value": "v"} if kind == "treemap" else {"label": "n", "value": "v"}
    return said(kind=kind, data={"columns": {"n": names, "v": amounts}}, **channels, **more)


@pytest.mark.parametrize(
    ("kind", "noun"), [("pie", "slices"), ("donut", "slices"), ("waffle", "parts"), ("treemap", "tiles")]
)
def test_parts_of_nothing(kind: str, noun: str) -> None:
    assert parts(kind, [0, 0, None]) == f"/value: the {noun} of a {kind} add up to zero"
    assert parts(kind, [0, 1e300, 1e300, None]) == ""


def test_slices_are_counted_as_they_are_drawn() -> None:
    many = [1.0] * (LIMITS.wedges + 1)
    assert parts("pie", many).startswith("/label: 101 slices are more than the 100 that a pie can show; collect the")
    assert parts("donut", many, group_below=0.2) == ""
    assert parts("pie", [*many[1:], 0.0]) == "", "what is zero is no slice"


def lines(count: int, kind: str = "line", **more: Any) -> str:
    columns = {"x": [1] * count, "y": [1] * count, "c": [f"s{number}" for number in range(count)]}
    return said(kind=kind, x="x", y="y", color="c", data={"columns": columns}, **more)


def test_names_that_a_legend_holds() -> None:
    assert lines(LIMITS.legend_entries) == ""
    assert lines(51) == "/color: 51 categories are more than the 50 that a legend can hold; use 'top' and 'other'"
    assert lines(500, "scatter").startswith("/color: 500 categories")


def test_names_that_need_no_legend() -> None:
    names = [f"s{number}" for number in range(60)]
    columns = {"x": ["a", "b"] * 60, "y": range(120), "c": [name for name in names for _ in range(2)]}
    rows = {name: list(values) for name, values in columns.items()}
    assert said(kind="slope", x="x", y="y", color="c", data={"columns": rows}) == ""
    assert said(kind="bar", x="c", y="sum(y)", data={"columns": rows}) == "", "an axis has room for them"
