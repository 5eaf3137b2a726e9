"""Treemaps: areas are the amounts, groups hold their tiles, words stay on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.color import contrast
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Color, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

GROUPS: Spec = {"g": ["a", "a", "b", "b", "c"], "n": ["p", "q", "r", "s", "t"], "v": [30, 10, 20, 15, 25]}


def spec(columns: Spec, **more: Any) -> Spec:
    return {"kind": "treemap", "data": {"columns": columns}, "path": ["n"], "value": "v"} | more


def tiles(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("tile") if isinstance(item, Rects)}


def areas(drawing: Drawing) -> dict[str, float]:
    """With half of the gaps between tiles given back to each."""
    found = {}
    for name, item in tiles(drawing).items():
        ((x0, y0, x1, y1),) = item.boxes.tolist()
        found[name] = (x1 - x0 + 2) * (y1 - y0 + 2)
    return found


def test_areas_are_in_proportion(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec(GROUPS))
    assert_tidy(drawing)
    found = areas(drawing)
    assert list(found) == ["p", "t", "r", "s", "q"]  # from the largest down
    whole = sum(found.values())
    for name, value in zip(GROUPS["n"], GROUPS["v"], strict=True):
        assert abs(found[name] / whole - value / 100) < 0.01


def test_groups_hold_their_tiles_and_are_named(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec(GROUPS, path=["g", "n"]))
    assert_tidy(drawing)
    found = tiles(drawing)
    assert found["p"].fill != found["r"].fill
    words = [item.text for item in drawing.scene.texts if item.role == "group-label"]
    assert words == ["a", "40", "b", "35", "c", "25"]
    head = next(item for item in drawing.scene.texts if item.text == "a")
    assert head.box.y1 <= found["p"].boxes[0, 1]
    ratio = areas(drawing)["p"] / areas(drawing)["q"]
    assert abs(ratio - 3) < 0.15


def test_numbers_colour_along_a_ramp(draw_spec: Draw) -> None:
    columns = GROUPS | {"growth": [-1.0, 0.0, 1.0, 0.5, None]}
    drawing = draw_spec(spec(columns, color={"field": "growth", "midpoint": 0}))
    found = tiles(drawing)
    assert len({item.fill for item in found.values()}) == 5
    assert any(item.role == "legend-ramp" for item in drawing.scene.primitives)


def test_categories_colour_by_hue(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(GROUPS, color={"field": "g", "map": {"a": "#ff0000"}}))
    found = tiles(drawing)
    assert found["p"].fill == found["q"].fill == (1.0, 0.0, 0.0, 1.0)
    assert "c" in [item.text for item in drawing.scene.texts if item.role == "legend-label"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_stand_out_from_their_tiles(theme: str, draw_spec: Draw) -> None:
    drawing = draw_spec(spec(GROUPS, path=["g", "n"]), theme=theme)
    for item in drawing.scene.texts:
        if item.role != "tile-label":
            continue
        tile = tiles(drawing)[item.text]
        fill: Color = tile.fill or (0, 0, 0, 1)
        assert item.box.x0 >= tile.boxes[0, 0]
        assert item.box.y1 <= tile.boxes[0, 3]
        assert contrast(item.color, fill) > 3.0


@pytest.mark.parametrize(("show", "words"), [("value", "30"), ("percent", "30%"), ("name", None)])
def test_sizes_are_written_as_asked(show: str, words: str | None, draw_spec: Draw) -> None:
    drawing = draw_spec(spec(GROUPS, show=show))
    said = [item.text for item in drawing.scene.texts if item.role == "tile-value"]
    assert (said[0] if said else None) == words
    assert not draw_spec(spec(GROUPS, labels=False)).scene.texts


def test_rows_are_added_up_or_counted(draw_spec: Draw) -> None:
    columns = {"n": ["a", "b", "a"], "v": [1, 2, 5]}
    found = tiles(draw_spec(spec(columns, value="sum(v)")))
    sums = {name: item.values.tolist() for name, item in found.items() if item.values is not None}
    assert sums == {"a": [6.0], "b": [2.0]}
    assert "2" in [item.text for item in draw_spec(spec(columns, value="count()")).scene.texts]


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 12, 200])
@pytest.mark.parametrize("path", [["n"], ["g", "n"]])
def test_any_number_of_tiles_is_tidy(
    size: tuple[int, int], count: int, path: list[str], draw_spec: Draw, assert_tidy: Any
) -> None:
    columns = {
        "g": [f"a group with a name {index % 7}" for index in range(count)],
        "n": [f"a tile with a long name, number {index}" for index in range(count)],
        "v": [1.2**index for index in range(count)],
    }
    drawing = draw_spec(spec(columns, path=path, image={"width": size[0], "height": size[1]}))
    assert_tidy(drawing)
    assert len(tiles(drawing)) == count
    for item in tiles(drawing).values():
        assert (item.boxes[:, 2:] >= item.boxes[:, :2]).all()


def test_odd_values(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec({"n": ["a", "b", "c", "d"], "v": [9e299, 9e299, 0, None]}))
    assert_tidy(drawing)
    assert list(tiles(drawing)) == ["a", "b"]
    assert "1 tile without a value left out" in drawing.warnings
    assert np.ptp(list(areas(drawing).values())) < 1.0


@pytest.mark.parametrize(
    ("columns", "more", "problem"),
    [
        ({"n": ["a", "b"], "v": [1, -2]}, {}, "/value: a tile has an area, and 'b' is −2"),
        ({"n": ["a"], "v": [0]}, {}, "/value: the tiles of a treemap add up to zero"),
        ({"n": ["a"], "v": [1]}, {"path": ["n", "z"]}, "/path/1: no column 'z'; the columns are 'n', 'v'"),
        ({"n": ["a"], "v": [1]}, {"path": ["n", "n", "n"]}, "/path: holds at most 2 items, not 3"),
        ({"n": ["a"], "v": [1]}, {"path": "n"}, "/path: must be a list, not 'n'"),
        ({"n": ["a"], "v": [1]}, {"path": []}, "/path: must not be empty"),
        ({"n": ["a", "a"], "v": [1, 2]}, {}, "/value: 2 rows share path 'a': say what to make of them, such as"),
    ],
)
def test_what_has_no_area_is_refused(columns: Spec, more: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(columns, **more))
    assert str(caught.value).startswith(problem)


def test_too_many_tiles_are_refused(draw_spec: Draw) -> None:
    columns = {"n": [f"n{index}" for index in range(1001)], "v": [1] * 1001}
    with pytest.raises(SpecError, match="/path/0: 1,001 tiles are more than the 1,000"):
        draw_spec(spec(columns))


def test_the_alternative_text_tells_the_groups(draw_spec: Draw) -> None:
    assert draw_spec(spec(GROUPS, path=["g", "n"])).alt == "Treemap of V by G and N, 5 tiles: a 40%, b 35% and c 25%."
