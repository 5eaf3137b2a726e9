"""Waffles: as many squares as are the shares, in blocks, with their names beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Rects
from renderer.drawing.shares import apportion
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], **more: Any) -> Spec:
    names = [f"part {index}" for index in range(len(values))]
    return {"kind": "waffle", "data": {"columns": {"n": names, "v": values}}, "label": "n", "value": "v"} | more


def squares(drawing: Drawing) -> dict[str, int]:
    found = {}
    for item in drawing.scene.by_role("square"):
        assert isinstance(item, Rects | Markers)
        found[item.name] = len(item.boxes if isinstance(item, Rects) else item.points)
    return found


def test_largest_remainders_share_out_all_squares() -> None:
    # The textbook's example: 10 seats for 41, 29, 17 and 13 votes.
    assert apportion(np.array([41.0, 29.0, 17.0, 13.0]), 10).tolist() == [4, 3, 2, 1]
    # Exactly divisible, in spite of floats.
    assert apportion(np.array([0.1, 0.2, 0.3, 0.4]), 10).tolist() == [1, 2, 3, 4]
    assert apportion(np.array([0.0, 0.0]), 10).tolist() == [0, 0]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=20), st.integers(1, 1000))
def test_all_squares_are_given_fairly(amounts: list[float], pieces: int) -> None:
    values = np.array(amounts)
    given_out = apportion(values, pieces)
    if values.max() > 0:
        assert given_out.sum() == pieces
        exact = values / values.max() / (values / values.max()).sum() * pieces
        assert (np.abs(given_out - exact) < 1 + 1e-6).all()


def test_a_hundred_squares_show_percent(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([152, 68, 124]))
    assert_tidy(drawing)
    assert squares(drawing) == {"part 0": 44, "part 2": 36, "part 1": 20}
    assert [item.text for item in drawing.scene.texts] == ["part 0", "44%", "part 2", "36%", "part 1", "20%"]


def test_a_square_may_stand_for_an_amount(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([152, 68, 124], per_square=10, shape="circle", show="value"))
    assert squares(drawing) == {"part 0": 15, "part 2": 12, "part 1": 7}
    assert "= 10 v" in [item.text for item in drawing.scene.texts]


def test_no_two_squares_share_a_place(draw_spec: Draw) -> None:
    for more in ({}, {"rows": 5, "columns": 20}, {"per_square": 1}, {"rows": 3}, {"columns": 7}):
        drawing = draw_spec(spec([50, 30, 20], **more))
        boxes = np.concatenate([item.boxes for item in drawing.scene.by_role("square") if isinstance(item, Rects)])
        places = {tuple(place) for place in np.round(boxes[:, :2], 3).tolist()}
        assert len(places) == len(boxes)
        assert np.allclose(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])


def test_the_grid_is_as_asked_or_fits_the_room(draw_spec: Draw) -> None:
    def shape(**more: Any) -> tuple[int, int]:
        drawing = draw_spec(spec([60, 40], **more))
        boxes = np.concatenate([item.boxes for item in drawing.scene.by_role("square") if isinstance(item, Rects)])
        return len(set(np.round(boxes[:, 1], 3).tolist())), len(set(np.round(boxes[:, 0], 3).tolist()))

    assert shape() == (10, 10)
    assert shape(rows=4, columns=5) == (4, 5)
    assert shape(image={"width": 1200, "height": 300}) == (5, 20)


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize(
    ("count", "more"), [(1, {}), (4, {"shape": "circle"}), (30, {"show": "both"}), (3, {"per_square": 1})]
)
def test_any_number_of_parts_is_tidy(
    size: tuple[int, int], count: int, more: Spec, draw_spec: Draw, assert_tidy: Any
) -> None:
    image = {"width": size[0], "height": size[1]}
    assert_tidy(draw_spec(spec([30.0 + index for index in range(count)], image=image, **more)))


def test_what_is_too_small_is_said(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1000, 1, None, 0]))
    assert squares(drawing) == {"part 0": 100}
    assert drawing.warnings == ("1 part without a value left out", "Too small for a square: part 1.")


@pytest.mark.parametrize(
    ("values", "more", "problem"),
    [
        ([1, -2], {}, "/value: a waffle shows parts of a whole, and 'part 1' is −2"),
        ([0], {}, "/value: the parts of a waffle add up to zero"),
        ([1e6], {"per_square": 1}, "/per_square: that makes 1M squares; at most 1,000 can be shown"),
        ([1], {"per_square": 10}, "/per_square: no part is large enough for one square"),
        ([1], {"rows": 50, "columns": 50}, "/rows: 50 x 50 squares are more than the 1,000 that can be shown"),
        ([1] * 51, {}, "/label: 51 parts are more than the 50 that can be named; use 'top' and 'other'"),
    ],
)
def test_what_cannot_be_counted_is_refused(values: list[float], more: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(values, **more))
    assert str(caught.value).startswith(problem)


def test_the_alternative_text_tells_the_parts(draw_spec: Draw) -> None:
    assert draw_spec(spec([3, 1])).alt == "Waffle chart of V by N: part 0 75% and part 1 25%. The total is 4."
