"""The right axis: ticks and zeros that agree, colours that say which is which."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.draw import Drawing
from renderer.drawing.extent import Extent
from renderer.drawing.fit import Wishes, fit
from renderer.drawing.scene import Text
from renderer.drawing.twins import agree
from renderer.drawing.writing import Writer
from renderer.spec import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

MONTHS = ["Jan", "Feb", "Mar", "Apr"]


def combo(left: list[float], right: list[float], **more: Any) -> Spec:
    return {
        "data": {"columns": {"month": MONTHS, "orders": left, "rate": right}},
        "layers": [
            {"kind": "bar", "x": "month", "y": "orders"},
            {"kind": "line", "x": "month", "y": "rate", "y_axis": "right"},
        ],
        **more,
    }


def labels(drawing: Drawing, role: str) -> list[Text]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Text)]


def extents(low: float, high: float, *, zero: bool) -> Extent:
    return Extent("number", low, high, zero=zero, nice=True)


@settings(max_examples=200, deadline=None)
@given(
    first=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
    second=st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    zeros=st.tuples(st.booleans(), st.booleans()),
    count=st.integers(2, 8),
)
def test_both_axes_hold_their_data_on_the_same_lines(
    first: tuple[float, float], second: tuple[float, float], zeros: tuple[bool, bool], count: int, english: Writer
) -> None:
    left = extents(min(first), max(first), zero=zeros[0])
    right = extents(min(second), max(second), zero=zeros[1])
    wishes = agree((left, Wishes()), (right, Wishes()), count)
    scales = [fit(extent, wish, count, english) for extent, wish in zip((left, right), wishes, strict=True)]
    for scale, extent in zip(scales, (left, right), strict=True):
        slack = 1e-6 * max(abs(scale.low), abs(scale.high))
        assert scale.low <= extent.low + slack
        assert scale.high >= extent.high - slack
    if isinstance(wishes[0].ticks, tuple):
        shares = [[(tick.place - scale.low) / (scale.high - scale.low) for tick in scale.ticks] for scale in scales]
        assert shares[0] == pytest.approx(shares[1], abs=1e-9)
        if all(zeros):
            at = [-scale.low / (scale.high - scale.low) for scale in scales]
            assert at[0] == pytest.approx(at[1], abs=1e-9)


def test_steps_are_round(english: Writer) -> None:
    left, right = extents(0, 231, zero=True), extents(0, 0.043, zero=True)
    wishes = agree((left, Wishes()), (right, Wishes(format="percent")), 5)
    texts = [
        [tick.label for tick in fit(extent, wish, 5, english).ticks]
        for extent, wish in zip((left, right), wishes, strict=True)
    ]
    assert texts == [["0", "50", "100", "150", "200", "250"], ["0%", "1%", "2%", "3%", "4%", "5%"]]


def test_negative_parts_get_as_many_steps(english: Writer) -> None:
    left, right = extents(-800, 500, zero=True), extents(-5.4, 8, zero=True)
    wishes = agree((left, Wishes()), (right, Wishes()), 6)
    assert wishes[0].low is not None
    assert wishes[1].low is not None
    below = [
        len([place for place in wish.ticks if isinstance(place, float) and place < 0])
        for wish in wishes
        if isinstance(wish.ticks, tuple)
    ]
    assert below[0] == below[1] > 0


@pytest.mark.parametrize(
    "own", [Wishes(scale="log"), Wishes(low=0.0), Wishes(high=9.0), Wishes(ticks=3), Wishes(ticks=(1.0, 2.0))]
)
def test_what_the_author_fixed_stays(own: Wishes) -> None:
    extent = extents(1, 8, zero=False)
    assert agree((extent, own), (extent, Wishes()), 5) == (own, Wishes())


def test_both_grids_are_one(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(combo([1200, 800, 1500, 900], [0.031, 0.045, 0.022, 0.05]))
    (grid,) = drawing.scene.by_role("grid")
    left, right = labels(drawing, "tick-label-y"), labels(drawing, "tick-label-right")
    assert [label.box.center[1] for label in left] == pytest.approx([label.box.center[1] for label in right], abs=1.0)
    assert len(left) == len(grid.ends)  # type: ignore[union-attr]  # segments
    assert all(label.box.x0 > grid.box.x1 for label in right)
    assert_tidy(drawing)


def test_each_axis_has_the_colour_of_its_marks_and_no_legend_repeats_it(draw_spec: Draw) -> None:
    drawing = draw_spec(combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2]))
    (left,) = labels(drawing, "axis-title-y")
    (right,) = labels(drawing, "axis-title-right")
    assert (left.text, right.text) == ("Orders", "Rate")
    assert left.color != right.color
    assert {label.color for label in labels(drawing, "tick-label-right")} == {right.color}
    assert {label.color for label in labels(drawing, "tick-label-y")} == {left.color}
    assert not labels(drawing, "legend-label")


def test_layers_with_names_keep_their_legend(draw_spec: Draw) -> None:
    spec = combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2])
    spec["layers"][0]["name"] = "Orders of last year"
    assert [label.text for label in labels(draw_spec(spec), "legend-label")] == ["Orders of last year", "Rate"]


def test_several_series_on_one_side_are_told_by_a_legend(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2])
    spec["data"]["columns"]["kind"] = ["a", "b", "a", "b"]
    spec["layers"][0] |= {"color": "kind"}
    drawing = draw_spec(spec)
    assert {"a", "b", "Rate"} <= {label.text for label in labels(drawing, "legend-label")}
    assert {label.color for label in labels(drawing, "tick-label-y")} == {
        label.color for label in labels(drawing, "tick-label-right")
    }
    assert_tidy(drawing)


def test_the_options_of_the_right_axis(draw_spec: Draw) -> None:
    axes = {"right": {"title": "Conversion", "format": "percent", "min": 0, "max": 1}}
    drawing = draw_spec(combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2], axes=axes))
    assert [label.text for label in labels(drawing, "axis-title-right")] == ["Conversion"]
    texts = [label.text for label in labels(drawing, "tick-label-right")]
    assert "0%" in texts
    assert "100%" in texts


def test_a_log_scale_at_the_right(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(combo([3, 4, 5, 6], [1, 10, 100, 1000], axes={"right": {"scale": "log"}}))
    assert {"1", "10", "100", "1,000"} <= {label.text for label in labels(drawing, "tick-label-right")}
    assert_tidy(drawing)


def test_only_a_right_axis(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2])
    del spec["layers"][0]
    drawing = draw_spec(spec)
    assert not labels(drawing, "tick-label-y")
    assert labels(drawing, "tick-label-right")
    assert list(drawing.scene.by_role("grid"))
    assert_tidy(drawing)


def test_bars_stay_upright(draw_spec: Draw) -> None:
    spec = combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2])
    spec["data"]["columns"]["month"] = [f"The {name} of a year with a long name" for name in MONTHS]
    (bars,) = draw_spec(spec).scene.by_role("bar")
    boxes = bars.boxes  # type: ignore[union-attr]  # rects
    assert len({round(box[3], 6) for box in boxes.tolist()}) == 1


@pytest.mark.parametrize(
    "values", [[0.0, 0.0, 0.0, 0.0], [5.0, 5.0, 5.0, 5.0], [-1e-9, 1e9, 0.0, 3.0], [-3.0, -2.0, -1.0, -4.0]]
)
@pytest.mark.parametrize("size", [(800, 500), (200, 120), (24, 24)])
def test_any_values_in_any_size(values: list[float], size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    for left, right in ((values, [1.0, 2.0, 3.0, 4.0]), ([1.0, 2.0, 3.0, 4.0], values)):
        drawing = draw_spec(combo(left, right, image={"width": size[0], "height": size[1]}))
        assert_tidy(drawing)
        for item in drawing.scene.by_role("line"):
            points = item.points  # type: ignore[union-attr]  # a path
            assert all(math.isfinite(value) for value in points.ravel().tolist())


def test_options_of_an_axis_that_nothing_has(draw_spec: Draw) -> None:
    spec = combo([3, 4, 5, 6], [0.1, 0.4, 0.3, 0.2], axes={"right": {"format": "percent"}})
    del spec["layers"][1]
    with pytest.raises(SpecError, match="/axes/right: no layer has the right axis"):
        draw_spec(spec)


def test_options_that_the_right_column_cannot_follow(draw_spec: Draw) -> None:
    spec = combo([3, 4, 5, 6], [0.1, -0.4, 0.3, 0.2], axes={"right": {"scale": "log"}})
    with pytest.raises(SpecError, match="/axes/right/scale: a log scale needs positive values"):
        draw_spec(spec)
