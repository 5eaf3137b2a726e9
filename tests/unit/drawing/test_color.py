"""Contrast is WCAG's, and colours keep their hue when they change their lightness."""

from __future__ import annotations

import colorsys

import pytest

from renderer.drawing.color import contrast, mix, parse_color, readable, with_alpha
from renderer.drawing.scene import Color
from renderer.drawing.theme import DARK, LIGHT, THEMES, Theme, hues, ramp

WHITE, BLACK = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)


def test_contrast_has_the_values_of_wcag() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21.0)
    assert contrast(WHITE, WHITE) == pytest.approx(1.0)
    # The grey that is known to be the lightest to pass AA on white.
    assert contrast(parse_color("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("background", [WHITE, BLACK, DARK.background])
@pytest.mark.parametrize("color", ["#ffa90e", "#3f90da", "#bd1f01", "#832db6", "#92dadd", "yellow", "navy"])
@pytest.mark.parametrize("ratio", [3.0, 4.5])
def test_readable_reaches_its_ratio_and_keeps_the_hue(color: str, background: Color, ratio: float) -> None:
    before = parse_color(color)
    after = readable(before, background, ratio)
    assert contrast(after, background) >= ratio
    hue_before, hue_after = (colorsys.rgb_to_hsv(*c[:3])[0] for c in (before, after))
    assert min(abs(hue_before - hue_after), 1 - abs(hue_before - hue_after)) < 0.09


def test_readable_leaves_alone_what_is_readable() -> None:
    assert readable(BLACK, WHITE, 4.5) == BLACK


def test_mixing_ends_at_its_ends() -> None:
    red, blue = parse_color("#cc0000"), parse_color("#0000cc")
    assert mix(red, blue, 0.0) == pytest.approx(red, abs=1e-3)
    assert mix(red, blue, 1.0) == pytest.approx(blue, abs=1e-3)
    assert with_alpha(red, 0.5)[3] == 0.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_themes_are_legible(theme: Theme) -> None:
    assert contrast(theme.text, theme.background) >= 7
    assert contrast(theme.muted, theme.background) >= 4.5
    assert 1.05 < contrast(theme.grid, theme.background) < 2
    for color in theme.palette:
        assert contrast(theme.text_color(color), theme.background) >= 4.5
        assert contrast(theme.line_color(color), theme.background) >= theme.line_contrast
        assert contrast(theme.ink_on(color), color) >= 3.0


def test_the_palette_ends_with_its_greys() -> None:
    def chroma(color: Color) -> float:
        return max(color[:3]) - min(color[:3])

    assert len(LIGHT.palette) == 10
    assert max(chroma(color) for color in LIGHT.palette[-2:]) < min(chroma(color) for color in LIGHT.palette[:6])


def test_the_dark_theme_keeps_lines_apart_from_its_background() -> None:
    assert all(contrast(color, DARK.background) >= 3.0 for color in DARK.palette)


def test_palettes_come_by_name_or_as_a_list() -> None:
    assert hues(("#ff0000", "teal"), LIGHT) == (parse_color("#ff0000"), parse_color("teal"))
    assert len(hues("okabe_ito", LIGHT)) == 7
    assert len(hues("viridis", LIGHT)) == 8
    assert ramp("rdbu", LIGHT, diverging=True).name == "RdBu"
    assert ramp(None, LIGHT, diverging=False).name == "viridis"
    assert ramp(("#ffffff", "#ff0000"), LIGHT, diverging=False)(1.0) == (1.0, 0.0, 0.0, 1.0)


def test_small_pictures_have_small_letters() -> None:
    assert LIGHT.sized(800, 500) is LIGHT
    assert LIGHT.sized(300, 200).title < LIGHT.title
    assert LIGHT.sized(16, 16).margin < 8
