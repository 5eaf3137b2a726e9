"""Text is placed by its capitals, wrapped at spaces, shortened with an ellipsis."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing import text

INK = (0.0, 0.0, 0.0, 1.0)


def test_anchors() -> None:
    left = text.place("t", "Hamburg", 100, 50, size=20, color=INK)
    right = text.place("t", "Hamburg", 100, 50, size=20, color=INK, align="right", valign="top")
    middle = text.place("t", "Hamburg", 100, 50, size=20, color=INK, align="center", valign="middle")
    width, capital = text.width("Hamburg", 20), text.cap_height(20)
    assert (left.x, left.y) == (100, 50)
    assert left.box.x1 == pytest.approx(100 + width)
    assert right.box.x1 == pytest.approx(100)
    assert right.y == pytest.approx(50 + capital)
    assert middle.box.center[0] == pytest.approx(100)
    assert middle.y == pytest.approx(50 + capital / 2)


def test_descenders_belong_to_the_box() -> None:
    assert text.place("t", "gypsy", 0, 50, size=20, color=INK).box.y1 > 52
    assert text.place("t", "HHH", 0, 50, size=20, color=INK).box.y1 == pytest.approx(50, abs=0.1)


def test_turned_text_runs_up() -> None:
    turned = text.place("t", "Hamburg", 100, 50, size=20, color=INK, angle=90)
    assert turned.box.x1 >= 100 > turned.box.x0
    assert turned.box.y1 == 50
    assert turned.box.height == pytest.approx(text.width("Hamburg", 20))


def test_wrapping_breaks_at_spaces() -> None:
    words = "Gross domestic product per head"
    lines = text.wrap(words, 120, 12, lines=3)
    assert " ".join(lines) == words
    assert all(text.width(line, 12) <= 120 for line in lines)
    assert text.wrap("", 100, 12) == [""]


def test_what_is_left_over_is_shortened() -> None:
    lines = text.wrap("one two three four five six seven eight", 60, 12, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith(text.ELLIPSIS)
    assert text.shorten("Hamburg", 1, 12) == ""


def test_balanced_lines_have_about_one_length() -> None:
    words = "A title that does not fit on one line by only one word"
    room = text.width(words, 12) * 0.95
    first, second = text.balance(words, room, 12)
    assert abs(text.width(first, 12) - text.width(second, 12)) < 0.35 * room
    assert text.balance("short", 500, 12) == ["short"]


@settings(max_examples=40, deadline=None)
@given(words=st.text(st.sampled_from("abcWi .-ÄŁß"), max_size=60), room=st.floats(1, 300), lines=st.integers(1, 4))
def test_no_line_is_wider_than_its_room(words: str, room: float, lines: int) -> None:
    for wrap in (text.wrap, text.balance):
        wrapped = wrap(words, room, 12, lines=lines)
        assert 1 <= len(wrapped) <= lines
        assert all(text.width(line, 12) <= room + 1e-6 for line in wrapped)
