"""Every script is drawn in a font that has it, joined and in its direction; what no font has is told."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags

from renderer.drawing import fonts, scripts, text
from renderer.drawing.draw import Drawing
from renderer.drawing.encode import FORMATS, Picture
from renderer.drawing.shaping import shape

EXAMPLE = Path(__file__).parents[3] / "examples" / "specs" / "text-scripts.json"
SAMPLES = {
    "Arabic": "العربية", "Hebrew": "שָׁלוֹם", "Devanagari": "क्षेत्रीय", "Thai": "ภาษาที่ใหญ่", "Emoji": "😀👍🏽🇯🇵",
    "Bengali": "বাংলা", "Tamil": "தமிழ்", "Telugu": "తెలుగు", "Gujarati": "ગુજરાતી", "Gurmukhi": "ਪੰਜਾਬੀ",
    "Kannada": "ಕನ್ನಡ", "Malayalam": "മലയാളം", "Oriya": "ଓଡ଼ିଆ", "Sinhala": "සිංහල", "Georgian": "ქართული",
    "Armenian": "Հայերեն", "Khmer": "ភាសាខ្មែរ", "Lao": "ພາສາລາວ", "Myanmar": "မြန်မာ", "Ethiopic": "አማርኛ",
    "CJK": "日本語한국어中文",
}  # fmt: skip


@pytest.fixture
def _afresh() -> Iterator[None]:
    """What is known of fonts is forgotten before and after: the test changes which there are."""
    caches = (fonts._families, fonts._files, fonts._holder_of)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
@pytest.mark.parametrize("script", SAMPLES)
def test_each_script_has_its_font(script: str, weight: int) -> None:
    sample = SAMPLES[script]
    assert shape(sample, weight).missing == ""
    names = {fonts.families(weight)[place] for place in fonts.needed(sample, weight)}
    assert f"Figpress {script}" in names


def test_common_scripts_have_bold_letters_in_titles() -> None:
    for script in ("Arabic", "Hebrew", "Devanagari", "Thai", "CJK"):
        sample = SAMPLES[script]
        regular, bold = (fonts.files(weight)[max(fonts.needed(sample, weight))] for weight in (400, 700))
        assert regular != bold


def _clusters(sample: str) -> list[str]:
    font = get_font([fonts.files(400)[place] for place in fonts.needed(sample, 400)])
    font.set_size(100, 72)
    return [item.char for item in font._layout(sample, LoadFlags.NO_HINTING)]


def test_right_to_left_runs_backwards_and_numbers_in_it_do_not() -> None:
    assert "".join(_clusters("שלום 2024")) == "2024 םולש"
    assert "".join(_clusters("sales: שלום")) == "sales: םולש"


def test_arabic_letters_join() -> None:
    apart = sum(shape(letter, 400).width for letter in "عربي")
    assert shape("عربي", 400).width < 0.8 * apart


def test_marks_and_conjuncts_make_one_cluster() -> None:
    assert len(set(_clusters("क्षे"))) == 1
    assert len(_clusters("🇯🇵")) == 1
    assert len(_clusters("👩‍💻")) == 1
    assert "ผู้" in _clusters("ผู้ใหญ่")


def test_the_example_is_complete_and_tidy(
    draw_spec: Callable[..., Drawing],
    encode_drawing: Callable[..., Picture],
    assert_tidy: Callable[[Drawing], None],
) -> None:
    drawing = draw_spec(json.loads(EXAMPLE.read_text(encoding="utf-8")))
    assert drawing.warnings == ()
    assert_tidy(drawing)
    letters = {unicodedata.name(c).split()[0] for item in drawing.scene.texts for c in item.text if c.isalpha()}
    assert {"ARABIC", "HEBREW", "DEVANAGARI", "THAI", "CJK", "HANGUL"} <= letters
    for name in FORMATS:
        assert encode_drawing(drawing, name).data == encode_drawing(drawing, name).data


@pytest.mark.usefixtures("_afresh")
def test_without_the_extra_a_missing_letter_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, draw_spec: Callable[..., Drawing]
) -> None:
    monkeypatch.setattr(scripts, "extras", lambda: ())
    columns = {"city": ["金沢市", "Paris"], "n": [1, 2]}
    drawing = draw_spec({"kind": "bar", "data": {"columns": columns}, "x": "city", "y": "n"})
    assert any("金" in warning for warning in drawing.warnings)


def test_what_no_font_has_is_a_warning(draw_spec: Callable[..., Drawing]) -> None:
    spec = {"kind": "bar", "title": "\U00012000", "data": {"columns": {"a": ["x"], "b": [1]}}, "x": "a", "y": "b"}
    assert any("\U00012000" in warning for warning in draw_spec(spec).warnings)


def test_the_operators_fonts_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = scripts.folder_of(scripts.PACKAGE)
    assert place is not None
    (tmp_path / "more").mkdir()
    copied = Path(shutil.copy(place / "NotoSansLao[wght].ttf", tmp_path / "more" / "lao.ttf"))
    (tmp_path / "more" / "readme.txt").write_text("no font")
    monkeypatch.setenv(scripts.EXTRA, str(tmp_path / "more"))
    assert [fallback.regular for fallback in scripts.extras()][-1] == copied
    monkeypatch.setenv(scripts.EXTRA, str(copied))
    assert [fallback.regular for fallback in scripts.extras()][-1] == copied


def test_a_named_font_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(scripts.EXTRA, str(tmp_path / "none.ttf"))
    scripts.extras()
    assert "none.ttf" in caplog.text


def test_japanese_is_wrapped_without_spaces() -> None:
    title = "東京都の売上高は、前年同期より「二割」増えた"
    lines = text.wrap(title, 130, 12, lines=4)
    assert "".join(lines) == title
    assert len(lines) > 1
    assert all(text.width(line, 12) <= 130 for line in lines)
    assert not any(line[0] in "、」はー" and line[0] != "は" for line in lines)
    assert not any(line.endswith("「") for line in lines)


@pytest.mark.parametrize("sample", ["क्षेत्रीय भाषाएँ", "👩‍💻👍🏽👩‍💻", "e\u0301e\u0301e\u0301"])
def test_nothing_is_cut_inside_a_character(sample: str) -> None:
    for room in range(12, 120, 3):
        shown = text.shorten(sample, room, 12)
        if shown.endswith(text.ELLIPSIS):
            rest = sample[len(shown) - 1 :]
            assert not unicodedata.category(rest[0]).startswith("M")
            assert rest[0] not in "\u200d\ufe0f🏽"
