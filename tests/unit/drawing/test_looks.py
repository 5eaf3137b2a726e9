"""What authors choose of the look: backgrounds, palettes, colours by name, midpoints, the place of the legend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from renderer.drawing.color import contrast, parse_color
from renderer.drawing.draw import Drawing
from renderer.drawing.encode import Picture
from renderer.drawing.scene import Image, Markers, Text
from renderer.drawing.theme import DARK, LIGHT

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

DATA: Spec = {
    "columns": {"x": [1, 2, 3, 4, 5, 6], "y": [3, 1, 4, 1, 5, 9], "n": [-3, -1, 0, 1, 2, 6], "c": ["a", "b", "c"] * 2}
}


def points(color: object, **more: Any) -> Spec:
    return {"kind": "scatter", "x": "x", "y": "y", "color": color, "data": DATA, **more}


def fills(drawing: Drawing) -> npt.NDArray[np.float64]:
    (found,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    return np.asarray(found.fill)


def legend(drawing: Drawing) -> dict[str, Text]:
    return {item.text: item for item in drawing.scene.by_role("legend-label") if isinstance(item, Text)}


def test_a_transparent_background(
    draw_spec: Draw, encode_drawing: Callable[..., Picture], pixels_of: Callable[[bytes], npt.NDArray[np.uint8]]
) -> None:
    drawing = draw_spec(points("c", image={"background": "transparent"}))
    assert drawing.scene.background is None
    for kind in ("png", "webp"):
        pixels = pixels_of(encode_drawing(drawing, kind).data)
        assert pixels[0, 0, 3] == 0
        assert pixels[..., 3].max() == 255


def test_words_are_read_on_any_background(draw_spec: Draw) -> None:
    for background in ("navy", "#fdf6e3", "black", "white"):
        for theme in ("light", "dark"):
            drawing = draw_spec(points("c", title="Title", image={"background": background}), theme=theme)
            assert drawing.scene.background == parse_color(background)
            for item in drawing.scene.texts:
                assert contrast(item.color, parse_color(background)) >= 4.0, (background, theme, item.role)


def test_a_palette_of_the_channel_wins_over_the_charts(draw_spec: Draw) -> None:
    drawing = draw_spec(points({"field": "c", "palette": ["#112233", "#aa3344", "#116633"]}, palette="tab10"))
    assert fills(drawing)[0, :3] == pytest.approx(parse_color("#112233")[:3])


def test_a_ramp_gives_categories_its_whole_length(draw_spec: Draw) -> None:
    found = fills(draw_spec(points({"field": "c", "palette": "viridis"})))
    assert np.abs(found[0, :3] - found[2, :3]).max() > 0.4


def test_categories_have_the_colours_that_they_are_mapped_to(draw_spec: Draw) -> None:
    found = fills(draw_spec(points({"field": "c", "map": {"b": "#800080"}})))
    assert found[1, :3] == pytest.approx(parse_color("#800080")[:3])
    assert found[0, :3] == pytest.approx(LIGHT.palette[0][:3])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_around_a_midpoint_are_seen_everywhere(theme: Any, draw_spec: Draw) -> None:
    found = fills(draw_spec(points({"field": "n", "midpoint": 0}), theme=theme.name))
    low, middle, high = found[0], found[2], found[5]
    assert high[0] > high[2]  # red above
    assert low[2] > low[0]  # blue below
    assert np.ptp(middle[:3]) < 0.1  # grey between
    for red, green, blue, _ in found.tolist():
        assert contrast((red, green, blue, 1.0), theme.background) > 1.4


@pytest.mark.parametrize("color", ["c", "n"])
def test_where_the_legend_stands(color: str, draw_spec: Draw, assert_tidy: Tidy) -> None:
    places = {}
    for wish in ("right", "top", "bottom", "none"):
        drawing = draw_spec(points({"field": color, "legend": wish}))
        assert_tidy(drawing)
        labels = legend(drawing)
        (grid,) = drawing.scene.by_role("grid")
        if wish == "none":
            assert not labels
            assert not [item for item in drawing.scene.primitives if isinstance(item, Image)]
            continue
        places[wish] = all(
            {
                "right": label.box.x0 > grid.box.x1,
                "top": label.box.y1 < grid.box.y0,
                "bottom": label.box.y0 > grid.box.y1,
            }[wish]
            for label in labels.values()
        )
    assert places == {"right": True, "top": True, "bottom": True}


def test_names_that_have_no_room_beside_the_marks_are_in_a_legend(draw_spec: Draw) -> None:
    drawing = draw_spec(points({"field": "c", "legend": "direct"}))
    assert set(legend(drawing)) == {"a", "b", "c"}
    assert "a legend explains the colours" in drawing.warnings[0]


def test_more_hues_than_can_be_told_apart(draw_spec: Draw) -> None:
    names = [f"n{number}" for number in range(9)]
    spec = {"kind": "bar", "x": "n", "y": "v", "color": "n", "data": {"columns": {"n": names, "v": [1] * 9}}}
    (warning,) = draw_spec(spec).warnings
    assert warning.startswith("9 colours cannot be told apart")
    assert "'top'" in warning
    assert "facets" in warning


def test_the_legend_shows_the_colours_of_the_points(draw_spec: Draw) -> None:
    drawing = draw_spec(points({"field": "c", "palette": ["#111111", "#222222", "#ffffff"]}), theme="dark")
    samples = [item.fill for item in drawing.scene.by_role("legend-sample") if isinstance(item, Markers)]
    for sample, row in zip(samples, fills(drawing), strict=False):
        assert np.asarray(sample)[:3] == pytest.approx(row[:3])
