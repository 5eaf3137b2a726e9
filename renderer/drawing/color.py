"""Colours: parsing, contrast, and changes of lightness that keep the hue.

OKLab and OKLCH: Björn Ottosson, "A perceptual color space for image processing" (2020).
Contrast: WCAG 2.2, relative luminance and contrast ratio.
"""

from __future__ import annotations

import math
from functools import lru_cache

from matplotlib.colors import to_rgba

from renderer.drawing.scene import Color


@lru_cache(maxsize=1024)
def parse_color(text: str) -> Color:
    """``#rgb``, ``#rrggbb``, ``#rrggbbaa`` or a CSS name; the chart language has checked it. Raises ValueError."""
    red, green, blue, alpha = to_rgba(text)
    return red, green, blue, alpha


def with_alpha(color: Color, alpha: float) -> Color:
    """The colour with its opacity multiplied by ``alpha``."""
    return color[0], color[1], color[2], color[3] * alpha


def mix(color: Color, other: Color, share: float) -> Color:
    """``share`` of ``other`` in ``color``, mixed in OKLab so that the middle is not muddy."""
    first, second = _to_oklab(color), _to_oklab(other)
    lab = tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))
    return _from_oklab((lab[0], lab[1], lab[2]), color[3] + (other[3] - color[3]) * share)


def luminance(color: Color) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_to_linear(channel) for channel in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color: Color, other: Color) -> float:
    """The WCAG contrast ratio of two opaque colours, 1 to 21."""
    first, second = luminance(color), luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


@lru_cache(maxsize=1024)
def readable(color: Color, background: Color, ratio: float) -> Color:
    """The colour nearest in lightness that stands at least ``ratio`` out from the background, hue kept."""
    if contrast(color, background) >= ratio:
        return color
    lightness, a, b = _to_oklab(color)
    step = -0.01 if luminance(background) > 0.18 else 0.01
    result = color
    while 0.0 < lightness < 1.0:
        lightness += step
        # Near black and white there is no room for chroma: it goes down as the lightness leaves the middle.
        room = min(1.0, 4.0 * lightness, 4.0 * (1.0 - lightness))
        result = _from_oklab((lightness, a * room, b * room), color[3])
        if contrast(result, background) >= ratio:
            return result
    return result


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _to_srgb(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _to_oklab(color: Color) -> tuple[float, float, float]:
    red, green, blue = (_to_linear(channel) for channel in color[:3])
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lab: tuple[float, float, float], alpha: float) -> Color:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _to_srgb(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _to_srgb(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _to_srgb(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
        alpha,
    )
