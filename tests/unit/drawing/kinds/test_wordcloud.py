"""Word clouds: words as large as their amounts, none over another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from renderer.drawing.color import contrast
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects, Text
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]


def _cloud(sizes: Mapping[str, float | None], /, **fields: Any) -> Spec:
    data = {"columns": {"word": list(sizes), "times": list(sizes.values())}}
    return {"kind": "wordcloud", "data": data, "text": "word", "size": "times"} | fields


def _words(drawing: Drawing) -> dict[str, Text]:
    return {item.text: item for item in drawing.scene.texts if item.role == "word"}


def test_the_area_of_a_word_is_its_amount(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_cloud({"some": 16, "more": 64, "few": 4}))
    assert_tidy(drawing)
    words = _words(drawing)
    assert words["more"].size / words["some"].size == pytest.approx(2.0)
    assert words["some"].size / words["few"].size == pytest.approx(2.0)
    assert not drawing.warnings


def test_rows_are_counted_by_default(draw_spec: Draw) -> None:
    spec = _cloud({})
    del spec["size"]
    spec["data"]["columns"] = {"word": ["a", "b", "a", "a", "a"]}
    words = _words(draw_spec(spec))
    assert words["a"].size / words["b"].size == pytest.approx(2.0)


def test_words_stand_out_from_the_background(draw_spec: Draw) -> None:
    for theme, ground in (("light", (1.0, 1.0, 1.0, 1.0)), ("dark", (0.082, 0.094, 0.114, 1.0))):
        words = _words(draw_spec(_cloud({f"word{index}": 40 - index for index in range(30)}), theme=theme))
        assert min(contrast(word.color, ground) for word in words.values()) >= 4.45


def test_categories_are_told_apart_as_the_legend_says(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _cloud({"a": 4, "b": 3, "c": 2}, color="kind_of")
    spec["data"]["columns"]["kind_of"] = ["one", "two", "one"]
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    words = _words(drawing)
    assert words["a"].color == words["c"].color != words["b"].color
    samples = {item.name: item.fill for item in drawing.scene.by_role("legend-sample") if isinstance(item, Rects)}
    assert samples["one"] == words["a"].color


def test_some_words_may_be_turned(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _cloud({f"word{index}": 40 - index for index in range(30)}, upright=0.5)
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    words = _words(drawing)
    assert sum(word.angle == 90 for word in words.values()) in (14, 15)
    assert words["word0"].angle == 0
    assert [(word.text, word.box) for word in _words(draw_spec(spec)).values()] == [
        (word.text, word.box) for word in words.values()
    ]


def test_the_smallest_are_left_out_with_a_warning(draw_spec: Draw, assert_tidy: Tidy) -> None:
    many = {f"word{index}": 1000.0 / (index + 1) for index in range(300)}
    drawing = draw_spec(_cloud(many, words=50))
    assert_tidy(drawing)
    assert len(_words(drawing)) == 50
    assert drawing.warnings == ("250 of 300 words are left out, the smallest.",)
    small = draw_spec(_cloud(many, image={"width": 320, "height": 200}, title="Words"))
    assert_tidy(small)
    assert any("have no room" in warning for warning in small.warnings)
    assert "word0" in _words(small)


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (90, 60), (16, 16), (300, 700), (2000, 40)])
def test_any_words_are_tidy(size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    image = {"width": size[0], "height": size[1]}
    clouds: list[dict[str, float | None]] = [
        {"one": 1},
        {"Ångström": 1e299, "tiny": 1e-290},
        {"a word that is far too long for any picture of a reasonable size, and goes on" * 2: 5, "b": 1},
        {"nothing": 0, "missing": None, "漢字": 4, "مرحبا": 3},
    ]
    for words in clouds:
        assert_tidy(draw_spec(_cloud(words, image=image)))


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        ({"size": "word"}, "/size", "numbers are needed"),
        ({"words": 0}, "/words", "from 1 to 250"),
        ({"upright": 0.9}, "/upright", "from 0 to 0.5"),
    ],
)
def test_what_cannot_be_shown_is_said_where(fields: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_cloud({"a": 1, "b": 2}, **fields))
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message


def test_negative_amounts_are_refused(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match="/size: a word cannot be smaller than nothing, and size holds −2"):
        draw_spec(_cloud({"a": 1, "b": -2}))


def test_a_word_in_two_rows_has_to_be_aggregated(draw_spec: Draw) -> None:
    spec = _cloud({})
    spec["data"]["columns"] = {"word": ["a", "a"], "times": [1, 2]}
    with pytest.raises(SpecError, match=r"sum\(times\)"):
        draw_spec(spec)


def test_the_alt_text_names_the_largest(draw_spec: Draw) -> None:
    alt = draw_spec(_cloud({"some": 16, "more": 64, "few": 4})).alt
    assert alt == "Word cloud of 3 words by Times. The largest are more (64), some (16) and few (4)."
