"""JSON: nothing that Python reads beyond the standard, and nothing that only takes memory."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.spec import BodyTooLarge, SpecError, strict_json

numbers = st.integers(-(10**19), 10**19) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda children: st.lists(children, max_size=5) | st.dictionaries(texts, children, max_size=5),
    max_leaves=20,
)


@given(documents)
def test_every_document_within_the_limits_is_read_as_json_reads_it(document: Any) -> None:
    assert strict_json(json.dumps(document).encode(), max_depth=100) == document


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused_and_never_anything_else(raw: bytes) -> None:
    try:
        value = strict_json(raw)
    except SpecError:
        return
    assert json.loads(raw.decode("utf-8")) == value


@pytest.mark.parametrize(
    ("raw", "pointer", "message"),
    [
        (b'{"a":1,"a":2}', "/a", "'a' is given twice"),
        (b'{"a":{"b":[0,{"c":1,"c":1}]}}', "/a/b/1/c", "'c' is given twice"),
        (b'{"a/b":{"~":1,"~":2}}', "/a~1b/~0", "'~' is given twice"),
        (b'{"data":[1,NaN]}', "/data/1", "NaN is not JSON; a missing value is null"),
        (b"[Infinity]", "/0", "Infinity is not JSON; a missing value is null"),
        (b"[-Infinity]", "/0", "-Infinity is not JSON; a missing value is null"),
        (b'{"a":[1.5,1e999]}', "/a/1", "is a number out of range"),
        (b"-1e999", "", "is a number out of range"),
        (b'{"width":' + b"9" * 4300 + b"}", "/width", "has more than 20 digits"),
        (b'{"width":' + b"9" * 21 + b"}", "/width", "has more than 20 digits"),
        (b'{"title":"a\\u0000b"}', "/title", "holds the character U+0000, which is not allowed"),
        (b'{"title":"\\ud800"}', "/title", "holds the character U+D800, which is not allowed"),
        (b'{"a":{"\\udc00":1}}', "/a", "holds the character U+DC00, which is not allowed"),
        (b"[" * 13 + b"]" * 13, "/0" * 12, "is nested more than 12 levels deep"),
        (b"[" * 100_000 + b"]" * 100_000, "", "is nested more than 12 levels deep"),
        (b'{"a":1}'.decode().encode("utf-16"), "", "is not UTF-8: byte 0 cannot be read"),
        (b'["\xc0\x80"]', "", "is not UTF-8: byte 2 cannot be read"),
        (b"{} x", "", "is not JSON: extra data at line 1, column 4"),
        (b'{"a":\n tru}', "", "is not JSON: expecting value at line 2, column 2"),
        (b"", "", "is not JSON: expecting value at line 1, column 1"),
        (b'{"a":1,}', "", "is not JSON: expecting property name enclosed in double quotes at line 1, column 8"),
    ],
)
def test_what_is_refused_is_located(raw: bytes, pointer: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        strict_json(raw)
    first = caught.value.problems[0]
    assert (first.pointer, first.message) == (pointer, message)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        strict_json(b'{"a":NaN,"b":{"c":1,"c":2},"d":[1e400]}')
    assert [problem.pointer for problem in caught.value.problems] == ["/a", "/b/c", "/d/0"]


def test_a_surrogate_pair_is_a_character() -> None:
    assert strict_json(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_small_numbers_and_the_largest_allowed_integer_are_read() -> None:
    assert strict_json(b"[1e-999, 5e-324, -0.0, 9223372036854775808]") == [0.0, 5e-324, -0.0, 2**63]
    assert strict_json(b"[1e300, 1e+100]") == [1e300, 1e100]
    assert math.copysign(1, strict_json(b"-0.0")) == -1


def test_the_limit_of_depth_is_exact() -> None:
    assert strict_json(b"[" * 12 + b"]" * 12) == json.loads("[" * 12 + "]" * 12)


def test_a_body_of_one_byte_too_many_is_too_large() -> None:
    assert strict_json(b" " * 98 + b"{}", max_bytes=100) == {}
    with pytest.raises(BodyTooLarge, match="larger than 100 bytes") as caught:
        strict_json(b" " * 99 + b"{}", max_bytes=100)
    assert caught.value.limit == 100


def test_too_many_values_are_refused() -> None:
    with pytest.raises(SpecError, match="more than 100 values"):
        strict_json(b"[" + b"1," * 100 + b"1]", max_values=100)
    with pytest.raises(SpecError, match="too many lists and objects"):
        strict_json(b"[" + b"[]," * 100 + b"[]]", max_values=100)
