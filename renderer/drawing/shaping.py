"""From a string to outlines: the glyphs of one line of text, with kerning and fallback fonts, in units of the em.

Shaping a string in matplotlib costs about 0.3 ms, and drawing it glyph by glyph in Agg 1 ms more; text is therefore the
largest cost of a chart. Two things make it cheap here:

- A line of plain characters is put together from the outline of each character and the kerning of each pair, both asked
  of FreeType once in the life of a process. Only what really needs a shaper (Arabic, Hindi, combining marks, ligatures,
  characters that come from a fallback font) goes through matplotlib's.
- Outlines have no size and no colour, so one cache entry serves every size, colour, theme and scale; many labels are
  filled by Agg in one call.
"""

from __future__ import annotations

import threading
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from renderer.drawing import fonts
from renderer.drawing.cache import ByteCache
from renderer.drawing.scene import Floats

EM = 100.0  # pixels: the size at which FreeType is asked, the same as in matplotlib.textpath
_SUBPIXEL = 64.0  # FreeType counts in 26.6 fixed point
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u00ad")
_CACHE_BYTES = 8 * 1024 * 1024

Codes = npt.NDArray[Any]  # matplotlib's path codes: unsigned bytes


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A line of text at 1 px per em: y up, the baseline at 0. ``missing`` are the characters that no font has."""

    width: float
    top: float
    bottom: float
    vertices: Floats
    codes: Codes
    missing: str


@dataclass(frozen=True, slots=True, eq=False)
class _Glyph:
    advance: float
    vertices: Floats
    codes: Codes


class Face:
    """One weight of the typeface with its fallbacks. Not for use by two threads at once: ``shape`` holds a lock."""

    def __init__(self, weight: int) -> None:
        self._weight = weight
        self._files = fonts.files(weight)
        font = self._font()
        self.ascent, self.descent = font.ascender / font.units_per_EM, -font.descender / font.units_per_EM
        self._characters = frozenset(chr(code) for code in font.get_charmap())
        self._glyphs: dict[str, _Glyph] = {}
        self._pairs: dict[str, float | None] = {}
        self.cap_height = float(self._glyph("H").vertices[:, 1].max())
        self.x_height = float(self._glyph("x").vertices[:, 1].max())

    def _font(self, text: str = "") -> FT2Font:
        # Asked for each time: matplotlib drops its fonts in a forked child, and others change the size of a shared one.
        font = get_font([self._files[place] for place in fonts.needed(text, self._weight)] if text else self._files[0])
        font.set_size(EM, 72)
        return font

    def outline(self, text: str) -> Outline:
        if all(character in self._characters for character in text):
            plain = self._plain(text)
            if plain is not None:
                return plain
        return self._shaped(text)

    def _plain(self, text: str) -> Outline | None:
        """Characters side by side; None where a pair makes something new."""
        x = 0.0
        vertices: list[Floats] = []
        codes: list[Codes] = []
        before = ""
        for character in text:
            if before:
                kerning = self._kerning(before + character)
                if kerning is None:
                    return None
                x += kerning
            glyph = self._glyph(character)
            if len(glyph.vertices):
                vertices.append(glyph.vertices + np.array((x, 0.0)))
                codes.append(glyph.codes)
            x += glyph.advance
            before = character
        return _outline(x, vertices, codes, "")

    def _glyph(self, character: str) -> _Glyph:
        glyph = self._glyphs.get(character)
        if glyph is None:
            font = self._font()
            loaded = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
            vertices, codes = font.get_path()
            glyph = self._glyphs[character] = _Glyph(loaded.linearHoriAdvance / 65536.0 / EM, vertices / EM, codes)
        return glyph

    def _kerning(self, pair: str) -> float | None:
        try:
            return self._pairs[pair]
        except KeyError:
            pass
        positions = self._font().set_text(pair, 0.0, flags=LoadFlags.NO_HINTING)
        kerning = None
        # Letters that join, or that stand on top of each other, are the shaper's business.
        simple = unicodedata.combining(pair[1]) == 0 and all(
            unicodedata.bidirectional(c) not in {"R", "AL"} for c in pair
        )
        if len(positions) == 2 and simple and positions[1][1] == 0 and positions[0][0] == 0:
            kerning = float(positions[1][0]) / _SUBPIXEL / EM - self._glyph(pair[0]).advance
        self._pairs[pair] = kerning
        return kerning

    def _shaped(self, text: str) -> Outline:
        missing = "".join(
            dict.fromkeys(
                character
                for character in text
                if character not in _ZERO_WIDTH
                and not character.isspace()
                and fonts.holder_of(character, self._weight) is None
            )
        )
        with warnings.catch_warnings():
            # matplotlib warns of each missing glyph, each time; ours is one warning for the whole drawing.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            glyphs, shapes, _ = text_to_path.get_glyphs_with_font(self._font(text), text)
            font = self._font(text)
            font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
        width = font.get_width_height()[0] / _SUBPIXEL / EM
        vertices, codes = [], []
        for name, x, y, scale in glyphs:
            points, kinds = shapes[name]
            if len(points):
                vertices.append((points * scale + np.array((x, y))) / EM)
                codes.append(kinds)
        return _outline(width, vertices, codes, missing)


def _outline(width: float, vertices: list[Floats], codes: list[Codes], missing: str) -> Outline:
    if not vertices:
        return Outline(width, 0.0, 0.0, np.empty((0, 2)), np.empty(0, Path.code_type), missing)
    points = np.concatenate(vertices)
    return Outline(width, float(points[:, 1].max()), float(points[:, 1].min()), points, np.concatenate(codes), missing)


_outlines: ByteCache[tuple[str, int, str], Outline] = ByteCache(_CACHE_BYTES)
_lock = threading.Lock()


def face(weight: int) -> Face:
    """The typeface in use at one of ``fonts.WEIGHTS``."""
    return _face(fonts.current(), weight)


@cache
def _face(typeface: str, weight: int) -> Face:
    assert typeface == fonts.current(), "a face belongs to the typeface in which it was made"
    return Face(weight)


def shape(text: str, weight: int) -> Outline:
    """The outline of one line of text; cached."""
    key = (fonts.current(), weight, text)
    found = _outlines.get(key)
    if found is None:
        with _lock:
            found = face(weight).outline(text)
            _outlines.put(key, found, found.vertices.nbytes + found.codes.nbytes + 4 * len(text) + 400)
    return found


def forget() -> None:
    """Empty the cache of lines: for measurements of cold drawing. What is known of single characters stays."""
    with _lock:
        _outlines.clear()
