"""Histograms over two dimensions, of rectangles and of hexagons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.kinds.hexbin import nearest_hexagons
from renderer.drawing.scene import Path, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

RANDOM = np.random.default_rng(3)
POINTS = RANDOM.normal(size=(500, 2)) * (10, 2) + (50, 7)


def _spec(kind: str, **fields: Any) -> Spec:
    columns = {"a": POINTS[:, 0].tolist(), "b": POINTS[:, 1].tolist(), "c": (POINTS[:, 0] * 2).tolist()}
    return {"kind": kind, "data": {"columns": columns}, "x": "a", "y": "b"} | fields


def _cells(drawing: Drawing) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    items = [item for item in drawing.scene.by_role("cell") if isinstance(item, Rects)]
    boxes = np.concatenate([item.boxes for item in items])
    return boxes, np.concatenate([item.values for item in items if item.values is not None])


def test_counts_are_numpys(draw_spec: Draw, assert_tidy: Tidy) -> None:
    bins = {"x": {"field": "a", "bin": {"step": 5}}, "y": {"field": "b", "bin": {"step": 1}}}
    drawing = draw_spec(_spec("histogram2d", **bins))
    assert_tidy(drawing)
    _, values = _cells(drawing)
    expected, _, _ = np.histogram2d(
        POINTS[:, 0], POINTS[:, 1], bins=[np.arange(0.0, 105.0, 5.0), np.arange(-5.0, 20.0)]
    )
    assert sorted(values.tolist()) == sorted(expected[expected > 0].tolist())


def test_cells_touch_and_do_not_overlap(draw_spec: Draw) -> None:
    boxes, values = _cells(draw_spec(_spec("histogram2d", bins=12)))
    assert values.sum() == 500
    assert np.ptp(boxes[:, 2] - boxes[:, 0]) < 1e-6
    assert np.ptp(boxes[:, 3] - boxes[:, 1]) < 1e-6
    assert len(np.unique(boxes.round(3), axis=0)) == len(boxes)


@pytest.mark.parametrize("kind", ["histogram2d", "hexbin"])
def test_a_cell_shows_an_amount_of_its_rows(kind: str, draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(kind, color="max(c)"))
    found = [item for item in drawing.scene.primitives if item.role in ("cell", "hexagon")]
    values = np.concatenate(
        [item.values for item in found if isinstance(item, Rects | Path) and item.values is not None]
    )
    assert values.max() == pytest.approx(POINTS[:, 0].max() * 2)
    assert "Maximum c" in drawing.alt
    assert "Mean c" in draw_spec(_spec(kind, color="c")).alt
    counted = draw_spec(_spec(kind, color="count()", least=5))
    fewest = min(
        float(item.values.min())
        for item in counted.scene.primitives
        if item.role in ("cell", "hexagon") and isinstance(item, Rects | Path) and item.values is not None
    )
    assert fewest >= 5


def test_hexagons_are_regular_and_hold_all_rows(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_spec("hexbin", bins=15))
    assert_tidy(drawing)
    items = [item for item in drawing.scene.by_role("hexagon") if isinstance(item, Path)]
    assert sum(float(item.values.sum()) for item in items if item.values is not None) == 500
    sides = []
    for item in items:
        outline = item.points[:7]
        sides += np.hypot(*np.diff(outline, axis=0).T).tolist()
    assert np.ptp(sides) < 1e-6
    # The legend is of what is drawn, not of what was assumed before the area was known.
    largest = max(float(item.values.max()) for item in items if item.values is not None)
    ticks = [int(item.text) for item in drawing.scene.texts if item.role == "legend-label"]
    assert largest * 0.6 < max(ticks) <= largest


def test_each_point_is_in_the_nearest_hexagon() -> None:
    radius = 7.0
    points = RANDOM.uniform(-80, 80, size=(400, 2))
    columns, rows = nearest_hexagons(points, radius)
    grid_rows, grid_columns = np.meshgrid(np.arange(-15, 16), np.arange(-15, 16))
    centers = np.column_stack(
        [
            (grid_columns.ravel() + (grid_rows.ravel() % 2) / 2) * np.sqrt(3) * radius,
            grid_rows.ravel() * 1.5 * radius,
        ]
    )
    nearest = np.hypot(*(points[:, None, :] - centers[None]).transpose(2, 0, 1)).argmin(axis=1)
    assert (columns == grid_columns.ravel()[nearest]).all()
    assert (rows == grid_rows.ravel()[nearest]).all()


def test_months_are_cells_of_a_time_axis(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _spec("histogram2d", x="month(day)")
    days = np.datetime64("2015-01-01") + np.arange(500)
    spec["data"]["columns"]["day"] = np.datetime_as_string(days).tolist()
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    boxes, values = _cells(drawing)
    assert values.sum() == 500
    assert len(np.unique(boxes[:, 0].round(2))) == 17


@pytest.mark.parametrize("kind", ["histogram2d", "hexbin"])
@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (300, 700)])
def test_any_points_are_tidy(kind: str, size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    image = {"width": size[0], "height": size[1]}
    assert_tidy(draw_spec(_spec(kind, title="Points", image=image)))
    for a, b in (([1], [2]), ([5, 5], [3, 3]), ([1e299, -1e299, 0], [1e-280, 2e-280, 0]), ([None, 1], [1, None, 2])):
        spec = _spec(kind, image=image)
        spec["data"]["columns"] = {"a": a, "b": b[: len(a)]}
        if None in a:
            with pytest.raises(SpecError, match="is empty where a value is needed"):
                draw_spec(spec)
        else:
            assert_tidy(draw_spec(spec))


def test_an_area_that_the_author_cut_shows_what_is_in_it(draw_spec: Draw, assert_tidy: Tidy) -> None:
    for kind in ("histogram2d", "hexbin"):
        assert_tidy(draw_spec(_spec(kind, axes={"x": {"min": 45, "max": 46}, "y": {"min": 6, "max": 8}})))


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        ({"x": "mean(a)"}, "/x", "without an aggregate"),
        ({"bins": 1}, "/bins", "from 2 to 200"),
        ({"color": {"field": "b", "agg": "mean", "scale": "log", "min": -1}}, "/color/min", "positive"),
        ({"color": "mean(d)"}, "/color", "no column"),
    ],
)
@pytest.mark.parametrize("kind", ["histogram2d", "hexbin"])
def test_what_cannot_be_shown_is_said_where(kind: str, fields: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(kind, **fields))
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message
