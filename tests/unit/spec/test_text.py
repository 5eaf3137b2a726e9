"""Text: what breaks a file, a database or the reader's eye is refused; all writing systems stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.spec.text import TextError, clean_text


@pytest.mark.parametrize(
    "text",
    [
        "a\0b", "a\x01b", "x\x1b[31m", "a\x7fb", "a\x85b", "\ud800", "\ufeffx", "\uffff", "\ufffe", "\ufdd0",
        "\U0001ffff", "a\u2028b", "\u202eabc", "\u2066x", "x\u2069", "\U000e0041", "e" + "\u0301" * 7, "a\nb", "a\tb",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_breaks_pictures_or_misleads_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        clean_text(text, limit=100)


@pytest.mark.parametrize(
    "text",
    [
        "cost $5 & <b>", r"$\foo$", "$$", "{{7*7}} {% include 'x' %} ${7*7}", "مرحبا", "שלום", "你好", "สวัสดี", "हिन्दी",
        "😀 👩‍👩‍👧 e\u0302", "naïve", "a\u200db", "_leading",
    ],
)  # fmt: skip
def test_real_text_stays_as_it_is(text: str) -> None:
    assert clean_text(text, limit=100) == unicodedata.normalize("NFC", text)


def test_the_two_forms_of_one_text_become_one() -> None:
    assert clean_text("cafe\u0301", limit=10) == clean_text("caf\u00e9", limit=10) == "caf\u00e9"


def test_white_space_around_a_text_goes_and_alone_is_empty() -> None:
    assert clean_text("  \u00a0hello ", limit=20) == "hello"
    assert clean_text("   \t ", limit=20, line_breaks="space") == ""


def test_line_breaks_are_refused_kept_or_become_spaces() -> None:
    with pytest.raises(TextError, match="a line break"):
        clean_text("a\nb", limit=10)
    assert clean_text("a\r\nb\rc", limit=10, line_breaks="keep", lines=3) == "a\nb\nc"
    assert clean_text("a\r\nb\tc", limit=10, line_breaks="space") == "a b c"
    with pytest.raises(TextError, match="more than 2 lines"):
        clean_text("a\nb\nc", limit=10, line_breaks="keep", lines=2)


def test_the_limit_is_exact_and_checked_before_anything_slow() -> None:
    assert clean_text("W" * 200, limit=200) == "W" * 200
    with pytest.raises(TextError, match="longer than 200 characters"):
        clean_text("W" * 201, limit=200)
    with pytest.raises(TextError, match="longer than 200 characters"):
        clean_text("\u0301" * 5_000_000, limit=200)


@given(st.text(max_size=50))
def test_a_clean_text_is_clean_already(text: str) -> None:
    try:
        clean = clean_text(text, limit=50, line_breaks="keep", lines=60)
    except TextError:
        return
    assert clean_text(clean, limit=100, line_breaks="keep", lines=60) == clean
    assert clean.encode("utf-8").decode("utf-8") == clean
