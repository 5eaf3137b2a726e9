"""Funnels: bars as wide as their amounts, and what each stage passes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], **more: Any) -> Spec:
    names = [f"stage {index}" for index in range(len(values))]
    return {"kind": "funnel", "data": {"columns": {"n": names, "v": values}}, "label": "n", "value": "v"} | more


def bars(drawing: Drawing) -> Rects:
    (found,) = (item for item in drawing.scene.by_role("stage") if isinstance(item, Rects))
    return found


def said(drawing: Drawing, role: str) -> list[str]:
    return [item.text for item in drawing.scene.texts if item.role == role]


def test_widths_are_in_proportion_around_one_middle(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([1000, 400, 100]))
    assert_tidy(drawing)
    boxes = bars(drawing).boxes
    widths = boxes[:, 2] - boxes[:, 0]
    assert np.allclose(widths / widths[0], [1.0, 0.4, 0.1])
    assert np.ptp(boxes[:, 0] + boxes[:, 2]) < 1e-9
    left = bars(draw_spec(spec([1000, 400, 100], align="left"))).boxes
    assert np.ptp(left[:, 0]) == 0


def test_shapes_join_the_bars(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1000, 400, 100]))
    boxes = bars(drawing).boxes
    joints = [item for item in drawing.scene.by_role("passed") if isinstance(item, Path)]
    assert len(joints) == 2
    for joint, above, below in zip(joints, boxes[:-1], boxes[1:], strict=True):
        assert joint.points.tolist() == [
            [above[0], above[3]],
            [above[2], above[3]],
            [below[2], below[1]],
            [below[0], below[1]],
        ]


@pytest.mark.parametrize(
    ("percent", "first", "previous"),
    [
        ("both", ["100%", "40%", "10%"], ["↓ 40%", "↓ 25%"]),
        ("first", ["100%", "40%", "10%"], []),
        ("previous", [], ["↓ 40%", "↓ 25%"]),
        ("none", [], []),
    ],
)
def test_parts_are_written_as_asked(percent: str, first: list[str], previous: list[str], draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1000, 400, 100], percent=percent))
    assert said(drawing, "stage-share") == first
    assert said(drawing, "stage-passed") == previous
    assert said(drawing, "stage-value") == ["1,000", "400", "100"]


def test_a_stage_may_have_more_than_the_one_before(draw_spec: Draw) -> None:
    assert said(draw_spec(spec([5, 8])), "stage-share") == ["100%", "160%"]
    assert said(draw_spec(spec([0, 8])), "stage-share") == []


def test_stages_keep_the_order_of_the_rows_unless_they_are_sorted(draw_spec: Draw) -> None:
    assert said(draw_spec(spec([1, 9, 5])), "stage-name") == ["stage 0", "stage 1", "stage 2"]
    assert bars(draw_spec(spec([1, 9, 5], label={"field": "n", "sort": "-value"}))).values is not None
    ordered = draw_spec(spec([1, 9, 5], label={"field": "n", "sort": "-value"}))
    assert said(ordered, "stage-name") == ["stage 1", "stage 2", "stage 0"]


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 5, 50])
@pytest.mark.parametrize("align", ["center", "left"])
def test_any_number_of_stages_is_tidy(
    size: tuple[int, int], count: int, align: str, draw_spec: Draw, assert_tidy: Any
) -> None:
    values = [1e9 * 0.6**index for index in range(count)]
    drawing = draw_spec(spec(values, align=align, image={"width": size[0], "height": size[1]}))
    assert_tidy(drawing)
    assert len(bars(drawing).boxes) == count


def test_missing_and_huge_values(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([9e299, None, 1e-9]))
    assert_tidy(drawing)
    assert "1 stage without a value left out" in drawing.warnings


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([1, -2], "/value: a stage is reached by some or none, and 'stage 1' is −2"),
        ([0, 0], "/value: nobody reaches any stage: all values are zero"),
        ([1] * 51, "/label: 51 stages are more than the 50 that a funnel can show"),
    ],
)
def test_what_is_no_funnel_is_refused(values: list[float], problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(values))
    assert str(caught.value) == problem


def test_the_alternative_text_tells_the_stages(draw_spec: Draw) -> None:
    assert draw_spec(spec([1000, 400])).alt == "Funnel of V by N: stage 0 1,000 and stage 1 400 (40%)."
