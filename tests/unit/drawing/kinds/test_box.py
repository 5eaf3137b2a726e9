"""Boxes: the quartiles of the data, whiskers and outliers, side by side by colour, laid down for long names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
A = [1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0]
B = [4.0, 5.0, 6.0, 7.0]


def _spec(**options: Any) -> Spec:
    columns = {"v": A + B, "c": ["a"] * len(A) + ["b"] * len(B)}
    return {
        "kind": "box",
        "data": {"columns": columns},
        "x": "c",
        "y": "v",
        "axes": {"y": {"min": 0, "max": 25}},
    } | options


def _box(drawing: Drawing) -> Path:
    (box,) = drawing.scene.by_role("box")
    assert isinstance(box, Path)
    return box


def _segments(drawing: Drawing, role: str) -> list[Segments]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Segments)]


def _scale(drawing: Drawing) -> Callable[[float], float]:
    """Pixels of values, from the grid."""
    (grid,) = _segments(drawing, "grid")
    assert grid.values is not None
    slope, offset = np.polyfit(grid.values, grid.ends[:, 1], 1)
    return lambda value: float(slope * value + offset)


def test_boxes_have_the_quartiles_of_the_data(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec())
    assert_tidy(drawing)
    box, y = _box(drawing), _scale(drawing)
    assert box.values is not None
    assert box.values.tolist() == [[2.0, 4.0, 9.25], [4.75, 5.5, 6.25]]
    first = box.points[:5]
    assert first[:, 1].min() == pytest.approx(y(9.25), abs=0.5)
    assert first[:, 1].max() == pytest.approx(y(2.0), abs=0.5)
    (median,) = _segments(drawing, "median")
    assert median.ends[:, 1] == pytest.approx([y(4.0), y(5.5)], abs=0.5)


def test_whiskers_end_at_values_and_what_lies_beyond_is_a_point(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec())
    y = _scale(drawing)
    (whiskers,) = _segments(drawing, "whisker")
    assert whiskers.ends[:2, 1] == pytest.approx([y(1), y(4)], abs=0.5)
    assert whiskers.ends[2:, 3] == pytest.approx([y(13), y(7)], abs=0.5)
    (outliers,) = drawing.scene.by_role("outlier")
    assert isinstance(outliers, Markers)
    assert outliers.values is not None
    assert outliers.values.tolist() == [21.0]
    assert outliers.points[0, 1] == pytest.approx(y(21), abs=0.5)


def test_without_outliers_the_axis_ends_at_the_whiskers(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(outliers=False, axes={}))
    assert not list(drawing.scene.by_role("outlier"))
    (grid,) = _segments(drawing, "grid")
    assert grid.values is not None
    assert grid.values.max() < 20
    assert not list(draw_spec(_spec(whiskers="minmax")).scene.by_role("outlier"))


def test_colours_stand_side_by_side_unless_they_repeat_x(draw_spec: Draw) -> None:
    columns = {"v": [1, 2, 3, 4] * 4, "c": ["a"] * 8 + ["b"] * 8, "g": (["m"] * 4 + ["f"] * 4) * 2}
    spec = _spec(data={"columns": columns}, color="g")
    drawing = draw_spec(spec)
    males, females = _segments(drawing, "median")
    assert (males.ends[:, 2] < females.ends[:, 0]).all()
    assert [label.text for label in drawing.scene.texts if label.role == "legend-label"] == ["m", "f"]
    drawing = draw_spec(spec | {"color": "c"})
    first, _ = _segments(drawing, "median")
    assert first.ends[0, 2] - first.ends[0, 0] == pytest.approx(72.0)
    assert not list(drawing.scene.by_role("legend-label"))


def test_without_x_each_colour_has_a_place(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    spec = _spec(color="c")
    del spec["x"]
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    assert [label.text for label in drawing.scene.texts if label.role == "tick-label-x"] == ["a", "b"]
    del spec["color"]
    drawing = draw_spec(spec)
    assert _box(drawing).values is not None
    assert_tidy(drawing)


def test_medians_are_written_beside_the_boxes(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    for options in ({"labels": True}, {"labels": {"format": ".2f"}, "horizontal": True}):
        drawing = draw_spec(_spec(**options))
        assert_tidy(drawing)
        written = [label.text for label in drawing.scene.texts if label.role == "value-label"]
        assert written == (["4.0", "5.5"] if options["labels"] is True else ["4.00", "5.50"])


def test_long_names_lay_the_boxes_down(draw_spec: Draw) -> None:
    names = [f"A category with a long name {index % 16}" for index in range(36)]
    drawing = draw_spec(_spec(data={"columns": {"v": list(range(36)), "c": names}}, axes={}))
    (median,) = _segments(drawing, "median")
    assert np.allclose(median.ends[:, 0], median.ends[:, 2])
    assert all(label.role != "tick-label-x" or label.text.isdigit() for label in drawing.scene.texts)


def test_categories_are_put_in_order_by_their_medians(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(x={"field": "c", "sort": "-y"}))
    labels = [label for label in drawing.scene.texts if label.role == "tick-label-x"]
    # The sum of a is larger, its median is not.
    assert [label.text for label in sorted(labels, key=lambda label: label.x)] == ["b", "a"]


def test_notches_stay_within_the_box(draw_spec: Draw) -> None:
    box = _box(draw_spec(_spec(notch=True)))
    assert len(box.points) == 12 * 2 - 1
    assert (_box(draw_spec(_spec(notch=True, mean=True))).points[:11, 0] >= box.points[:11, 0].min()).all()


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (800, 500)])
@pytest.mark.parametrize("count", [1, 40, 200])
def test_many_boxes_are_slim_and_tidy(
    count: int, size: tuple[int, int], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    columns = {
        "v": [float(index * 7919 % 101) for index in range(count * 3)],
        "c": [f"c{i % count}" for i in range(count * 3)],
    }
    spec = _spec(data={"columns": columns}, axes={}, labels=True, image={"width": size[0], "height": size[1]})
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    box = _box(drawing)
    assert box.values is not None
    assert len(box.values) == count


def test_too_many_boxes_and_aggregates_are_refused(draw_spec: Draw) -> None:
    columns = {"v": [1.0] * 600, "c": [f"c{index}" for index in range(600)]}
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(data={"columns": columns}))
    assert caught.value.problems[0].pointer == "/x"
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(y="mean(v)"))
    assert [(p.pointer, p.message) for p in caught.value.problems] == [
        ("/y", "a box shows how all rows are spread: give 'v' without mean")
    ]
    for wrong in (-1, True, "iqr"):
        with pytest.raises(SpecError) as caught:
            draw_spec(_spec(whiskers=wrong))
        assert caught.value.problems[0].pointer == "/whiskers"


def test_the_alternative_text_compares_medians(draw_spec: Draw) -> None:
    alt = draw_spec(_spec()).alt
    assert alt == (
        "Box plot of 12 values of V by C: a and b. They range from 1 to 21. "
        "The highest median is 5.5 (b), the lowest 4.0 (a)."
    )
