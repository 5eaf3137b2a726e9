"""Colours: hexadecimal and CSS names, and nothing that matplotlib would also read."""

from __future__ import annotations

import matplotlib.colors
import pytest

from renderer.spec.colors import CSS_COLORS, DIVERGING_PALETTES, SEQUENTIAL_PALETTES, parse_color


@pytest.mark.parametrize("text", ["#abc", "#ABCD", "#1f77b4", "#1f77b480", "teal", "RebeccaPurple"])
def test_colours(text: str) -> None:
    assert parse_color(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "", "#12", "#12345", "#1234567", "#ggg", "0.5", "\u0660.5", " 0.5 ", "C0", "C" + "9" * 5000, "none", "tab:blue",
        "xkcd:sky blue",         "url(javascript:1)", "rgb(1,2,3)", "red ", "#abc\n", "b",
        "transparent", "#\u0661\u0661\u0661", "x" * 5_000_000,
    ],
    ids=lambda text: ascii(text)[:30],
)  # fmt: skip
def test_what_is_no_colour(text: str) -> None:
    assert parse_color(text) is None


def test_every_name_is_one_that_is_drawn() -> None:
    assert frozenset(matplotlib.colors.CSS4_COLORS) == CSS_COLORS


def test_every_ramp_is_a_colormap() -> None:
    known = {name.lower() for name in matplotlib.colormaps}
    assert known.issuperset(SEQUENTIAL_PALETTES)
    assert known.issuperset(DIVERGING_PALETTES)
