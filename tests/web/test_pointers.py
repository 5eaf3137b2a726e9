"""Where a JSON pointer leads in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.spec.errors import Problem
from renderer.web.pointers import locate

TEXT = """{
  "kind": "bar",
  "data": {"values": [
    {"a": 1, "b/c": {"~": [1,
      2]}},
    {"a": "} , : ["}
  ]},
  "tit\\u006ce": "x\\"y",
  "last": [[], {}, [
    7]]
}"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", None),
        ("/kind", 2),
        ("/data", 3),
        ("/data/values", 3),
        ("/data/values/0", 4),
        ("/data/values/0/a", 4),
        ("/data/values/0/b~1c", 4),
        ("/data/values/0/b~1c/~0/0", 4),
        ("/data/values/0/b~1c/~0/1", 5),
        ("/data/values/1/a", 6),
        ("/title", 8),
        ("/last/2", 9),
        ("/last/2/0", 10),
        ("/data/missing", 3),
        ("/missing", None),
    ],
)
def test_pointers_lead_to_lines(pointer: str, line: int | None) -> None:
    (located,) = locate([Problem(pointer, "wrong")], TEXT)
    assert located.line == line


def test_problems_are_told_from_the_top_down() -> None:
    problems = [Problem("/last", "c"), Problem("/kind", "b"), Problem("/nowhere", "a")]
    assert [located.message for located in locate(problems, TEXT)] == ["a", "b", "c"]


@given(st.text(alphabet='{}[],:"\\ \nab1', max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    locate([Problem("/a", "wrong")], text)


def test_neither_depth_nor_length_matters() -> None:
    (located,) = locate([Problem("/0/0/0", "wrong")], "[\n" * 1000)
    assert located.line == 4
    locate([Problem("/a", "wrong")], '"' + "\\" * 200_000)
