"""Plain text is put together from characters and pairs, and is what matplotlib's shaper would have made of it."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.textpath import text_to_path

from renderer.drawing import fonts
from renderer.drawing.cache import ByteCache
from renderer.drawing.shaping import face, shape


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
@pytest.mark.parametrize(
    "text", ["Revenue by region", "AVATAR To. LTV", "1,234.50 €", "−5 °C", "Größe, Ærø – naïve", "ΑΒΓ αβγ", "Привет"]
)
def test_plain_text_is_what_the_shaper_makes(text: str, weight: int) -> None:
    outline = shape(text, weight)
    vertices, _ = text_to_path.get_text_path(fonts.properties(weight, 100.0), text)
    expected = np.asarray(vertices) / 100.0
    assert outline.vertices.shape == expected.shape
    assert np.allclose(outline.vertices, expected, atol=0.002)
    assert outline.missing == ""


def test_width_includes_the_kerning_of_pairs() -> None:
    assert shape("AV", 400).width < shape("A", 400).width + shape("V", 400).width - 0.01
    assert shape("aaaa", 400).width == pytest.approx(4 * shape("a", 400).width, abs=1e-3)


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום", "e\u0301tude", "→ ☃"])
def test_what_needs_a_shaper_gets_it(text: str) -> None:
    outline = shape(text, 400)
    assert outline.missing == ""
    assert len(outline.codes) > 0
    assert outline.width > 0


def test_a_missing_glyph_is_told_and_never_warned_of() -> None:
    assert shape("price 𒀀𒁀𒀀", 400).missing == "𒀀𒁀"
    assert shape("a\u200db", 400).missing == ""  # what is invisible is not missing


def test_nothing_but_spaces_is_no_outline() -> None:
    assert len(shape("   ", 400).codes) == 0
    assert shape("   ", 400).width > 0
    assert shape("", 400).width == 0


def test_a_line_is_shaped_once() -> None:
    assert shape("only once", 400) is shape("only once", 400)
    assert shape("only once", 700) is not shape("only once", 400)


def test_metrics_are_sane() -> None:
    regular = face(400)
    assert 0.68 < regular.cap_height < 0.78
    assert 0.48 < regular.x_height < 0.6


def test_the_cache_is_bounded_in_bytes() -> None:
    cache: ByteCache[int, str] = ByteCache(800)
    for key in range(20):
        cache.put(key, "x", 90)
    assert cache.size <= 800
    assert len(cache) == 8
    assert cache.get(0) is None
    assert cache.get(19) == "x"
    cache.put(12, "again", 50)  # an entry may change its size
    assert cache.size == 8 * 90 - 40
    cache.put(99, "huge", 101)  # too large to be worth it
    assert cache.get(99) is None
    cache.clear()
    assert (len(cache), cache.size) == (0, 0)


def test_what_was_used_last_stays() -> None:
    cache: ByteCache[str, int] = ByteCache(800)
    for key in "abcdefgh":
        cache.put(key, 1, 100)
    cache.get("a")
    cache.put("z", 1, 100)
    assert cache.get("a") == 1
    assert cache.get("b") is None
