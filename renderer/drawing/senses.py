"""Colours that mean something whatever is shown: more and less, good and bad, neither.

A bluish green and a red that is darker: 24 CIEDE2000 or more apart under protan, deutan and tritan vision (simulated
after Machado, Oliveira and Fernandes 2009), where pure green and red are the same brown.
"""

from __future__ import annotations

from renderer.drawing.color import mix, parse_color, readable
from renderer.drawing.scene import Color
from renderer.drawing.theme import Theme

_GOOD = parse_color("#1a9e86")
_FAIR = parse_color("#e8a317")
_BAD = parse_color("#c8381f")
_NEUTRAL = parse_color("#5c6b80")
_BETWEEN = (_GOOD, parse_color("#86b04a"), _FAIR, parse_color("#dd6f22"), _BAD)
_FILL_CONTRAST = 3.0  # that areas keep from a dark background


def good(theme: Theme) -> Color:
    """More, gained, done."""
    return _for(theme, _GOOD)


def fair(theme: Theme) -> Color:
    """Between good and bad."""
    return readable(_FAIR, theme.background, min(theme.line_contrast, 2.0))


def bad(theme: Theme) -> Color:
    """Less, lost, late."""
    return _for(theme, _BAD)


def neutral(theme: Theme) -> Color:
    """Neither: totals, what was before."""
    return _for(theme, _NEUTRAL)


def graded(count: int, theme: Theme) -> list[Color]:
    """So many colours from good to bad."""
    colors = []
    for index in range(count):
        place = index / max(1, count - 1) * (len(_BETWEEN) - 1)
        first = min(int(place), len(_BETWEEN) - 2)
        colors.append(readable(mix(_BETWEEN[first], _BETWEEN[first + 1], place - first), theme.background, 2.0))
    return colors


def _for(theme: Theme, color: Color) -> Color:
    return readable(color, theme.background, _FILL_CONTRAST)
