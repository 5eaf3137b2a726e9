"""Points: colour by numbers and names, size as area, shapes, few calls for many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Image, Markers

Spec = dict[str, Any]


def _spec(columns: Spec, **options: Any) -> Spec:
    return {"kind": "scatter", "data": {"columns": columns}, "x": "x", "y": "y", **options}


def _points(drawing: Drawing) -> list[Markers]:
    return [item for item in drawing.scene.by_role("point") if isinstance(item, Markers)]


def test_points_lie_where_their_values_are(draw_spec: Callable[..., Drawing]) -> None:
    (points,) = _points(draw_spec(_spec({"x": [0, 5, 10], "y": [0, 10, 5]})))
    assert np.diff(points.points[:, 0])[0] == pytest.approx(np.diff(points.points[:, 0])[1])
    assert points.points[:, 1].argmin() == 1


def test_points_have_air_around_them(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec({"x": [0.0, 10], "y": [10, 20]}))
    (grid,) = drawing.scene.by_role("grid")
    assert _points(drawing)[0].box.y1 < grid.box.y1


def test_names_give_colours_and_a_legend(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec({"x": [1, 2, 3], "y": [1, 2, 3], "c": ["a", "b", "a"]}, color="c"))
    (points,) = _points(drawing)
    fills = np.asarray(points.fill)
    assert (fills[0] == fills[2]).all()
    assert (fills[0] != fills[1]).any()
    assert [item.text for item in drawing.scene.texts if item.role == "legend-label"] == ["a", "b"]


def test_numbers_give_a_ramp(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    count = 500
    numbers = np.linspace(0, 97, count)
    drawing = draw_spec(_spec({"x": numbers.tolist(), "y": numbers.tolist(), "z": numbers.tolist()}, color="z"))
    assert_tidy(drawing)
    (ramp,) = drawing.scene.by_role("legend-ramp")
    assert isinstance(ramp, Image)
    assert "80" in {item.text for item in drawing.scene.texts if item.role == "legend-label"}
    (points,) = _points(drawing)
    colors = np.unique(np.round(np.asarray(points.fill), 6), axis=0)
    assert 32 <= len(colors) <= 64


def test_a_midpoint_is_in_the_middle_of_the_ramp(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [1, 2, 3], "y": [1, 2, 3], "z": [-1, 0, 9]}
    (points,) = _points(draw_spec(_spec(columns, color={"field": "z", "midpoint": 0})))
    middle = np.asarray(points.fill)[1, :3]
    assert np.ptp(middle) < 0.03  # grey, and dark enough to be seen on white
    assert 0.7 < middle.mean() < 0.9


def test_area_is_the_amount(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec({"x": [1, 2, 3], "y": [1, 2, 3], "n": [25, 100, 400]}, size="n"))
    assert_tidy(drawing)
    (points,) = _points(drawing)
    sizes = np.asarray(points.size)
    assert sizes[0] > sizes[-1]  # the large ones are painted first
    assert (sizes[0] / sizes[1]) ** 2 == pytest.approx(4)
    assert len([item for item in drawing.scene.by_role("legend-sample") if isinstance(item, Markers)]) == 3


def test_shapes_share_a_legend_with_their_colours(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [1, 2, 3], "y": [1, 2, 3], "c": ["a", "b", "c"], "d": ["p", "q", "p"]}
    same = draw_spec(_spec(columns, color="c", shape="c"))
    assert {item.marker for item in _points(same)} == {"circle", "triangle", "square"}
    assert len([item for item in same.scene.texts if item.role == "legend-label"]) == 3
    both = draw_spec(_spec(columns, color="c", shape="d"))
    assert len([item for item in both.scene.texts if item.role == "legend-label"]) == 5


def test_very_many_points_become_a_picture_of_their_number(draw_spec: Callable[..., Drawing]) -> None:
    x, y = np.random.default_rng(4).normal(size=(2, 60_000))
    drawing = draw_spec(_spec({"x": x.tolist(), "y": y.tolist()}))
    (image,) = drawing.scene.by_role("points")
    assert isinstance(image, Image)
    assert image.pixels[..., 3].max() == 255
    rows, columns = np.nonzero(image.pixels[..., 3])
    assert abs(rows.mean() / image.pixels.shape[0] - 0.5) < 0.2
    assert abs(columns.mean() / image.pixels.shape[1] - 0.5) < 0.2
    assert any("60,000 points" in warning for warning in drawing.warnings)


def test_names_may_stand_along_x(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec({"x": ["a", "b", "a"], "y": [1, 2, 3]}))
    assert_tidy(drawing)
    (points,) = _points(drawing)
    assert points.points[0, 0] == points.points[2, 0] != points.points[1, 0]


def test_the_alternative_text_has_the_correlation(draw_spec: Callable[..., Drawing]) -> None:
    alt = draw_spec(_spec({"x": [1, 2, 3], "y": [2, 4, 6.1]})).alt
    assert alt.startswith("Scatter plot of 3 points, Y by X.")
    assert "correlation is 1.00" in alt
