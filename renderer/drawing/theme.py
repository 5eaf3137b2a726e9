"""Themes: the colours, sizes and distances of a picture, as typed data. Sizes and distances are CSS pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import color_sequences, colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap

from renderer.drawing import fonts
from renderer.drawing.color import contrast, luminance, parse_color, readable
from renderer.drawing.logo import Logo, load_logo
from renderer.drawing.scene import Color
from renderer.spec.themes import OwnTheme, catalogue

WHITE: Color = (1.0, 1.0, 1.0, 1.0)
_TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
_SMALL = (480, 300)  # a picture narrower or lower than this is drawn in smaller letters


def _petroff() -> tuple[Color, ...]:
    """petroff10 (Petroff 2021) with the greys moved last: no two of its first six colours are close, under protan,
    deutan and tritan vision neither (13.0 CIEDE2000 for the worst pair; tab10 1.3).
    """
    colors = [parse_color(text) for text in color_sequences["petroff10"]]
    grays = [colors[3], colors[8]]
    return tuple(color for color in colors if color not in grays) + tuple(grays)


# Okabe and Ito (2008), without black.
_OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
_CATEGORICAL: dict[str, tuple[Color, ...]] = {
    "petroff10": _petroff(),
    "okabe_ito": tuple(map(parse_color, _OKABE_ITO)),
    "tab10": tuple(map(parse_color, color_sequences["tab10"])),
}
_DARK = 0.18  # the luminance below which words on a background are white
_POINTS = 0.8  # of the contrast of lines is what points keep, which are larger
_FROM_WHITE = ("blues", "greens", "oranges", "purples", "reds", "greys")
_COLORMAPS = {name.lower(): name for name in colormaps}


@dataclass(frozen=True, slots=True)
class Theme:
    """How a picture looks, whatever it shows."""

    name: str
    background: Color
    text: Color
    muted: Color  # axis labels, subtitles, captions
    grid: Color
    axis: Color
    palette: tuple[Color, ...]
    ramp: str  # matplotlib's name of the colour map for numbers
    diverging: str  # and for numbers around a middle
    shades: str  # the colour map for numbers that fill areas: little is near the background, much is far from it
    shades_around: str  # and for those around a middle, which is near the background
    line_contrast: float  # that lines and points keep from the background

    title: float = 19.0
    subtitle: float = 13.5
    label: float = 12.0
    caption: float = 11.0
    margin: float = 20.0
    gap: float = 8.0
    line: float = 2.0
    marker: float = 6.5
    leading: float = 1.0  # how much further apart the lines of labels are in scripts that are taller than Latin
    ramp_palette: str | tuple[str, ...] | None = None  # an operator's, in place of ramp and shades
    diverging_palette: str | tuple[str, ...] | None = None  # and of those around a middle
    typeface: str = fonts.OWN
    logo: Logo | None = None

    def sized(self, width: float, height: float) -> Theme:
        """The theme for a picture of this size: a thumbnail has no room for large letters."""
        if width >= _SMALL[0] and height >= _SMALL[1]:
            return self
        smallest = min(width, height)
        return replace(
            self,
            title=min(15.0, self.title),
            subtitle=min(12.0, self.subtitle),
            label=min(11.0, self.label),
            caption=min(10.0, self.caption),
            margin=max(2.0, min(12.0, self.margin, smallest / 14)),
            gap=min(6.0, self.gap),
            line=min(1.75, self.line),
            logo=self.logo.fitting(width, height) if self.logo else None,
        )

    def line_color(self, color: Color) -> Color:
        """A colour for thin lines and small points: it keeps its hue, and its distance from the background."""
        return readable(color, self.background, self.line_contrast)

    def text_color(self, color: Color) -> Color:
        """A colour for words on the background."""
        return readable(color, self.background, _TEXT_CONTRAST)

    def ink_on(self, fill: Color) -> Color:
        """The colour for words on a filled mark: this theme's dark or light, whichever stands out."""
        dark = self.text if contrast(self.text, WHITE) > contrast(self.background, WHITE) else self.background
        return max((WHITE, dark), key=lambda ink: contrast(ink, fill) * (1.2 if ink == WHITE else 1.0))


LIGHT = Theme(
    name="light",
    background=WHITE,
    text=parse_color("#1a1d21"),
    muted=parse_color("#5a6370"),
    grid=parse_color("#e6e8eb"),
    axis=parse_color("#9aa2ad"),
    palette=_petroff(),
    ramp="viridis",
    diverging="RdBu_r",
    shades="YlGnBu",
    shades_around="RdBu_r",
    line_contrast=2.0,
)
DARK = Theme(
    name="dark",
    background=parse_color("#15181d"),
    text=parse_color("#f1f3f5"),
    muted=parse_color("#a6aeb9"),
    grid=parse_color("#2c323b"),
    axis=parse_color("#626c79"),
    palette=tuple(readable(color, parse_color("#15181d"), 3.0) for color in _petroff()),
    ramp="viridis",
    diverging="RdBu_r",
    shades="YlGnBu_r",
    shades_around="berlin",
    line_contrast=3.0,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def theme_of(name: str) -> Theme:
    """A theme by the name that a chart gives: one of ours, or the operator's. Raises KeyError for one that is none."""
    own = catalogue.get(name)
    return _operators(own) if own is not None else THEMES[name]


@lru_cache(maxsize=64)
def _operators(own: OwnTheme) -> Theme:
    """An operator's theme, on its base."""
    base, said = THEMES[own.file.base], own.file
    changed: dict[str, Any] = {name: parse_color(color) for name, color in said.colors if color is not None}
    changed |= {name: size for name, size in said.sizes if size is not None}
    theme = replace(base, name=own.name, **changed)
    if said.palette is not None:
        theme = replace(theme, palette=hues(said.palette, theme))
    if own.fonts:
        theme = replace(theme, typeface=fonts.register(own.digest, own.fonts))
    if said.logo is not None and own.logo is not None:
        theme = replace(theme, logo=load_logo(own.logo, said.logo.corner, said.logo.height))
    return replace(theme, ramp_palette=said.ramp, diverging_palette=said.diverging)


def hues(palette: str | tuple[str, ...] | None, theme: Theme, count: int = 8) -> tuple[Color, ...]:
    """The colours of categories: the author's list or a palette by name, or else the theme's own.

    A ramp asked for here (a colour map for numbers) is sampled at ``count`` places, from end to end.
    """
    if palette is None:
        return theme.palette
    if isinstance(palette, tuple):
        return tuple(map(parse_color, palette))
    if palette in _CATEGORICAL:
        return tuple(readable(color, theme.background, theme.line_contrast * 0.7) for color in _CATEGORICAL[palette])
    ramp = colormaps[_COLORMAPS[palette]]
    samples = [ramp(0.1 + 0.8 * index / max(1, count - 1)) for index in range(count)]
    return tuple((float(r), float(g), float(b), 1.0) for r, g, b, _ in samples)


def ramp(palette: str | tuple[str, ...] | None, theme: Theme, *, diverging: bool, filled: bool = False) -> Colormap:
    """The colour map for numbers; ``filled`` for those that cover areas.

    The palest shade of an area need not stand out from the background, but be near it: palettes of one hue are turned
    round on a dark one.
    """
    if palette is None or (isinstance(palette, str) and palette in _CATEGORICAL):
        palette = theme.diverging_palette if diverging else theme.ramp_palette
    if isinstance(palette, tuple):
        colors = [parse_color(text) for text in palette]
        return LinearSegmentedColormap.from_list("own", colors if len(colors) > 1 else [theme.background, *colors])
    if palette is not None and palette not in _CATEGORICAL:
        if filled and palette in _FROM_WHITE:
            return _shades(_COLORMAPS[palette] + ("_r" if luminance(theme.background) < _DARK else ""))
        name = _COLORMAPS[palette]
        return colormaps[name] if filled else _standing_out(name, theme.background, theme.line_contrast * _POINTS)
    if filled:
        return colormaps[theme.shades_around] if diverging else _shades(theme.shades)
    if diverging or luminance(theme.background) < _DARK:
        name = theme.diverging if diverging else theme.ramp
        return _standing_out(name, theme.background, theme.line_contrast * _POINTS)
    return colormaps[theme.ramp]


@lru_cache(maxsize=32)
def _standing_out(name: str, background: Color, ratio: float) -> Colormap:
    """A colour map whose pale or dark parts, such as the middle of a diverging one, are still seen as points."""
    samples = [colormaps[name](place) for place in np.linspace(0.0, 1.0, 65)]
    found = [readable((float(r), float(g), float(b), 1.0), background, ratio) for r, g, b, _ in samples]
    return LinearSegmentedColormap.from_list(name, found)


@lru_cache(maxsize=8)
def _shades(name: str) -> Colormap:
    """A colour map without its first steps, which cannot be told from the background."""
    return LinearSegmentedColormap.from_list(name, [colormaps[name](place) for place in np.linspace(0.06, 1.0, 64)])
