"""Ridges: a curve for each category, from the rear to the front, within the picture however high."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Segments
from renderer.drawing.smoothing import Smoothing
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
RANDOM = np.random.RandomState(8)
VALUES = {
    name: RANDOM.normal(middle, width, 80).round(2)
    for name, middle, width in (("a", 40, 3), ("b", 50, 8), ("c", 60, 5))
}


def _spec(**options: Any) -> Spec:
    columns = {
        "v": np.concatenate(list(VALUES.values())).tolist(),
        "c": [name for name in VALUES for _ in range(80)],
        "g": ["m", "f"] * 120,
    }
    return {"kind": "ridge", "data": {"columns": columns}, "x": "v", "y": "c"} | options


def _paths(drawing: Drawing, role: str) -> list[Path]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Path)]


def _height(path: Path) -> float:
    return float(np.ptp(path.points[:, 1]))


def test_ridges_have_the_heights_of_their_densities(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec())
    assert_tidy(drawing)
    ridges = _paths(drawing, "ridge")
    assert [ridge.name for ridge in ridges] == ["a", "b", "c"]
    peaks = np.array([Smoothing()(values).peak for values in VALUES.values()])
    heights = np.array([_height(ridge) for ridge in ridges])
    assert heights / heights.max() == pytest.approx(peaks / peaks.max())
    # From the rear to the front, which is from top to bottom.
    bottoms = [ridge.points[:, 1].max() for ridge in ridges]
    assert bottoms == sorted(bottoms)


def test_ridges_overlap_as_far_as_asked(draw_spec: Draw) -> None:
    for overlap in (0.0, 0.5, 2.0):
        ridges = _paths(draw_spec(_spec(overlap=overlap, heights="own")), "ridge")
        pitch = ridges[1].points[:, 1].max() - ridges[0].points[:, 1].max()
        assert [_height(ridge) / pitch for ridge in ridges] == pytest.approx([1 + overlap] * 3)


@pytest.mark.parametrize("overlap", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400)])
def test_no_ridge_leaves_the_plot(
    overlap: float, size: tuple[int, int], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    drawing = draw_spec(_spec(overlap=overlap, image={"width": size[0], "height": size[1]}, title="Title"))
    assert_tidy(drawing)
    for line in _paths(drawing, "line"):
        assert line.clip is not None
        assert line.points[:, 1].min() >= line.clip.y0
        assert line.points[:, 1].max() <= line.clip.y1


def test_colours_within_a_row(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(color="g"))
    assert_tidy(drawing)
    assert [ridge.name for ridge in _paths(drawing, "ridge")[:2]] == ["a, m", "a, f"]
    assert [label.text for label in drawing.scene.texts if label.role == "legend-label"] == ["m", "f"]
    assert not list(draw_spec(_spec(color="c")).scene.by_role("legend-label"))


def test_medians(draw_spec: Draw) -> None:
    lines = [item for item in draw_spec(_spec(median=True)).scene.by_role("median") if isinstance(item, Segments)]
    values = [float(item.values[0]) for item in lines if item.values is not None]
    assert values == [float(np.median(column)) for column in VALUES.values()]


def test_rows_are_put_in_order_by_their_medians(draw_spec: Draw) -> None:
    ridges = _paths(draw_spec(_spec(y={"field": "c", "sort": "-x"})), "ridge")
    assert [ridge.name for ridge in ridges] == ["c", "b", "a"]


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [1e300, -1e300], [None, 2.0, -1.0], [1e-300, 2e-300]])
def test_hard_values(values: list[float | None], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(data={"columns": {"v": values, "c": ["a"] * len(values)}}, median=True))
    assert_tidy(drawing)
    assert all(np.isfinite(ridge.points).all() for ridge in _paths(drawing, "ridge"))


def test_too_many_rows_are_refused(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    columns = {"v": list(range(400)), "c": [f"c{index % 100}" for index in range(400)]}
    assert_tidy(draw_spec(_spec(data={"columns": columns})))
    columns["c"] = [f"c{index % 200}" for index in range(400)]
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(data={"columns": columns}))
    assert caught.value.problems[0].pointer == "/y"


def test_the_alternative_text(draw_spec: Draw) -> None:
    alt = draw_spec(_spec()).alt
    assert alt.startswith("Ridge plot of 240 values of V, one curve for each of a, b and c. They range from ")
    assert alt.endswith("(c), the lowest " + alt.split("the lowest ")[1])
    assert "(a)." in alt
