"""Problems: short, located, and never an echo of what somebody sent."""

from __future__ import annotations

import pytest

from renderer.spec.errors import Problem, SpecError, any_of, did_you_mean, listed, pointer, show, suggest


def test_pointers_are_those_of_rfc_6901() -> None:
    assert pointer() == ""
    assert pointer("layers", 0, "a/b", "m~n") == "/layers/0/a~1b/m~0n"


def test_names_in_pointers_are_shortened_and_printable() -> None:
    assert len(pointer("k" * 1_000_000)) == 41
    assert pointer("a\0\u202e") == "/a\\u0000\\u202e"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("EUR", "'EUR'"),
        ("x" * 50_000, "'" + "x" * 39 + "…'"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        pytest.param(10**5000, "a huge number", id="5001 digits"),
        ({"a": 1}, "an object"),
        ([1, 2], "a list"),
        ("a\nb\x1b", "'a\\u000ab\\u001b'"),
        ("\ud800", "'\\ud800'"),
    ],
)
def test_values_are_shown_short_and_on_one_line(value: object, shown: str) -> None:
    assert show(value) == shown


def test_suggestions_are_near_and_ignore_case() -> None:
    assert suggest("Colour", ["color", "column"]) == ["color"]
    assert suggest("bra", ["bar", "line"], most=2, cutoff=0.5) == ["bar"]
    assert suggest("zzz", ["bar"]) == []
    assert suggest("x" * 1_000_000, ["x" * 100]) == []


def test_sentences() -> None:
    assert did_you_mean([]) == ""
    assert did_you_mean(["bar", "radar"]) == "; did you mean 'bar' or 'radar'?"
    assert any_of(["a", "b", "c"]) == "'a', 'b' or 'c'"
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"


def test_an_error_says_each_problem_once_and_counts_what_is_too_much() -> None:
    error = SpecError([Problem("/a", "is wrong"), Problem("/a", "is wrong"), Problem("", "is odd")])
    assert str(error) == "/a: is wrong; is odd"
    many = SpecError([Problem(f"/{number}", "is wrong") for number in range(1000)], limit=10)
    assert len(many.problems) == 10
    assert many.problems[-1] == Problem("", "and 991 more problems")
