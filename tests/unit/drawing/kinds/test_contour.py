"""Contours: regions that hold shares of the points, and regions of equal amounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.path import Path as MplPath

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

POINTS = np.random.default_rng(4).normal(size=(400, 2)) * (10, 2) + (50, 7)


def _points(**fields: Any) -> Spec:
    group = ["one" if index % 2 else "two" for index in range(len(POINTS))]
    columns = {"a": POINTS[:, 0].tolist(), "b": POINTS[:, 1].tolist(), "group": group}
    return {"kind": "contour", "data": {"columns": columns}, "x": "a", "y": "b"} | fields


def _grid(**fields: Any) -> Spec:
    x, y = np.meshgrid(np.arange(20), np.arange(15))
    columns = {"a": x.ravel().tolist(), "b": y.ravel().tolist(), "z": (x * y).ravel().tolist()}
    return {"kind": "contour", "data": {"columns": columns}, "x": "a", "y": "b", "color": "z"} | fields


def _regions(drawing: Drawing) -> list[Path]:
    return [item for item in drawing.scene.by_role("region") if isinstance(item, Path)]


def test_regions_hold_their_share_of_the_points(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_points(levels=[0.25, 0.5, 0.9]))
    assert_tidy(drawing)
    regions = _regions(drawing)
    assert [item.values.tolist() for item in regions if item.values is not None] == [[0.9], [0.5], [0.25]]
    assert regions[0].box.width > regions[1].box.width > regions[2].box.width
    # Drawn over each other, half of the points are in the region.
    layered = draw_spec({"data": _points()["data"], "layers": [_layer("contour", levels=[0.5]), _layer("scatter")]})
    (region,) = _regions(layered)
    (points,) = (item for item in layered.scene.by_role("point") if isinstance(item, Markers))
    outline = region.points[~np.isnan(region.points[:, 0])]
    inside = MplPath(outline).contains_points(points.points)
    assert inside.mean() == pytest.approx(0.5, abs=0.08)


def _layer(kind: str, **fields: Any) -> Spec:
    return {"kind": kind, "x": "a", "y": "b"} | fields


def test_each_category_has_contours_of_its_own(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_points(color="group"))
    assert_tidy(drawing)
    regions = _regions(drawing)
    assert [item.name for item in regions].count("one") == [item.name for item in regions].count("two") == 4
    assert [item.text for item in drawing.scene.texts if item.role == "legend-label"] == ["two", "one"]
    assert "by Group: two and one" in drawing.alt


def test_a_category_of_two_points_is_left_out_with_a_warning(draw_spec: Draw) -> None:
    spec = _points(color="group")
    spec["data"]["columns"]["group"][:2] = ["few", "few"]
    drawing = draw_spec(spec)
    assert any(warning.startswith("few has no contours") for warning in drawing.warnings)


def test_amounts_have_round_levels_one_shade_each(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_grid(levels=6))
    assert_tidy(drawing)
    regions = _regions(drawing)
    limits = [item.values.tolist() for item in regions if item.values is not None]
    assert limits == [[low, low + 50] for low in range(0, 300, 50)]
    assert len({item.fill for item in regions}) == 6
    # Each lies over the one below: they nest.
    areas = [item.box.width * item.box.height for item in regions]
    assert areas == sorted(areas, reverse=True)


def test_lines_are_labelled(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_grid(shape="lines", levels=[50, 100, 200]))
    assert_tidy(drawing)
    assert not _regions(drawing)
    lines = [item for item in drawing.scene.by_role("contour") if isinstance(item, Path)]
    assert [item.values.tolist() for item in lines if item.values is not None] == [[50], [100], [200]]
    labels = [item for item in drawing.scene.texts if item.role == "contour-label"]
    assert [label.text for label in labels] == ["50", "100", "200"]


@pytest.mark.parametrize("shape", ["filled", "lines"])
@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (90, 60), (16, 16), (300, 700)])
def test_any_size_is_tidy(shape: str, size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    image = {"width": size[0], "height": size[1]}
    for theme in ("light", "dark"):
        assert_tidy(draw_spec(_points(shape=shape, image=image, title="Points"), theme=theme))
        assert_tidy(draw_spec(_points(shape=shape, image=image, color="group"), theme=theme))
        assert_tidy(draw_spec(_grid(shape=shape, image=image), theme=theme))


def test_extreme_amounts(draw_spec: Draw, assert_tidy: Tidy) -> None:
    for z in (
        [1e299, -1e299, 0, 1e299],
        [1e-290, 2e-290, 0, 1e-290],
        [5, 5, 5, 5],
        [1, None, 2, 3],
        [None, None, 1, 2],
    ):
        spec = _grid()
        spec["data"]["columns"] = {"a": [1, 2, 1, 2], "b": [1, 1, 2, 2], "z": z}
        if z[:2] == [None, None]:
            with pytest.raises(SpecError, match="one line"):
                draw_spec(spec)
        else:
            assert_tidy(draw_spec(spec))


@pytest.mark.parametrize(
    ("spec", "where", "what"),
    [
        (_points(x={"value": 1}), "/y", "points on one line"),
        (_points(levels=[0.5, 2]), "/levels", "shares"),
        (_points(levels=[0.5, 0.2]), "/levels/1", "ascend"),
        (_points(levels=99), "/levels", "from 1 to 30"),
        (_points(x="group"), "/x", "numbers are needed"),
        (_grid(x={"value": 3}), "/y", "one line"),
        (_grid(y={"field": "b", "bin": 2}), "/color", "share x and y"),
    ],
)
def test_what_cannot_be_shown_is_said_where(spec: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec)
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message


def test_the_alt_text_says_where_most_points_are(draw_spec: Draw) -> None:
    assert "density of 400 points, B by A. The densest half lies within A" in draw_spec(_points()).alt
    assert "Contours of Z over A and B. It ranges from 0 to 266" in draw_spec(_grid()).alt
